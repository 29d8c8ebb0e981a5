"""Time limits and cancellation for work in a thread.

`within` sets a deadline for everything that is called inside it, as gRPC's deadlines and Go's
contexts do; long loops call `check`. A single run of the model or search of an index cannot be
interrupted; the length of its input bounds it.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from rag.errors import CancelledWorkError, DeadlineExceededError


class Deadline:
    """The time limit of some work, which any thread can cancel earlier."""

    def __init__(self, seconds: float | None = None) -> None:
        """Allow `seconds` from the start of the work; None sets no limit."""
        self.seconds = seconds
        self._end: float | None = None
        self._is_cancelled = False
        self._outer = _current.get()

    def start(self) -> None:
        """Start the clock."""
        if self.seconds is not None:
            self._end = time.monotonic() + self.seconds

    def cancel(self) -> None:
        """Stop the work at its next check."""
        self._is_cancelled = True

    def check(self) -> None:
        """Raise DeadlineExceededError after the limit, CancelledWorkError after `cancel`."""
        if self._outer is not None:
            self._outer.check()
        if self._is_cancelled:
            raise CancelledWorkError("This was cancelled, because nobody waits for it any more.")
        if self._end is not None and time.monotonic() >= self._end:
            raise DeadlineExceededError(
                f"This took longer than {self.seconds:g} s and was stopped. Ask for less at once: "
                "a shorter question, fewer exclusions and filters, fewer passages or documents."
            )


_current: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


@contextmanager
def within(deadline: Deadline) -> Iterator[Deadline]:
    """Run the block under a deadline, in addition to any that already apply."""
    deadline.start()
    token = _current.set(deadline)
    try:
        yield deadline
    finally:
        _current.reset(token)


def check() -> None:
    """Raise DeadlineExceededError or CancelledWorkError when the current work must stop."""
    deadline = _current.get()
    if deadline is not None:
        deadline.check()
