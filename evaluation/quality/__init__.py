"""Ranking, abstention and highlights, measured on labelled sets, beside other systems."""
