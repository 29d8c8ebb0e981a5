"""OpenDocument texts: their styles, the numbers of their lists, paragraphs and tables."""
