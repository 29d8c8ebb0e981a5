"""Reports on evaluations: JSON, Markdown, plots and HTML."""
