"""The chat page and the HTTP server around it. Retrieval itself is `rag`'s alone."""
