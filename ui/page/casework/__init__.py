"""The page's routes of cases and conversations."""
