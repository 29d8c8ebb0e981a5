"""The database: documents, passages, vectors, checksums."""
