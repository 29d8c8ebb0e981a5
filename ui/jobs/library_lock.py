"""Waiting for a library that another process or thread is changing."""

from collections.abc import Callable
from typing import TypeVar

from rag.errors import StoreBusyError

Result = TypeVar("Result")


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
