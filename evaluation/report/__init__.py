"""Evaluations as JSON, Markdown, plots and HTML."""
