"""PDF: characters to lines, lines to paragraphs; pages as pictures."""
