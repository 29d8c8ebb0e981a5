"""Trials of a library's durability: killed writers, power cuts, damaged and restored files.

python -m evaluation.durability [--kills 200] [--cuts 500] [--corruptions 1000] [--seed 1]
"""
