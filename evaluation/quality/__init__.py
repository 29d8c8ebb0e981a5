"""Ranking, abstention and highlights measured on labelled sets, next to other systems."""
