"""Bytes of any kind to an extract: the one way in, also for what lies within other files."""

from importlib import import_module

from rag.errors import UnreadableFileError
from rag.formats.extract import Extract
from rag.formats.registry import kind_of

_DEEPEST = 3  # a ZIP in a mail in a ZIP
_opened: list[str] = []
"""The files being read now, outermost first; the worker reads one at a time."""


def extract(name: str, data: bytes) -> Extract:
    """Read a file, or a part of the one being read.

    Raises UnreadableFileError with the reason, or MemoryError.
    """
    if len(_opened) > _DEEPEST:
        raise UnreadableFileError(f"it lies in more than {_DEEPEST} files, one within the other")
    kind = kind_of(name, data)
    _opened.append(name)
    try:
        found: Extract = import_module(kind.module).read(data, name)
    except (UnreadableFileError, MemoryError):
        raise
    except RecursionError as error:
        raise UnreadableFileError("it is nested deeper than any reader follows") from error
    # Parsers raise anything at all on broken input, and it concerns this one file or part alone;
    # what they raised is told, so that nothing is hidden.
    except Exception as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())[:160]
        raise UnreadableFileError(
            f"the file is damaged, or of a kind its reader cannot read ({said})"
        ) from error
    finally:
        _opened.pop()
    found.check_size()
    if not found.text.strip():
        raise UnreadableFileError("the file contains no words")
    return found
