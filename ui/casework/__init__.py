"""Cases and conversations in a server."""
