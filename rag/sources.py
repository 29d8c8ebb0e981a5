"""From the paths a person gives to the files that are to be read."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.encodings import printable
from rag.errors import SourceError
from rag.readers import SourceFile
from vector_store.records import UnreadFile


@dataclass(frozen=True, slots=True)
class Found:
    """What lies under the paths given: files, the folders named, and what could not be entered."""

    files: tuple[SourceFile, ...]
    folders: tuple[Path, ...]
    unread: tuple[UnreadFile, ...]

    def covers(self, path: str) -> bool:
        """Tell whether a path lies in one of the folders given."""
        return any(Path(path).is_relative_to(folder) for folder in self.folders)

    def paths(self) -> frozenset[str]:
        """Return the paths of the files found."""
        return frozenset(str(source.path) for source in self.files)


def find(paths: Sequence[str | os.PathLike[str]]) -> Found:
    """Return every file under `paths`, in order of path, each once.

    In a folder, files and folders whose name starts with a dot are passed over. Links that lead
    out of it are not followed and are reported, as are folders that cannot be entered. A file is
    named by its path within the folder that was given.

    Raises SourceError when a path does not exist; nothing is read then.
    """
    if not paths:
        raise SourceError("Name at least one file or folder to index.")
    files: dict[Path, SourceFile] = {}
    unread: list[UnreadFile] = []
    folders = []
    for given in paths:
        path = resolved(given)
        try:
            path.stat()
        except OSError as error:
            raise SourceError(
                f"There is no file or folder {given} ({error.strerror}). Check the spelling; "
                "nothing was changed."
            ) from error
        if path.is_dir():
            folders.append(path)
            for file in _walk(path, unread):
                name = printable(file.relative_to(path).as_posix())
                files.setdefault(file, SourceFile(file, name))
        else:
            files.setdefault(path, SourceFile(path, printable(path.name)))
    ordered = sorted(files.values(), key=lambda source: os.fsencode(source.path))
    return Found(tuple(ordered), tuple(folders), tuple(unread))


def resolved(given: str | os.PathLike[str]) -> Path:
    """Return an absolute path without links. Raises SourceError when it cannot be made sense of."""
    if not os.fspath(given):
        raise SourceError("A path is empty. Name a file or folder.")
    try:
        return Path(given).expanduser().resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise SourceError(f"The path {given} cannot be followed ({error}).") from error


def followed(pattern: str) -> str:
    """Return what `where` takes for a pattern typed at this machine: links and `~` are followed.

    One without either is returned as it is, for it may be a document's name.
    """
    try:
        path = str(resolved(pattern))
    except SourceError:  # no path at all
        return pattern
    return pattern if path == os.path.abspath(pattern) else path  # noqa: PTH100


def is_gone(path: Path) -> bool:
    """Tell whether a file is surely no longer there, rather than out of reach for now."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _walk(folder: Path, unread: list[UnreadFile]) -> list[Path]:
    def note(path: Path, reason: str) -> None:
        name = printable(path.relative_to(folder).as_posix())
        unread.append(UnreadFile(str(path), name, reason))

    def refused(error: OSError) -> None:
        note(Path(error.filename), f"the folder cannot be entered: {error.strerror}")

    found = []
    for parent, names, files in os.walk(folder, onerror=refused):
        links = [name for name in names if Path(parent, name).is_symlink()]
        names[:] = [n for n in names if not n.startswith(".") and n not in links]
        for name in (*files, *links):
            path = Path(parent, name)
            if name.startswith("."):
                continue
            if not path.is_symlink():
                found.append(path)
            elif not _leads_inside(path, folder):  # one that does leads to what is found anyway
                note(path, "a link that leads out of the folder is not followed")
    return found


def _leads_inside(link: Path, folder: Path) -> bool:
    try:
        return link.resolve().is_relative_to(folder)
    except (OSError, RuntimeError):  # a loop
        return False
