"""Character sets from before Unicode."""
