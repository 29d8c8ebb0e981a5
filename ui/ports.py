"""The port the page listens on, taken before anything slow is loaded."""

import socket

from rag.errors import QuothError

HOST = "127.0.0.1"


class PortError(QuothError):
    """The port cannot be listened on."""


def listen(port: int) -> socket.socket:
    """Return a socket bound to `port` of this machine, 0 for any free one. Raises PortError."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((HOST, port))
        bound.listen()
    except OSError as error:
        bound.close()
        raise PortError(
            f"Port {port} cannot be used ({error.strerror}). Choose another with --port."
        ) from error
    return bound
