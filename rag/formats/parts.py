"""Parts of a file, read one after another: one that ends the process costs itself alone.

A parser in C that fails takes its process down, and what it had read with it. So the reader says
which part it begins and which it is back in, the process that waits for it remembers the last, and
the next process reads the same file but for that part.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rag.errors import UnreadableFileError

NO_MEMORY = (
    "reading it takes more memory than a file is given; split it, or save it anew with the program "
    "that made it"
)


class _Steps:
    """Which part is being read; the worker reads one file at a time."""

    def __init__(self) -> None:
        self.report: Callable[[int], None] = lambda number: None
        self.spoiled: Mapping[int, str] = {}
        self.count = 0
        self.current = 0


_steps = _Steps()


def begin(report: Callable[[int], None], spoiled: Mapping[int, str]) -> None:
    """Begin a file.

    `report` is given the number of each part that is begun, from 1, and, when one is left, that of
    the part which it lies in, 0 for none. `spoiled` has the reasons, by number, why parts are not
    to be read.
    """
    _steps.report, _steps.spoiled = report, spoiled
    _steps.count = _steps.current = 0


@contextmanager
def step() -> Iterator[None]:
    """Read a part within this. Raises UnreadableFileError for one that is not to be read."""
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
