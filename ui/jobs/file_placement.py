"""Files that were sent, moved to their places beside the library."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path, PurePosixPath

from rag.errors import QuothError
from ui.jobs.file_names import clash, is_one_for_the_disk

_ONE_NAME = "A file and a folder cannot have one name. Rename the file, or remove the other."
_ONE_PLACE = (
    "Another file has this name but for capitals, and the server's disk takes both for one. "
    "Rename one of them."
)


class NameTakenError(QuothError):
    """A file cannot be put in its place: another has it, or stands where its folder would."""


def check_place(folder: Path, relative: PurePosixPath) -> None:
    """Raise NameTakenError when a file cannot be kept at a path in a folder."""
    target = folder / relative
    above = [folder / parent for parent in relative.parents]
    if any(path.is_file() for path in above) or (target.is_dir() and any(target.iterdir())):
        raise NameTakenError(_ONE_NAME)
    if is_one_for_the_disk(folder):
        for path in (*above[:-1], target):
            if path.exists() and path.name not in (one.name for one in path.parent.iterdir()):
                raise NameTakenError(_ONE_PLACE)


def check_others(folder: Path, path: Path, others: Iterable[Path]) -> None:
    """Raise NameTakenError when a file cannot be kept at a path beside others still to come."""
    folded = is_one_for_the_disk(folder)
    for other in others:
        if clash(path, other, folded=folded):
            is_one_place = len(path.parts) == len(other.parts)
            raise NameTakenError(_ONE_PLACE if is_one_place else _ONE_NAME)


def put_in_place(part: Path, target: Path) -> None:
    """Move a file to its place, in a folder made when missing. Raises NameTakenError, OSError."""
    make_place(target)
    try:
        part.replace(target)
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise NameTakenError(_ONE_NAME) from error


def make_place(target: Path) -> None:
    """Make the folder that a file is to be put in. Raises NameTakenError when it cannot be."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise NameTakenError(_ONE_NAME) from error
    if target.is_dir():
        with suppress(OSError):  # what was in it was removed
            target.rmdir()
        if target.is_dir():
            raise NameTakenError(_ONE_NAME)
