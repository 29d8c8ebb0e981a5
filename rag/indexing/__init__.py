"""From paths to kept passages: discover, read, chunk, embed, store."""
