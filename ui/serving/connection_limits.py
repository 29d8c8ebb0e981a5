"""Connection limits that uvicorn lacks: their number, and timeouts for slow clients.

uvicorn limits neither the time that a header or a body takes to arrive, nor the time that a client
takes to read a response, so half a request would hold a connection forever. Only the client's own
delay counts against these limits; time in which the server works does not.
"""

import asyncio
import itertools
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

import h11
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol

Phase = Literal["header", "body", "answer", "unread"]
"""What a connection waits for: a request, the rest of one, the server's own work, or the rest of a
request that was answered early."""

_MOST = 1_000
_FILES_PER_CONNECTION = 3  # its socket, a file it sends, and one to spare


def _connections_allowed() -> int:
    """Return how many connections fit in the number of files that this process may open."""
    if sys.platform == "win32":
        return _MOST
    import resource

    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return _MOST
    return max(1, min(_MOST, files // _FILES_PER_CONNECTION))


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits on clients.

    The times and the lowest rate are like the defaults of Apache's mod_reqtimeout (`header=20-40
    body=20,MinRate=500`) and of nginx (`lingering_time 30s`).
    """

    connections: int
    """How many at once."""
    header: float = 20.0
    """Seconds from the connection, or from the previous response, to the end of a header."""
    body: float = 30.0
    """Seconds that a body may fall behind `rate`."""
    unread: float = 30.0
    """Seconds for which the rest of a request is still read after an early response."""
    sending: float = 30.0
    """Seconds that a client may fall behind `rate` in reading a response."""
    rate: int = 500
    """The lowest average rate at which clients must send and read, in bytes a second."""


class Connection(H11Protocol):
    """A connection that is closed if its client is too slow."""

    limits: ClassVar[Limits] = Limits(connections=_connections_allowed())
    _numbers: ClassVar[Iterator[int]] = itertools.count()

    _number = 0
    """Counts connections in the order of their arrival."""
    _state: tuple[Phase, object] | None = None
    _send_allowance = 0.0
    """Seconds that the client may still be late in sending."""
    _unsent = 0
    """Bytes that the client had not read at the last check."""
    _read_allowance = 0.0
    """Seconds that the client may still be late in reading."""

    @property
    def phase(self) -> Phase:
        """What the connection waits for."""
        is_sending = self.conn.their_state is h11.SEND_BODY
        if self.cycle is None or self.cycle.response_complete:
            return "unread" if is_sending else "header"
        is_late = not self.flow.read_paused and not self.cycle.waiting_for_100_continue
        return "body" if is_sending and is_late else "answer"

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept a connection. Beyond the limit, close the oldest idle one, or refuse this one."""
        super().connection_made(transport)
        self._number = next(self._numbers)
        self._read_allowance = self.limits.sending
        self._send_allowance = self.limits.header
        connections = [c for c in _ours(self.connections) if not c.transport.is_closing()]
        if len(connections) <= self.limits.connections:
            return
        idle = [c for c in connections if c is not self and c.phase in ("header", "unread")]
        if idle:
            min(idle, key=lambda c: (c._send_allowance, c._number)).transport.abort()
        else:
            self._refuse(503, "Too many connections. Try again in a moment.")

    def data_received(self, data: bytes) -> None:
        """Read a part of a request; the bytes of a body earn time."""
        if self.phase == "body":
            earned = self._send_allowance + len(data) / self.limits.rate
            self._send_allowance = min(self.limits.body, earned)
        super().data_received(data)

    def check(self, seconds: float) -> None:
        """Count the `seconds` since the last check, and close the connection if it is late."""
        if self._reads_late(seconds):
            self.transport.abort()
        elif not self.transport.is_closing():
            self._check_sending(seconds)

    def _check_sending(self, seconds: float) -> None:
        phase = self.phase
        if (phase, self.cycle) != self._state:
            self._state = phase, self.cycle
            allowances = {
                "header": self.limits.header,
                "body": self.limits.body,
                "unread": self.limits.unread,
            }
            self._send_allowance = allowances.get(phase, 0.0)
        if phase == "answer":
            return
        self._send_allowance -= seconds
        if self._send_allowance >= 0:
            return
        if phase == "unread" or (phase == "header" and not self.conn.trailing_data[0]):
            self.transport.close()
        else:
            self._refuse(408, "The request took too long to arrive. Send it again.")

    def _reads_late(self, seconds: float) -> bool:
        """Tell whether the client has fallen too far behind in reading a response."""
        unsent = self.transport.get_write_buffer_size()
        read = max(0, self._unsent - unsent)
        self._unsent = unsent
        if not unsent:
            self._read_allowance = self.limits.sending
            return False
        earned = self._read_allowance + read / self.limits.rate
        self._read_allowance = min(self.limits.sending, earned) - seconds
        return self._read_allowance < 0

    def _refuse(self, status: int, message: str) -> None:
        """Send an error, unless the application has begun to respond, and close the connection."""
        cycle = self.cycle
        if cycle is None or cycle.response_complete or not cycle.response_started:
            lines = (
                f"HTTP/1.1 {status} {STATUS_PHRASES[status].decode()}",
                "Content-Type: text/plain; charset=utf-8",
                f"Content-Length: {len(message)}",
                "Retry-After: 1",
                "Connection: close",
            )
            self.transport.write(("\r\n".join(lines) + f"\r\n\r\n{message}").encode())
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True  # tells the application that the client has left
            cycle.message_event.set()
        self.transport.close()

    def _unsupported_upgrade_warning(self) -> None:
        """Log nothing about requests for a WebSocket: anybody may send one."""


def close_late(connections: Iterable[object], seconds: float) -> None:
    """Close the connections that are late, `seconds` after the last check."""
    for connection in _ours(connections):
        connection.check(seconds)


def _ours(connections: Iterable[object]) -> list[Connection]:
    return [connection for connection in connections if isinstance(connection, Connection)]
