"""The original of a document: its file, as long as its bytes are those that were read."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from rag import deadlines
from rag.errors import UnreadableFileError
from rag.indexing.change_detection import paths_of
from rag.indexing.opened_files import open_regular
from rag.indexing.source_files import LARGEST_FILE
from vector_store.records import DocumentInfo

_CHUNK = 1 << 18
"""Bytes."""


@dataclass(frozen=True, slots=True)
class Original:
    """An opened file whose bytes are those that were read. Exhaust or close `chunks`."""

    name: str
    """Without folders."""
    size: int
    """Bytes."""
    chunks: Iterator[bytes]
    """Its bytes, once. Raises UnreadableFileError if they change meanwhile."""


def open_original(info: DocumentInfo) -> Original:
    """Open a document's file, or a copy's if that is gone or has changed.

    Raises UnreadableFileError when none is as it was read, DeadlineExceededError,
    CancelledWorkError.
    """
    reason = "the file is gone"
    for path in paths_of(info):
        try:
            return _opened(Path(path), info.sha256)
        except OSError as error:
            reason = f"the system says: {error.strerror}"
        except UnreadableFileError as error:
            reason = str(error)
    raise UnreadableFileError(reason)


def _opened(path: Path, sha256: str) -> Original:
    """Open a file and compare its digest. Raises OSError, UnreadableFileError."""
    descriptor, status = open_regular(path, linkless=False)
    file = os.fdopen(descriptor, "rb")
    try:
        if status.st_size > LARGEST_FILE or _digest(file) != sha256:
            raise UnreadableFileError("the file has changed since it was indexed")
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return Original(path.name, status.st_size, _chunks(file, status.st_size, sha256))


def _digest(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        deadlines.check()
        digest.update(chunk)
    return digest.hexdigest()


def _chunks(file: BinaryIO, size: int, sha256: str) -> Iterator[bytes]:
    """Give a file's bytes; withhold the last ones, and raise, if it changed since it was opened."""
    digest = hashlib.sha256()
    with file:
        while size > 0:
            chunk = file.read(min(_CHUNK, size))
            size -= len(chunk)
            digest.update(chunk)
            if not chunk or (size == 0 and digest.hexdigest() != sha256):
                raise UnreadableFileError("the file was changed while it was sent")
            yield chunk
