"""The spool: uploaded files on disk until they have been read, across restarts of the server.

It lies in the library's folder of uploads, under names that start with a dot, as no uploaded
file's name does:

- `.part-*`, a file that is still being received;
- `.waiting-ID/`, a folder that holds one received file under its final relative path; the ID is
  the time of its arrival;
- `.reading-*`, a note with the IDs of the files being read. One that is there at start-up says at
  which files the server crashed.
"""

import contextlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

TRASHED_SUFFIX = ".part"
"""Of files whose removal can still be undone; deleted at start-up."""
_PART = ".part-"
_WAITING = ".waiting-"
_READING = ".reading-"

Crashed = Literal["never", "in a batch", "alone"]
"""Whether the server crashed while it read a file, and whether it read others at the time."""


@dataclass(frozen=True, slots=True)
class SpooledFile:
    """A file that was received whole and waits to be read."""

    id: int
    """The time of arrival in milliseconds since 1970, or a little later: unique."""
    name: PurePosixPath
    path: Path
    size: int
    """Bytes."""
    crashed: Crashed = "never"


class _UploadIds:
    """Unique ids: the time in milliseconds, or a little later.

    An id is not reused when its folder is deleted, since the upload is still listed.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def next(self) -> int:
        with self._lock:
            self._last = max(time.time_ns() // 1_000_000, self._last + 1)
            return self._last


_IDS = _UploadIds()


def new_upload_id() -> int:
    """Return an id that no other upload has."""
    return _IDS.next()


def create_part(folder: Path, suffix: str) -> tuple[int, Path]:
    """Create an empty file to receive an upload into; return its open descriptor and its path."""
    descriptor, path = tempfile.mkstemp(suffix, _PART, folder)
    return descriptor, Path(path)


def spool(part: Path, folder: Path, name: PurePosixPath) -> SpooledFile:
    """Move a file that was received whole into the spool, under its name. Raises OSError."""
    while True:
        upload_id = new_upload_id()
        home = folder / f"{_WAITING}{upload_id}"
        with suppress(FileExistsError):
            home.mkdir(mode=0o700)
            break
    try:
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        size = part.stat().st_size
        return SpooledFile(upload_id, name, part.replace(path), size)
    except OSError:
        shutil.rmtree(home, ignore_errors=True)
        raise


def recover(folder: Path) -> list[SpooledFile]:
    """Return the files that an earlier run left in the spool, oldest first.

    Files that it received in part, or left in the trash, are deleted. Raises OSError.
    """
    crashes = _crashes(folder)
    files = []
    for entry in folder.iterdir():
        upload_id = entry.name.removeprefix(_WAITING)
        if upload_id != entry.name and upload_id.isdecimal():
            paths = [path for path in entry.rglob("*") if path.is_file()]
            for path in paths:
                name = PurePosixPath(path.relative_to(entry))
                crashed = crashes.get(int(upload_id), "never")
                files.append(SpooledFile(int(upload_id), name, path, path.stat().st_size, crashed))
            if not paths:
                shutil.rmtree(entry)
        elif entry.is_file() and (entry.suffix == TRASHED_SUFFIX or entry.name.startswith(_PART)):
            entry.unlink()
    return sorted(files, key=lambda file: file.id)


def discard(path: Path) -> None:
    """Delete a spooled file, if it is still there, and the folders made for it."""
    path.unlink(missing_ok=True)
    for folder in path.parents:
        with suppress(OSError):  # missing, or not empty
            folder.rmdir()
        if folder.name.startswith(_WAITING):
            return


@contextlib.contextmanager
def reading_note(paths: Sequence[Path]) -> Iterator[None]:
    """Keep a note on disk of the spooled files being read; only a crash leaves it behind.

    Raises OSError when the note cannot be written. Nothing may be read then, or a file that
    crashes the server would be tried again at every start.
    """
    homes = [_home(path) for path in paths]
    note = homes[0].parent / f"{_READING}{time.time_ns()}"
    ids = [home.name.removeprefix(_WAITING) for home in homes]
    _write_durably(note, "\n".join(ids))
    try:
        yield
    finally:
        with suppress(OSError):  # at worst, these files count as having crashed the server
            note.unlink()


def _crashes(folder: Path) -> dict[int, Crashed]:
    """Return the ids of the files that were being read when the server crashed.

    Notes on files that are no longer in the spool are deleted.
    """
    crashes: dict[int, Crashed] = {}
    for note in folder.glob(f"{_READING}*"):
        lines = note.read_text("ascii", "replace").split()
        ids = [int(line) for line in lines if line.isascii() and line.isdecimal()]
        waiting = [upload_id for upload_id in ids if (folder / f"{_WAITING}{upload_id}").is_dir()]
        for upload_id in waiting:
            if len(ids) == 1:
                crashes[upload_id] = "alone"
            else:
                crashes.setdefault(upload_id, "in a batch")
        if not waiting:
            note.unlink()
    return crashes


def _home(path: Path) -> Path:
    """Return the folder made for a spooled file."""
    return next(folder for folder in path.parents if folder.name.startswith(_WAITING))


def _write_durably(path: Path, text: str) -> None:
    """Write a new file and flush it, and its entry in the folder, to disk. Raises OSError."""
    try:
        with path.open("x", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise
    if os.name != "nt":
        descriptor = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
