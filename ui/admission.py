"""A bounded queue before all that works: so many run, so many wait, the rest are told at once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import anyio
from anyio import CapacityLimiter, Semaphore

from rag.async_library import in_thread
from rag.deadlines import Deadline
from rag.errors import QuothError

Result = TypeVar("Result")

_PATIENCE_SECONDS = 30
"""How long work waits for its turn: as long as a browser's user may, and many proxies do."""


class BusyError(QuothError):
    """As much waits as may; the page says so in its own words."""


class AdmissionQueue:
    """Runs work in threads, a few at a time, each until its deadline."""

    def __init__(
        self, running: int, waiting: int, seconds: Callable[[], float | None] = lambda: None
    ) -> None:
        """Let `running` pieces of work go on at once, and `waiting` more wait.

        `seconds` tells how long each may take once it is its turn; None is as long as it takes.
        """
        self._turns = Semaphore(running)
        self._threads = CapacityLimiter(running)
        self._most = running + waiting
        self._seconds = seconds
        self.inside = 0
        """How many run or wait now."""

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Count as one that runs or waits. Raises BusyError when as many do as may."""
        if self.inside >= self._most:
            raise BusyError(_BUSY)
        self.inside += 1
        try:
            yield
        finally:
            self.inside -= 1

    async def run(self, work: Callable[[], Result]) -> Result:
        """Return what `work` returns, once it is its turn.

        Cancelled while it waits, it never begins; while it runs, it ends at its next look at the
        deadline. Raises BusyError, or what the work raises, DeadlineExceededError among it.
        """
        with self.entered():
            return await self.run_entered(work)

    async def run_entered(self, work: Callable[[], Result]) -> Result:
        """Do what `run` does for what was let in by `entered`."""
        try:
            with anyio.fail_after(_PATIENCE_SECONDS):
                await self._turns.acquire()
        except TimeoutError:
            raise BusyError(_BUSY) from None
        try:
            return await in_thread(work, Deadline(self._seconds()), self._threads)
        finally:
            self._turns.release()


_BUSY = "Many questions are being answered right now. Try again in a moment."
