"""uvicorn, with bounds on connections, and a stop that leaves everything closed.

uvicorn raises a signal again when it has shut down, which ends the process before any `with`
around it is left; here it returns instead.
"""

import contextlib
import signal
import socket
import threading
import time
from collections.abc import Iterator
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from rag.cli.signals import catchable
from ui.serving.connection_limits import Connection, end_late

_SHUTDOWN_SECONDS = 15
"""How long running requests may take to finish; few take a second."""
_KEEP_ALIVE_SECONDS = 5
_MOST_ACCEPTED = 128
"""Connections taken at once, before any of them is counted."""
_TICKS = 10  # of uvicorn's, of 0.1 seconds each, from one look at the connections to the next
_LONGEST_LOOK = 2.0
"""Seconds counted at most from one look to the next: while the server is busy, nobody is late."""


class WebServer(uvicorn.Server):
    """Serves an application until a signal says to stop, and then returns."""

    def __init__(self, app: ASGIApp, protocol: type[Connection] = Connection) -> None:
        """Serve `app`, its connections bounded by the limits of `protocol`."""
        most = protocol.limits.connections
        config = uvicorn.Config(
            app,
            http=protocol,
            ws="none",
            log_level="warning",
            access_log=False,
            # Connections are bounded as they are made; this bounds the work that outlives them.
            limit_concurrency=most + 1,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
            backlog=max(1, min(_MOST_ACCEPTED, most // 2)),
        )
        super().__init__(config)
        self._looked = time.monotonic()

    async def on_tick(self, counter: int) -> bool:
        """Do what uvicorn does ten times a second, and end connections that took too long."""
        if counter % _TICKS == 0:
            now = time.monotonic()
            end_late(self.server_state.connections, min(_LONGEST_LOOK, now - self._looked))
            self._looked = now
        return await super().on_tick(counter)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at a signal; do not raise it again."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in catchable()}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop; at a second signal, wait for no request any more."""
        self.force_exit = self.should_exit
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish running requests and close the application, also when told twice to stop."""
        await super().shutdown(sockets)
        if self.force_exit:
            await self.lifespan.shutdown()
