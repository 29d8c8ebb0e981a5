"""Standard input that a signal ends, as the client ends it by closing.

A thread that waits for standard input cannot be cancelled, and Python waits for it at exit. So what
arrives goes through a pipe of our own, whose end a signal closes: the reader sees the input end.
"""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType

from rag.cli.signals import catchable

_PIECE = 1 << 16  # bytes, as many as a pipe holds on Linux


class _Pipe:
    """Carries what arrives at a descriptor to another, until either side ends it."""

    def __init__(self, wire: int) -> None:
        self._wire = wire
        self.reading, self._writing = os.pipe()
        self._nothing = os.open(os.devnull, os.O_WRONLY)
        # A daemon, which nobody waits for; it reads the descriptor itself and so holds no lock.
        threading.Thread(target=self._carry, daemon=True).start()

    def _carry(self) -> None:
        with contextlib.suppress(OSError):  # the reader has gone
            while piece := os.read(self._wire, _PIECE):
                while piece:
                    piece = piece[os.write(self._writing, piece) :]
        self.end()

    def end(self) -> None:
        """Let the reader see the end of its input; a second call does nothing."""
        # Replaced and not closed: what opens next would get the number that is still written to.
        os.dup2(self._nothing, self._writing)


@contextlib.contextmanager
def input_ended_by_signals() -> Iterator[None]:
    """Let the first signal that asks to end close standard input; a second one interrupts."""
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
