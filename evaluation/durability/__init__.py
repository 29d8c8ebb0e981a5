"""Whether a library survives what may befall it: killed writers, power cuts, damaged files.

python -m evaluation.durability [--kills 200] [--cuts 500] [--corruptions 1000] [--seed 1]
"""
