"""`quoth cases`: cases of kept quotes on the command line."""
