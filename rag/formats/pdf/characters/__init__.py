"""Characters of a PDF page: their boxes, the gaps between them, and what is raised or lowered."""
