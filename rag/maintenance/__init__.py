"""A library kept up to date with its folders, and restored after damage."""
