"""A person's own work on a library: cases of kept quotes, and conversations."""
