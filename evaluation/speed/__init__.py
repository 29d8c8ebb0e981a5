"""The speed of indexing and answering: `python -m evaluation.speed`."""
