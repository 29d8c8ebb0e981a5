"""HTML, and formats that are made of it or like it."""
