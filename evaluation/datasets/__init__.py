"""Labelled sets: BEIR folders, a person's own questions, and the corpora they are asked of."""
