"""Files that the chat page took in: they lie in the library's own folder, and go with it."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from vector_store.errors import StoreUnwritableError

FOLDER = "files"
"""Below the library's folder."""


def delete(library: Path, paths: Iterable[str]) -> None:
    """Delete those of these files that were taken in; others are the person's own.

    Raises StoreUnwritableError when the system refuses.
    """
    folder = library / FOLDER
    for file in map(Path, paths):
        if file.is_relative_to(folder):
            try:
                file.unlink(missing_ok=True)
            except OSError as error:
                raise StoreUnwritableError(
                    f"The document was removed, and its file {file} cannot be deleted: "
                    f"{error.strerror}. Delete it yourself."
                ) from error
            leave(file, folder)


def leave(file: Path, folder: Path) -> None:
    """Delete the folders that a file was alone in, up to a folder: their names tell of it."""
    for above in file.parents:
        if above == folder or not above.is_relative_to(folder):
            return
        with suppress(OSError):  # not empty
            above.rmdir()
