"""The indexes derived from the database: FAISS and tantivy, saved as snapshots."""
