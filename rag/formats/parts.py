"""Parts of a file, such as pages, read so that a crash costs one part and not the file.

A C parser that crashes takes its process down, with all that it had read. So a reader reports each
part that it enters and leaves, the parent process remembers the last, and the next worker process
reads the same file without that part.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rag.errors import UnreadableFileError

NO_MEMORY = (
    "reading it takes more memory than a file may take; split it, or save it again in the program "
    "that made it"
)


class _Steps:
    """The part being read. The worker reads one file at a time."""

    def __init__(self) -> None:
        self.report: Callable[[int], None] = lambda number: None
        self.spoiled: Mapping[int, str] = {}
        self.count = 0
        self.current = 0


_steps = _Steps()


def begin(report: Callable[[int], None], spoiled: Mapping[int, str]) -> None:
    """Begin a file.

    `report` receives the number of each part entered, from 1. When a part is left, it receives the
    number of the part around it, or 0. `spoiled` has the reason to skip a part, by its number.
    """
    _steps.report, _steps.spoiled = report, spoiled
    _steps.count = _steps.current = 0


@contextmanager
def step() -> Iterator[None]:
    """Enter a part for the `with` statement. Raises UnreadableFileError to skip it."""
    _steps.count += 1
    number = _steps.count
    if number in _steps.spoiled:
        raise UnreadableFileError(_steps.spoiled[number])
    outer, _steps.current = _steps.current, number
    _steps.report(number)
    try:
        yield
    except MemoryError as error:
        raise UnreadableFileError(NO_MEMORY) from error
    finally:
        _steps.current = outer
        _steps.report(outer)
