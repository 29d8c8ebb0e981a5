"""Measurements of a running server: load, uploads, interfaces, the page."""
