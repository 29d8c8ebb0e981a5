"""Discovery of the files under given paths."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.errors import SourceError
from rag.formats.registry import is_litter
from rag.indexing.source_files import SourceFile
from rag.text.encodings import printable
from vector_store.records import UnreadFile


@dataclass(frozen=True, slots=True)
class DiscoveredFiles:
    """The files and folders at given paths, and those that could not be accessed."""

    files: tuple[SourceFile, ...]
    folders: tuple[Path, ...]
    unread: tuple[UnreadFile, ...]

    def covers(self, path: str) -> bool:
        """Return whether a path is in one of the given folders."""
        return any(Path(path).is_relative_to(folder) for folder in self.folders)

    def paths(self) -> frozenset[str]:
        """Return the paths of all files."""
        return frozenset(str(source.path) for source in self.files)


def find(paths: Sequence[str | os.PathLike[str]]) -> DiscoveredFiles:
    """Return every file under `paths`, in order of path, each once.

    Within a folder, hidden files are skipped, as is what programs leave beside documents (see
    `rag.formats.registry.is_litter`). Links that lead out of it are not followed, and are
    reported, as are folders that cannot be accessed. A file's name is its path within the given
    folder.

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
        if is_folder(path):
            folders.append(path)
            for file in _Walk(path, unread).files:
                name = printable(file.relative_to(path).as_posix())
                files.setdefault(file, SourceFile(file, name, linkless=True))
        else:
            files.setdefault(path, SourceFile(path, printable(path.name), linkless=True))
    ordered = sorted(files.values(), key=lambda source: os.fsencode(source.path))
    return DiscoveredFiles(tuple(ordered), tuple(folders), tuple(unread))


def resolved(given: str | os.PathLike[str]) -> Path:
    """Return an absolute path without links. Raises SourceError for an invalid path."""
    if not os.fspath(given):
        raise SourceError("A path is empty. Name a file or folder.")
    try:
        return Path(given).expanduser().resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise SourceError(f"The path {given} cannot be resolved ({error}).") from error


def followed(pattern: str) -> str:
    """Return a pattern for `where`, with links and `~` resolved.

    A pattern without either is returned unchanged, as it may be a document's name.
    """
    try:
        path = str(resolved(pattern))
    except SourceError:  # not a path
        return pattern
    return pattern if path == os.path.abspath(pattern) else path  # noqa: PTH100


def is_gone(path: Path) -> bool:
    """Return whether a file no longer exists; False if it is only out of reach."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def is_folder(path: Path) -> bool:
    """Return whether a path is a folder that can be accessed."""
    try:
        return path.is_dir()
    except OSError:  # Path.is_dir catches only some of them
        return False


class _Walk:
    """A walk through a folder, which collects its files."""

    def __init__(self, folder: Path, unread: list[UnreadFile]) -> None:
        """Walk through all of `folder`; append what cannot be accessed to `unread`."""
        self._folder = folder
        self._unread = unread
        self.files: list[Path] = []
        self._folders = [folder]
        while self._folders:
            self._enter(self._folders.pop())

    def _enter(self, parent: Path) -> None:
        try:
            with os.scandir(parent) as entries:
                for entry in entries:
                    if not is_litter(entry.name):
                        self._take(entry)
        except OSError as error:
            self._note(parent, f"the folder cannot be entered: {error.strerror}")

    def _take(self, entry: os.DirEntry[str]) -> None:
        path = Path(entry.path)
        try:
            if entry.is_symlink():
                if not _leads_inside(path, self._folder):  # otherwise its target is listed anyway
                    self._note(path, "a link that leads out of the folder is not followed")
            elif entry.is_dir(follow_symlinks=False):
                self._folders.append(path)
            else:
                self.files.append(path)
        except OSError as error:
            self._note(path, f"the system says: {error.strerror}")

    def _note(self, path: Path, reason: str) -> None:
        name = printable(path.relative_to(self._folder).as_posix())
        self._unread.append(UnreadFile(str(path), name, reason))


def _leads_inside(link: Path, folder: Path) -> bool:
    try:
        return link.resolve().is_relative_to(folder)
    except (OSError, RuntimeError):  # a loop
        return False
