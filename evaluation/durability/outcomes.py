"""Outcomes of trials, and the log messages that belong to them."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What was done to a library, and the outcome."""

    what: str
    outcome: str
    fault: str = ""
    """What is wrong with the outcome; empty if nothing is."""


@contextmanager
def captured_log() -> Iterator[list[str]]:
    """Collect the warnings and errors that `quoth` logs in a `with` statement."""
    messages: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: messages.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("quoth")
    logger.addHandler(handler)
    try:
        yield messages
    finally:
        logger.removeHandler(handler)
