"""Source files: their bytes, digest, and stamp, before any reader parses them."""

import hashlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

from rag.errors import UnreadableFileError
from rag.formats import registry
from rag.indexing.opened_files import open_regular, read_at_most

LARGEST_FILE = 256 * 1024 * 1024
"""Bytes. A larger file is a data dump, and reading it would fill the memory."""

_SETTLED = 2_000_000_000
"""Nanoseconds. A file changed more recently may change again within its clock's resolution."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read: its path, and the name shown to people (its path within the folder)."""

    path: Path
    name: str
    linkless: bool = False
    """Whether the path was free of links when it was listed. If so, it must still be."""

    @property
    def suffix(self) -> str:
        """The suffix in lower case, by which the file's reader is chosen."""
        return self.path.suffix.lower()

    @property
    def reader_version(self) -> str:
        """The name and version of the file's reader; empty when there is none."""
        return registry.version(self.suffix)


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """A file's bytes and their SHA-256, not yet parsed."""

    source: SourceFile
    data: bytes
    sha256: str
    stamp: str = ""
    """The `stamp` of the file that these bytes were read from."""


def load(source: SourceFile) -> LoadedFile:
    """Read a file of a supported kind and compute its digest.

    Raises UnreadableFileError when no reader supports it, the system refuses access, a link has
    replaced it, or it exceeds `LARGEST_FILE`.
    """
    check_kind(source.path)
    try:
        descriptor, status = open_regular(source.path, linkless=source.linkless)
        # One byte beyond the limit shows that a file grew past it while being read.
        data = read_at_most(descriptor, LARGEST_FILE + 1 if status.st_size <= LARGEST_FILE else 0)
    except OSError as error:
        raise UnreadableFileError(f"the system says: {error.strerror}") from error
    size = max(status.st_size, len(data))
    if size > LARGEST_FILE:
        limit = LARGEST_FILE >> 20
        raise UnreadableFileError(f"the file has {size >> 20} MiB; the limit is {limit} MiB")
    return LoadedFile(source, data, hashlib.sha256(data).hexdigest(), _stamp(source, status))


def stamp(source: SourceFile) -> str:
    """Return a file's size, times, inode, and reader version as one string.

    While the stamp is the same, so are the bytes. It is empty for a file that is out of reach, and
    for one changed a moment ago: a further change might leave the same stamp.
    """
    try:
        status = source.path.lstat()
    except OSError:
        return ""
    return _stamp(source, status)


def _stamp(source: SourceFile, status: os.stat_result) -> str:
    last_change = max(status.st_mtime_ns, status.st_ctime_ns)
    if last_change + _SETTLED > time.time_ns():
        return ""
    return (
        f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_dev} "
        f"{status.st_ino} {source.reader_version}"
    )


def check_kind(path: Path) -> None:
    """Raise UnreadableFileError when no reader supports files of this suffix."""
    suffix = path.suffix.lower()
    if not registry.version(suffix):
        raise registry.unknown(suffix)
