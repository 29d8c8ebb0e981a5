"""Where files that were sent lie until they have been read, also when the server stops before.

All of it stands in the folder that files are kept in, under names with a dot before them, which no
file that is taken in has: what is still being sent in a file of its own, what was sent whole in a
folder of its own, whose name tells when, under the path that it is to have.
"""

import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path, PurePosixPath

_SENDING = ".part-"
_WAITING = ".waiting-"


def aside(folder: Path, suffix: str) -> tuple[int, Path]:
    """Make a file in a folder, for what is to be read as a file of this suffix.

    Returns it open for writing, as a descriptor, and its path.
    """
    handle, named = tempfile.mkstemp(suffix, _SENDING, folder)
    return handle, Path(named)


def hold(part: Path, folder: Path, name: PurePosixPath) -> Path:
    """Let a file that was sent whole wait in a folder, under its name; return where it lies."""
    home = Path(tempfile.mkdtemp(prefix=f"{_WAITING}{time.time_ns():020}-", dir=folder))
    held = home / name
    held.parent.mkdir(parents=True, exist_ok=True)
    return part.replace(held)


def still_held(folder: Path) -> list[tuple[Path, PurePosixPath]]:
    """Return where files lie that an earlier run left waiting, and their names, first sent first.

    What it left half sent or removed is deleted.
    """
    if not folder.is_dir():
        return []
    found = []
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith(_WAITING):
            files = [path for path in entry.rglob("*") if path.is_file()]
            found += [(path, PurePosixPath(path.relative_to(entry))) for path in files]
            if not files:
                shutil.rmtree(entry)
        elif entry.suffix == ".part" or entry.name.startswith(_SENDING):
            entry.unlink()
    return found


def let_go(part: Path) -> None:
    """Delete a file that was held, where it still is, and the folders that held it alone."""
    part.unlink(missing_ok=True)
    for folder in part.parents:
        with suppress(OSError):  # gone, or not empty
            folder.rmdir()
        if folder.name.startswith(_WAITING):
            return
