"""Keeping a library up to date with its folders, and restoring a damaged one."""
