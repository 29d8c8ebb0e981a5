"""Waiting for a library that another process or thread is changing."""

import time
from collections.abc import Callable
from typing import TypeVar

from rag.errors import StoreBusyError

Result = TypeVar("Result")

_SECONDS, _PAUSE = 5.0, 0.1
"""How long `retry_for_seconds` tries, and the pause between two attempts."""


def retry_while_busy(change: Callable[[], Result], gives_up: Callable[[], bool]) -> Result:
    """Call `change` until the library is not busy; return its result.

    `gives_up` is called after each refusal. It waits a while, or returns True to stop trying.
    Raises StoreBusyError then, and whatever `change` raises.
    """
    while True:
        try:
            return change()
        except StoreBusyError:
            if gives_up():
                raise


def retry_for_seconds(change: Callable[[], Result]) -> Result:
    """Call `change` until the library is not busy, for 5 seconds at most; return its result.

    A file that was just added keeps the library locked until its indexes are saved. Raises
    StoreBusyError when it stays locked, and whatever `change` raises.
    """
    end = time.monotonic() + _SECONDS

    def gives_up() -> bool:
        time.sleep(_PAUSE)
        return time.monotonic() >= end

    return retry_while_busy(change, gives_up)
