"""The server process: uvicorn, sockets, limits, logs, metrics."""
