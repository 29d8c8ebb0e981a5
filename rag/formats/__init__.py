"""Readers of formats that are more than text; each runs in a worker process.

`docs/formats.md` tells which libraries read them, and under which licence. Nothing here imports
what a reader needs before a file of its kind comes: the worker starts in a moment.
"""
