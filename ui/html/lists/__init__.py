"""Lists as HTML: what goes on below an answer, mentions of a text, and tables of questions."""
