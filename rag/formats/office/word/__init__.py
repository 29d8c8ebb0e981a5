"""WordprocessingML: its styles, the numbers it draws, its notes, runs and tables."""
