"""A second way of reading a file, which shares no parser with the first: a witness for quotes."""
