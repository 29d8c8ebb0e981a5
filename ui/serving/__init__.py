"""The web server: uvicorn, sockets, connection limits, logs, metrics."""
