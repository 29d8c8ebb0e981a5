"""Moving uploaded files to their places in the library's folder."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path, PurePosixPath

from rag.errors import QuothError
from ui.jobs.file_names import is_case_insensitive, paths_conflict

_FILE_AND_FOLDER = (
    "A file and a folder cannot have the same name. Rename the file, or remove the other."
)
_CASE_ONLY = (
    "Another file's name differs only in upper and lower case, and the server's disk cannot tell "
    "them apart. Rename one of them."
)


class NameTakenError(QuothError):
    """A file cannot be put in place: its path, or a folder of it, is taken."""


def check_target(folder: Path, relative: PurePosixPath) -> None:
    """Raise NameTakenError if a file cannot be stored at a relative path in `folder`."""
    target = folder / relative
    parents = [folder / parent for parent in relative.parents]
    if any(path.is_file() for path in parents) or (target.is_dir() and any(target.iterdir())):
        raise NameTakenError(_FILE_AND_FOLDER)
    if is_case_insensitive(folder):
        for path in (*parents[:-1], target):
            if path.exists() and path.name not in (entry.name for entry in path.parent.iterdir()):
                raise NameTakenError(_CASE_ONLY)


def check_conflicts(folder: Path, target: Path, pending: Iterable[Path]) -> None:
    """Raise NameTakenError if a file cannot be stored beside those that are pending."""
    ignore_case = is_case_insensitive(folder)
    for other in pending:
        if paths_conflict(target, other, ignore_case=ignore_case):
            is_same_depth = len(target.parts) == len(other.parts)
            raise NameTakenError(_CASE_ONLY if is_same_depth else _FILE_AND_FOLDER)


def place_file(source: Path, target: Path) -> None:
    """Move a file to its target, creating folders as needed. Raises NameTakenError, OSError."""
    prepare_target(target)
    try:
        source.replace(target)
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise NameTakenError(_FILE_AND_FOLDER) from error


def prepare_target(target: Path) -> None:
    """Create the folders above a target, and remove an empty folder that is in its place.

    Raises NameTakenError, OSError.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise NameTakenError(_FILE_AND_FOLDER) from error
    if target.is_dir():
        with suppress(OSError):  # not empty
            target.rmdir()
        if target.is_dir():
            raise NameTakenError(_FILE_AND_FOLDER)
