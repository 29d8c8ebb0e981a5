"""uvicorn with connection limits and an orderly shutdown.

After shutting down, uvicorn raises the signal that stopped it again, which ends the process inside
any `with` block around the server. `WebServer` returns instead.
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
from ui.serving.connection_limits import Connection, close_late

_SHUTDOWN_SECONDS = 15
"""How long running requests may take to finish; few take a second."""
_KEEP_ALIVE_SECONDS = 5
_MOST_ACCEPTED = 128
"""Connections accepted at once, before any of them is counted."""
_TICKS = 10  # between two checks of the connections; uvicorn ticks every 0.1 seconds
_LONGEST_CHECK = 2.0
"""Seconds counted at most between two checks: no client is late because the server is busy."""


class WebServer(uvicorn.Server):
    """Serves an application until a signal arrives, and then returns."""

    def __init__(self, app: ASGIApp, protocol: type[Connection] = Connection) -> None:
        """Serve `app` with the connection limits of `protocol`."""
        limit = protocol.limits.connections
        config = uvicorn.Config(
            app,
            http=protocol,
            ws="none",
            log_level="warning",
            access_log=False,
            # `protocol` limits connections; this limits requests that outlive theirs.
            limit_concurrency=limit + 1,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
            backlog=max(1, min(_MOST_ACCEPTED, limit // 2)),
        )
        super().__init__(config)
        self._checked_at = time.monotonic()

    async def on_tick(self, counter: int) -> bool:
        """Do what uvicorn does ten times a second, and close late connections."""
        if counter % _TICKS == 0:
            now = time.monotonic()
            close_late(self.server_state.connections, min(_LONGEST_CHECK, now - self._checked_at))
            self._checked_at = now
        return await super().on_tick(counter)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at a signal without raising it again afterwards."""
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
        """Begin to shut down; at a second signal, do not wait for running requests."""
        self.force_exit = self.should_exit
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish running requests and close the application, even after a second signal."""
        await super().shutdown(sockets)
        if self.force_exit:
            await self.lifespan.shutdown()
