"""Embedding models, their tokenizers, and the cross-encoder."""
