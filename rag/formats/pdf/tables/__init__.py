"""Tables on PDF pages: by the lines that are drawn around cells, or by cells in columns."""
