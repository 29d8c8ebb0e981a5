"""A running server, measured: load, uploads, interfaces, the page."""
