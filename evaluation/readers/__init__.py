"""The file readers on real and on broken files."""
