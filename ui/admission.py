"""A bounded queue: a limited number of calls run, a limited number wait, the rest are refused."""

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
"""How long a call waits for its turn: about as long as a person does, and many proxies."""


class BusyError(QuothError):
    """The queue is full; the page has its own wording for this."""


class AdmissionQueue:
    """Runs work in threads, a few at a time, each until its deadline."""

    def __init__(
        self, running: int, waiting: int, seconds: Callable[[], float | None] = lambda: None
    ) -> None:
        """Let `running` calls run at once, and `waiting` more wait.

        `seconds` returns the time limit of a call, counted from its turn; None for no limit.
        """
        self._turns = Semaphore(running)
        self._threads = CapacityLimiter(running)
        self._limit = running + waiting
        self._seconds = seconds
        self.inside = 0
        """How many calls are running or waiting."""

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Take a place in the queue. Raises BusyError when it is full."""
        if self.inside >= self._limit:
            raise BusyError(_BUSY)
        self.inside += 1
        try:
            yield
        finally:
            self.inside -= 1

    async def run(self, work: Callable[[], Result]) -> Result:
        """Run `work` in a thread when its turn comes, and return its result.

        When cancelled, work that is waiting never starts, and work that is running ends the next
        time it checks its deadline. Raises BusyError, DeadlineExceededError, or what `work` raises.
        """
        with self.entered():
            return await self.run_entered(work)

    async def run_entered(self, work: Callable[[], Result]) -> Result:
        """Do what `run` does, within `entered`."""
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
