"""Where passages are kept and found again: vectors, terms, ids, bytes on disk.

Never reads a user's file, never embeds, never words an answer. FAISS and tantivy are imported
only when `LocalStore` is.
"""
