"""Opening the cases that a command works on."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from rag.casework.casework import Casework
from rag.default_library import open_to_ask, own_casework
from rag.library import Library


@contextlib.contextmanager
def casework_of(folder: Path | None) -> Iterator[tuple[Library, Casework]]:
    """Open a library and give it with its cases.

    Where there is no library yet, passages are those of the examples, and cases the person's own.
    Raises SourceError when a library that is named does not exist.
    """
    opened = open_to_ask(folder, None)
    with opened.library as library:
        yield library, own_casework(library) if opened.seeds else library.casework
