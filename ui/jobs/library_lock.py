"""A library that something else changes at the moment: a change is tried until it is free."""

from collections.abc import Callable
from typing import TypeVar

from rag.errors import StoreBusyError

Result = TypeVar("Result")


def when_free(change: Callable[[], Result], gives_up: Callable[[], bool]) -> Result:
    """Return what a change returns, made once nothing else changes the library.

    `gives_up` is called after each try that was refused: it waits a while, or returns True to
    end the waiting. Raises StoreBusyError then, or what `change` raises.
    """
    while True:
        try:
            return change()
        except StoreBusyError:
            if gives_up():
                raise
