"""`quoth index`: its command, and what it shows."""
