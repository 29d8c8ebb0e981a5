"""A file opened for reading, such that what is opened is what was listed.

Between the listing of a folder and the reading of a file in it, whoever may write there can put a
link in the place of the file or of a folder above it. So no link is followed on the way, and what
is to be known of the file is asked of the descriptor, never of the name again.
"""

import errno
import os
import stat
from pathlib import Path

from rag.errors import UnreadableFileError

LINK = "a link took its place, and a link is not followed"

_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_FILE = _READ | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # a pipe has no writer
# To pass through a folder needs no right to list it, where the system has O_PATH.
_FOLDER = (
    _READ | getattr(os, "O_PATH", 0) | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
)
_STEPWISE = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")


def open_regular(path: Path, *, linkless: bool) -> tuple[int, os.stat_result]:
    """Return a descriptor of a regular file, to be closed by the caller, and what it says of it.

    The file itself may be no link. With `linkless`, nor may any folder above it, up to the root.

    Raises UnreadableFileError when a link is in the way or it is no regular file, OSError when
    the system refuses it.
    """
    path.lstat()  # a path too long for the system could be opened in steps, and not found again
    descriptor = _open_stepwise(path) if linkless and _STEPWISE else _open(path, linkless)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableFileError("it is not a regular file")
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor, status


def read_at_most(descriptor: int, size: int) -> bytes:
    """Return the bytes from the descriptor's place on, at most `size` of them, and close it."""
    with os.fdopen(descriptor, "rb") as file:
        return file.read(size)


def _open_stepwise(path: Path) -> int:
    """Open a file from the root down, each folder within the one above it."""
    above = os.open(path.anchor, _FOLDER)
    try:
        for name in path.parts[1:-1]:
            below = _step(name, _FOLDER, above)
            os.close(above)
            above = below
        return _step(path.name, _FILE, above)
    finally:
        os.close(above)


def _step(name: str, flags: int, folder: int) -> int:
    try:
        return os.open(name, flags, dir_fd=folder)
    except OSError as error:
        if _is_link(name, folder):
            raise UnreadableFileError(LINK) from error
        raise


def _open(path: Path, linkless: bool) -> int:
    try:
        descriptor = os.open(path, _FILE)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK):
            raise UnreadableFileError(LINK) from error
        if stat.S_ISDIR(path.lstat().st_mode):  # which Windows does not open at all
            raise UnreadableFileError("it is not a regular file") from error
        raise
    if linkless and Path(os.path.realpath(path)) != path:
        os.close(descriptor)
        raise UnreadableFileError(LINK)
    return descriptor


def _is_link(name: str, folder: int) -> bool:
    try:
        return stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except OSError:
        return False
