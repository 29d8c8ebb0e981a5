"""What the reader on the page asks of single documents."""
