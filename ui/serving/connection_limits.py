"""Bounds on a connection that uvicorn lacks: how many, how long a request and an answer may take.

uvicorn limits neither the time that a header or a body takes to arrive, nor the time that a client
takes to read its answer, so half a request would hold a connection for ever. What is given here is
time that only the client's own delay uses up: while the server works, nothing is counted.
"""

import asyncio
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal

import h11
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol

Phase = Literal["header", "body", "answer", "unread"]
"""What a connection waits for: a request, the rest of one, the server's own work, or the rest of a
request that is answered already."""

_MOST = 1_000
_FILES_EACH = 3  # open files to each connection allowed: its socket, a file it sends, one to spare


def _connections_allowed() -> int:
    """Return how many connections leave enough of the files that this process may open."""
    if sys.platform == "win32":
        return _MOST
    import resource

    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST if files == resource.RLIM_INFINITY else max(1, min(_MOST, files // _FILES_EACH))


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a client may take.

    Times and the least rate are like the defaults of Apache's mod_reqtimeout (`header=20-40
    body=20,MinRate=500`) and of nginx (`lingering_time 30s`).
    """

    connections: int
    """How many at once."""
    header: float = 20.0
    """Seconds from the connection, or from the answer before, to the last line of a header."""
    body: float = 30.0
    """Seconds for which a body may be late, counted at `rate`."""
    unread: float = 30.0
    """Seconds for which the rest of a request is still read when it has been answered."""
    sending: float = 30.0
    """Seconds for which a client may be late in reading an answer, counted at `rate`."""
    rate: int = 500
    """Bytes a second that a client has to send or read at least, on the whole."""


class Connection(H11Protocol):
    """One connection, which ends when its client takes too long."""

    limits: ClassVar[Limits] = Limits(connections=_connections_allowed())

    _state: tuple[Phase, object] | None = None
    _left = 0.0
    """Seconds that the client may still be late in sending."""
    _unsent = 0
    """Bytes that wait for the client to read, when last looked at."""
    _patience = 0.0
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
        """Take a connection; where there are too many, end the oldest idle one, or refuse it."""
        super().connection_made(transport)
        self._patience = self.limits.sending
        self._left = self.limits.header
        open_ones = [one for one in _ours(self.connections) if not one.transport.is_closing()]
        if len(open_ones) <= self.limits.connections:
            return
        idle = [one for one in open_ones if one is not self and one.phase in ("header", "unread")]
        if idle:
            min(idle, key=lambda one: one._left).transport.abort()
        else:
            self._refuse(503, "Too many connections. Try again in a moment.")

    def data_received(self, data: bytes) -> None:
        """Read a piece of a request; a body earns time by it."""
        if self.phase == "body":
            earned = self._left + len(data) / self.limits.rate
            self._left = min(self.limits.body, earned)
        super().data_received(data)

    def look(self, seconds: float) -> None:
        """Count `seconds` that have passed since the last look, and end what took too long."""
        if self._is_unread_for(seconds):
            self.transport.abort()
        elif not self.transport.is_closing():
            self._count(seconds)

    def _count(self, seconds: float) -> None:
        phase = self.phase
        if (phase, self.cycle) != self._state:
            self._state = phase, self.cycle
            given = {
                "header": self.limits.header,
                "body": self.limits.body,
                "unread": self.limits.unread,
            }
            self._left = given.get(phase, 0.0)
        if phase == "answer":
            return
        self._left -= seconds
        if self._left >= 0:
            return
        if phase == "unread" or (phase == "header" and not self.conn.trailing_data[0]):
            self.transport.close()
        else:
            self._refuse(408, "The request took too long to arrive. Send it again.")

    def _is_unread_for(self, seconds: float) -> bool:
        """Tell whether the client has been too late in reading what was sent to it."""
        unsent = self.transport.get_write_buffer_size()
        read = max(0, self._unsent - unsent)
        self._unsent = unsent
        if not unsent:
            self._patience = self.limits.sending
            return False
        earned = self._patience + read / self.limits.rate
        self._patience = min(self.limits.sending, earned) - seconds
        return self._patience < 0

    def _refuse(self, status: int, message: str) -> None:
        """Answer in place of the application, where it has not begun to, and end the connection."""
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
            cycle.disconnected = True  # the application learns that the client is gone
            cycle.message_event.set()
        self.transport.close()

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing in the log of a request for a WebSocket: anybody may send one."""


def end_late(connections: Iterable[object], seconds: float) -> None:
    """Look at every connection, `seconds` after the last time."""
    for connection in _ours(connections):
        connection.look(seconds)


def _ours(connections: Iterable[object]) -> list[Connection]:
    return [one for one in connections if isinstance(one, Connection)]
