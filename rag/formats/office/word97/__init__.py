"""Word documents of the binary format: how text stands, the numbers and marks that are drawn."""
