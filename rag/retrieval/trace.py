"""The milliseconds that each stage of a question takes, for whoever measures them.

with recorded() as milliseconds:
    library.ask("Who may vote?")
print(milliseconds["features"])
"""

import contextlib
import time
from collections.abc import Iterator
from contextvars import ContextVar

_recording: ContextVar[dict[str, float] | None] = ContextVar("recording", default=None)


@contextlib.contextmanager
def recorded() -> Iterator[dict[str, float]]:
    """Record the stages of questions asked within, in this thread: milliseconds by stage.

    A stage that runs several times counts in all; one within another counts in both.
    """
    milliseconds: dict[str, float] = {}
    token = _recording.set(milliseconds)
    try:
        yield milliseconds
    finally:
        _recording.reset(token)


@contextlib.contextmanager
def stage(name: str) -> Iterator[None]:
    """Add the time spent within to a stage, where it is recorded."""
    milliseconds = _recording.get()
    if milliseconds is None:
        yield
        return
    start = time.perf_counter()
    try:
        yield
    finally:
        elapsed = 1000 * (time.perf_counter() - start)
        milliseconds[name] = milliseconds.get(name, 0.0) + elapsed
