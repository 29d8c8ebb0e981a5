"""A bounded queue before the questions: so many run, so many wait, the rest are told at once."""

from collections.abc import Callable
from typing import TypeVar

import anyio
from anyio import CapacityLimiter

from rag.errors import QuothError

Result = TypeVar("Result")


class BusyError(QuothError):
    """As many questions wait as may; the page says so in its own words."""


class Doorway:
    """Runs work in threads, a few at a time."""

    def __init__(self, running: int, waiting: int) -> None:
        """Let `running` pieces of work go on at once, and `waiting` more wait."""
        self._limiter = CapacityLimiter(running)
        self._most = running + waiting
        self.inside = 0
        """How many run or wait now."""

    async def run(self, work: Callable[[], Result]) -> Result:
        """Return what `work` returns, once it is its turn. Raises BusyError, or what it raises."""
        if self.inside >= self._most:
            raise BusyError("Many questions are being answered right now. Try again in a moment.")
        self.inside += 1
        try:
            # Not abandoned when the browser goes away: a running question is finished.
            return await anyio.to_thread.run_sync(work, limiter=self._limiter)
        finally:
            self.inside -= 1
