"""python -m evaluation DATASET: the same as quoth evaluate."""

from evaluation.command import evaluate

evaluate()
