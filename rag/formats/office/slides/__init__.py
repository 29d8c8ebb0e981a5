"""PresentationML: text, numbers that PowerPoint draws, and tables."""
