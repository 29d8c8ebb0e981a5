"""Listening sockets, opened before anything slow is loaded."""

import ipaddress
import socket

from rag.errors import QuothError

HOST = "127.0.0.1"


class PortError(QuothError):
    """The server cannot listen on this address."""


def is_this_machine_only(host: str) -> bool:
    """Tell whether only this machine can reach an address; the only such name is localhost."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def listen(port: int, host: str = HOST) -> socket.socket:
    """Return a socket that listens on a port, 0 for any free one. Raises PortError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sets TCP_NODELAY, which sends small packets at once, only if the protocol is named.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        bound.listen(256)
    except OSError as error:
        bound.close()
        raise PortError(
            f"Cannot listen on port {port} ({error.strerror}). Choose another with --port."
        ) from error
    return bound
