"""From the paths a person gives to the files that are to be read."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.errors import SourceError
from rag.readers import SourceFile


@dataclass(frozen=True, slots=True)
class Found:
    """The files under the paths given, and the folders among those paths."""

    files: tuple[SourceFile, ...]
    folders: tuple[Path, ...]


def find(paths: Sequence[str | os.PathLike[str]]) -> Found:
    """Return every file under `paths`, in order of path, each once.

    In a folder, files and folders whose name starts with a dot are passed over, and so are
    links that lead out of it. A file is named by its path within the folder that was given.

    Raises SourceError when a path does not exist; nothing is read then.
    """
    if not paths:
        raise SourceError("Name at least one file or folder to index.")
    files: dict[Path, SourceFile] = {}
    folders = []
    for given in paths:
        path = Path(given).expanduser()
        if not path.exists():
            raise SourceError(
                f"There is no file or folder {given}. Check the spelling; nothing was changed."
            )
        path = path.resolve()
        if path.is_dir():
            folders.append(path)
            for file in _walk(path):
                files.setdefault(file, SourceFile(file, _printable(file.relative_to(path))))
        else:
            files.setdefault(path, SourceFile(path, _printable(Path(path.name))))
    ordered = sorted(files.values(), key=lambda source: os.fsencode(source.path))
    return Found(tuple(ordered), tuple(folders))


def _walk(folder: Path) -> Iterator[Path]:
    for parent, names, files in os.walk(folder):
        names[:] = [name for name in names if not name.startswith(".")]
        for name in files:
            path = Path(parent, name)
            if not name.startswith(".") and path.resolve().is_relative_to(folder):
                yield path


def _printable(path: Path) -> str:
    """Return a name that can be shown: a file's name may hold bytes that are no text."""
    return os.fsencode(path.as_posix()).decode("utf-8", "replace")
