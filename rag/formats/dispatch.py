"""Dispatch of a file, or of a file within another file, to the reader of its format."""

from importlib import import_module

from rag.errors import UnreadableFileError
from rag.formats.extract import Extract
from rag.formats.registry import kind_of

_DEEPEST = 3
"""A ZIP archive in an e-mail in a ZIP archive, for example."""
_open_files: list[str] = []
"""The files being read, outermost first. The worker reads one file at a time."""


def extract(name: str, data: bytes) -> Extract:
    """Read a file, or a file within the one being read.

    Raises UnreadableFileError with the reason, or MemoryError.
    """
    if len(_open_files) > _DEEPEST:
        raise UnreadableFileError(f"it is nested in more than {_DEEPEST} other files")
    kind = kind_of(name, data)
    _open_files.append(name)
    try:
        result: Extract = import_module(kind.module).read(data, name)
    except (UnreadableFileError, MemoryError):
        raise
    except RecursionError as error:
        raise UnreadableFileError("its content is nested too deeply") from error
    # Parsers raise any exception on broken input, which concerns this file alone. It is quoted in
    # the reason, so that nothing is hidden.
    except Exception as error:
        cause = " ".join(f"{type(error).__name__}: {error}".split())[:160]
        raise UnreadableFileError(
            f"the file is damaged, or in a variant that is not supported ({cause})"
        ) from error
    finally:
        _open_files.pop()
    result.check_size()
    if not result.text.strip():
        raise UnreadableFileError("the file contains no words")
    return result
