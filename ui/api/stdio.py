"""Standard input that a signal closes, just as the client can.

A thread that waits for standard input cannot be cancelled, and Python waits for it at exit. So the
input goes through a pipe, whose writing end a signal closes: the reader sees the end of input.
"""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType

from rag.cli.signals import catchable

_CHUNK = 1 << 16  # bytes, the capacity of a pipe on Linux


class _Pipe:
    """Copies the bytes of a file descriptor into a pipe, until either side closes."""

    def __init__(self, source: int) -> None:
        self._source = source
        self.reading, self._writing = os.pipe()
        self._nothing = os.open(os.devnull, os.O_WRONLY)
        # A daemon, so that Python does not wait for it; os.read holds no lock of sys.stdin.
        threading.Thread(target=self._copy, daemon=True).start()

    def _copy(self) -> None:
        with contextlib.suppress(OSError):  # the reader has gone
            while chunk := os.read(self._source, _CHUNK):
                while chunk:
                    chunk = chunk[os.write(self._writing, chunk) :]
        self.end()

    def end(self) -> None:
        """End the reader's input; a second call does nothing."""
        # Replaced rather than closed, or the next file opened would get the descriptor's number.
        os.dup2(self._nothing, self._writing)


@contextlib.contextmanager
def input_ended_by_signals() -> Iterator[None]:
    """Close standard input at the first signal to end; leave the second its usual effect."""
    pipe = _Pipe(os.dup(0))
    os.dup2(pipe.reading, 0)
    os.close(pipe.reading)

    def end(number: int, frame: FrameType | None) -> None:
        restore()
        pipe.end()

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    before = {number: signal.signal(number, end) for number in catchable()}
    try:
        yield
    finally:
        restore()
