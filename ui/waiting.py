"""Where files that were sent lie until they have been read, also when the server stops before.

All of it stands in the folder that files are kept in, under names with a dot before them, which no
file that is taken in has: what is still being sent in a file of its own, what was sent whole in a
folder of its own, whose name tells when, under the path that it is to have.
"""

import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_SENDING = ".part-"
_WAITING = ".waiting-"


@dataclass(frozen=True, slots=True)
class Held:
    """A file that was sent whole and waits."""

    number: int
    """When it was sent, in milliseconds since 1970, or a little later: no two share one."""
    name: PurePosixPath
    path: Path


def aside(folder: Path, suffix: str) -> tuple[int, Path]:
    """Make a file in a folder, for what is to be read as a file of this suffix.

    Returns it open for writing, as a descriptor, and its path.
    """
    handle, named = tempfile.mkstemp(suffix, _SENDING, folder)
    return handle, Path(named)


def hold(part: Path, folder: Path, name: PurePosixPath) -> Held:
    """Let a file that was sent whole wait in a folder, under its name."""
    number = time.time_ns() // 1_000_000
    while True:
        home = folder / f"{_WAITING}{number}"
        try:
            home.mkdir(mode=0o700)
        except FileExistsError:
            number += 1
        else:
            break
    held = home / name
    held.parent.mkdir(parents=True, exist_ok=True)
    return Held(number, name, part.replace(held))


def still_held(folder: Path) -> list[Held]:
    """Return the files that an earlier run left waiting, first sent first.

    What it left half sent or removed is deleted.
    """
    found = []
    for entry in folder.iterdir():
        number = entry.name.removeprefix(_WAITING)
        if number != entry.name and number.isdecimal():
            files = [path for path in entry.rglob("*") if path.is_file()]
            found += [Held(int(number), PurePosixPath(f.relative_to(entry)), f) for f in files]
            if not files:
                shutil.rmtree(entry)
        elif entry.is_file() and (entry.suffix == ".part" or entry.name.startswith(_SENDING)):
            entry.unlink()
    return sorted(found, key=lambda held: held.number)


def let_go(part: Path) -> None:
    """Delete a file that was held, where it still is, and the folders that held it alone."""
    part.unlink(missing_ok=True)
    for folder in part.parents:
        with suppress(OSError):  # gone, or not empty
            folder.rmdir()
        if folder.name.startswith(_WAITING):
            return
