"""How fast indexing and answering are: `python -m evaluation.speed`."""
