"""How long a piece of work may take, and whether anybody still waits for it.

A deadline is set around work and holds for all that the work calls in its thread, as gRPC's
deadlines and Go's contexts do; long loops call `check`. What cannot be interrupted, one run of the
model or one search of an index, is bounded by the length of what it is given.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from rag.errors import CancelledWorkError, DeadlineExceededError


class Deadline:
    """An end for some work, which can be cancelled before, from any thread."""

    def __init__(self, seconds: float | None = None) -> None:
        """End in `seconds` from the beginning of the work, or never without."""
        self.seconds = seconds
        self._end: float | None = None
        self._is_cancelled = False
        self._outer = _current.get()

    def start(self) -> None:
        """Let the time run: the work begins."""
        if self.seconds is not None:
            self._end = time.monotonic() + self.seconds

    def cancel(self) -> None:
        """End the work at its next check."""
        self._is_cancelled = True

    def check(self) -> None:
        """Raise DeadlineExceededError past the end, CancelledWorkError when nobody waits."""
        if self._outer is not None:
            self._outer.check()
        if self._is_cancelled:
            raise CancelledWorkError("Nobody waits for this any more.")
        if self._end is not None and time.monotonic() >= self._end:
            raise DeadlineExceededError(
                f"This took longer than {self.seconds:g} s and was stopped. Ask for less at once: "
                "a shorter question, fewer exclusions and filters, fewer passages or documents."
            )


_current: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


@contextmanager
def within(deadline: Deadline) -> Iterator[Deadline]:
    """Hold what runs inside to a deadline, and to those that hold already."""
    deadline.start()
    token = _current.set(deadline)
    try:
        yield deadline
    finally:
        _current.reset(token)


def check() -> None:
    """Raise DeadlineExceededError or CancelledWorkError when the work at hand is to end."""
    deadline = _current.get()
    if deadline is not None:
        deadline.check()
