"""Whether a library survives what may befall it: killed writers, damaged files, damage restored.

python -m evaluation.durability [--kills 200] [--corruptions 1000] [--seed 1]
"""
