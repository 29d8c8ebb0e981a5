"""Where files that were sent lie until they have been read, also when the server stops before.

All of it stands in the folder that files are kept in, under names with a dot before them, which no
file that is taken in has: what is still being sent in a file of its own, what was sent whole in a
folder of its own, whose name tells when, under the path that it is to have. While some are read, a
note names them: one that is still there at a start tells which files the server stopped at.
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

_SENDING = ".part-"
_WAITING = ".waiting-"
_READING = ".reading-"

Tried = Literal["never", "with others", "alone"]


@dataclass(frozen=True, slots=True)
class SpooledFile:
    """A file that was sent whole and waits."""

    number: int
    """When it was sent, in milliseconds since 1970, or a little later: no two share one."""
    name: PurePosixPath
    path: Path
    size: int
    """Bytes."""
    tried: Tried = "never"
    """Whether the server ended, not orderly, while it was read, and others together with it."""


class _Numbers:
    """The time in milliseconds, or a little later: each number is given once.

    That the folder of an earlier file is gone must not free its number, by which the file that had
    it is still listed.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def next(self) -> int:
        with self._lock:
            self._last = max(time.time_ns() // 1_000_000, self._last + 1)
            return self._last


_NUMBERS = _Numbers()


def aside(folder: Path, suffix: str) -> tuple[int, Path]:
    """Make a file in a folder, for what is to be read as a file of this suffix.

    Returns it open for writing, as a descriptor, and its path.
    """
    handle, named = tempfile.mkstemp(suffix, _SENDING, folder)
    return handle, Path(named)


def hold(part: Path, folder: Path, name: PurePosixPath) -> SpooledFile:
    """Let a file that was sent whole wait in a folder, under its name. Raises OSError."""
    while True:
        number = _NUMBERS.next()
        home = folder / f"{_WAITING}{number}"
        with suppress(FileExistsError):
            home.mkdir(mode=0o700)
            break
    try:
        held = home / name
        held.parent.mkdir(parents=True, exist_ok=True)
        size = part.stat().st_size
        return SpooledFile(number, name, part.replace(held), size)
    except OSError:
        shutil.rmtree(home, ignore_errors=True)
        raise


def still_held(folder: Path) -> list[SpooledFile]:
    """Return the files that an earlier run left waiting, first sent first.

    What it left half sent or removed is deleted.
    """
    tried = _tried(folder)
    held = []
    for entry in folder.iterdir():
        number = entry.name.removeprefix(_WAITING)
        if number != entry.name and number.isdecimal():
            files = [path for path in entry.rglob("*") if path.is_file()]
            for file in files:
                name, size = PurePosixPath(file.relative_to(entry)), file.stat().st_size
                held.append(
                    SpooledFile(int(number), name, file, size, tried.get(int(number), "never"))
                )
            if not files:
                shutil.rmtree(entry)
        elif entry.is_file() and (entry.suffix == ".part" or entry.name.startswith(_SENDING)):
            entry.unlink()
    return sorted(held, key=lambda one: one.number)


def let_go(part: Path) -> None:
    """Delete a file that was held, where it still is, and the folders that held it alone."""
    part.unlink(missing_ok=True)
    for folder in part.parents:
        with suppress(OSError):  # gone, or not empty
            folder.rmdir()
        if folder.name.startswith(_WAITING):
            return


@contextlib.contextmanager
def noted_as_read(parts: Sequence[Path]) -> Iterator[None]:
    """Keep a note on the disk of the files that are read meanwhile.

    It outlives this only when the process ends before. Raises OSError when it cannot be written:
    then nothing is to be read, for a file that ends the server would be tried at every start.
    """
    homes = [_home(part) for part in parts]
    note = homes[0].parent / f"{_READING}{time.time_ns()}"
    numbers = [home.name.removeprefix(_WAITING) for home in homes]
    _write_through(note, "\n".join(numbers))
    try:
        yield
    finally:
        with suppress(OSError):  # the disk refuses: at worst they are taken for tried
            note.unlink()


def _tried(folder: Path) -> dict[int, Tried]:
    """Return the numbers of the files that were being read when the server ended.

    Notes of files that wait no longer are deleted.
    """
    tried: dict[int, Tried] = {}
    for note in folder.glob(f"{_READING}*"):
        numbers = [int(line) for line in note.read_text("ascii", "replace").split() if _is(line)]
        waiting = [number for number in numbers if (folder / f"{_WAITING}{number}").is_dir()]
        for number in waiting:
            if len(numbers) == 1 or number not in tried:
                tried[number] = "alone" if len(numbers) == 1 else "with others"
        if not waiting:
            note.unlink()
    return tried


def _is(line: str) -> bool:
    return line.isascii() and line.isdecimal()


def _home(part: Path) -> Path:
    """Return the folder of a file that is held."""
    return next(folder for folder in part.parents if folder.name.startswith(_WAITING))


def _write_through(path: Path, text: str) -> None:
    """Write a file so that it is on the disk when this returns. Raises OSError."""
    try:
        with path.open("x", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise
    if os.name != "nt":  # nor can the folder's entry be lost
        handle = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
