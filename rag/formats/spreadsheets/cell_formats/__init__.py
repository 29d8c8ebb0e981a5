"""Number formats of workbooks: how a value is written in a cell."""
