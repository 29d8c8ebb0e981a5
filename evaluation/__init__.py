"""Labelled sets in, figures out. Uses `rag` as any program would."""
