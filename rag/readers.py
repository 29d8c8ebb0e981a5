"""From a file to a document and its paragraphs: one reader a format, found by suffix.

A reader never writes, never follows a link and never asks the network. Plain text and Markdown
are read here; every other format by a worker process (`rag.formats`), because its parser may be
led astray by the file it reads.
"""

import hashlib
import stat
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from rag import markdown, plain_text
from rag.blocks import Block, Place
from rag.encodings import decode, printable
from rag.errors import UnreadableFileError
from rag.formats import kinds
from rag.formats.worker import Worker
from rag.paragraphs import paragraphs
from vector_store.records import Document, Paragraph, UnreadFile

LARGEST_FILE = 256 * 1024 * 1024
"""Bytes; a larger file is a data dump, and reading it would fill the memory."""

_SETTLED = 2_000_000_000  # ns: a file written to since may look the same and be another


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to be read: where it is and what the person calls it (its path in the folder)."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """A file's bytes and their digest, not yet read as text."""

    source: SourceFile
    data: bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading a file."""

    document: Document
    paragraphs: tuple[Paragraph, ...]
    unread: tuple[UnreadFile, ...] = ()
    """Parts of it, as attachments, that could not be read."""


class Reader(Protocol):
    """Reads some kinds of file."""

    def version(self, suffix: str) -> str | None:
        """Return what reads files of a suffix and its version; None when this does not."""

    def read(self, file: LoadedFile) -> Reading:
        """Return the document and its paragraphs, in order.

        Raises UnreadableFileError when the bytes are not of this kind or hold no text.
        """


class TextReader:
    """Plain text and Markdown: decode, then split into blocks as the format says."""

    _BLOCKS: ClassVar[dict[str, Callable[[str], list[Block]]]] = {
        "text": plain_text.blocks,
        "markdown": markdown.blocks,
    }

    def version(self, suffix: str) -> str | None:
        """Return the version of text or Markdown; see `Reader`."""
        return kinds.version(suffix) if suffix in kinds.TEXTS else None

    def read(self, file: LoadedFile) -> Reading:
        """Return the document and its paragraphs; see `Reader`."""
        text = decode(file.data)
        suffix = file.source.path.suffix.lower()
        found = self._BLOCKS[kinds.TEXTS[suffix].name](text)
        return _reading(file, "", text, found, ())


class WorkerReader:
    """All other formats, each file in a process that is thrown away when it fails."""

    def __init__(self, worker: Worker) -> None:
        """Read by means of `worker`."""
        self._worker = worker

    def version(self, suffix: str) -> str | None:
        """Return the version of the kind of file; see `Reader`."""
        return kinds.version(suffix) if suffix in kinds.KINDS else None

    def read(self, file: LoadedFile) -> Reading:
        """Return the document and its paragraphs; see `Reader`."""
        path = file.source.path
        found = self._worker.read(path.name, file.data)
        unread = (
            UnreadFile(f"{path}/{part.name}", f"{file.source.name}/{part.name}", part.reason)
            for part in found.unread
        )
        return _reading(file, found.title, found.text, found.blocks, found.places, tuple(unread))


class Readers:
    """Every reader there is. Use it in a `with` statement: on leaving, the worker ends."""

    def __init__(self, worker: Worker | None = None) -> None:
        """Read by means of `worker`, else of a new one, started when a file needs it."""
        self._worker = worker or Worker()
        self._readers: tuple[Reader, ...] = (TextReader(), WorkerReader(self._worker))

    def read(self, file: LoadedFile) -> Reading:
        """Read a loaded file. Raises UnreadableFileError with the reason when it cannot be."""
        suffix = file.source.path.suffix.lower()
        for reader in self._readers:
            if reader.version(suffix) is not None:
                found = reader.read(file)
                if not found.paragraphs:
                    raise UnreadableFileError("the file holds no words")
                return found
        raise kinds.unknown(suffix)

    def interrupt(self) -> None:
        """End what another thread is reading by the worker; that raises UnreadableFileError."""
        self._worker.interrupt()

    def __enter__(self) -> "Readers":
        """Return the readers themselves."""
        return self

    def __exit__(self, *error: object) -> None:
        """End the worker."""
        self._worker.close()


def stamp(source: SourceFile) -> str:
    """Return what a file looks like from outside, and what reads it; empty when that says nothing.

    While it stays the same, so do the file's bytes. A file that was written to a moment ago has
    none, for it could be written to again without a trace.
    """
    try:
        found = source.path.lstat()
    except OSError:
        return ""
    changed = max(found.st_mtime_ns, found.st_ctime_ns)
    if changed + _SETTLED > time.time_ns():
        return ""
    return (
        f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns} {found.st_dev} {found.st_ino} "
        f"{version_of(source)}"
    )


def version_of(source: SourceFile) -> str:
    """Return what reads a file, and its version; empty when nothing does."""
    return kinds.version(source.path.suffix.lower())


def check_kind(path: Path) -> None:
    """Raise UnreadableFileError when nothing reads files of this kind."""
    suffix = path.suffix.lower()
    if not kinds.version(suffix):
        raise kinds.unknown(suffix)


def load(source: SourceFile) -> LoadedFile:
    """Return the bytes of a file of a known kind, with their digest.

    Raises UnreadableFileError when there is no reader for it, the system refuses it, or it is
    too large.
    """
    check_kind(source.path)
    try:
        found = source.path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise UnreadableFileError("it is not a regular file")
        size = found.st_size
        if size > LARGEST_FILE:
            limit = LARGEST_FILE >> 20
            raise UnreadableFileError(f"the file has {size >> 20} MiB; at most {limit} are read")
        data = source.path.read_bytes()
    except OSError as error:
        raise UnreadableFileError(f"the system says: {error.strerror}") from error
    return LoadedFile(source, data, hashlib.sha256(data).hexdigest())


def _reading(
    file: LoadedFile,
    title: str,
    text: str,
    blocks: Sequence[Block],
    places: Sequence[Place],
    unread: tuple[UnreadFile, ...] = (),
) -> Reading:
    path = file.source.path
    named = title or next((block.heading for block in blocks if block.level == 1), "")
    named = named or printable(path.stem)
    document = Document(
        str(path),
        file.source.name,
        named,
        text,
        file.sha256,
        tuple(p.start for p in places) if _is_paged(places) else (),
        kinds.version(path.suffix.lower()),
    )
    return Reading(document, tuple(paragraphs(text, blocks, places=places)), unread)


def _is_paged(places: Sequence[Place]) -> bool:
    """Tell whether places are a document's own pages, in order from the first."""
    return bool(places) and all(p.page == number for number, p in enumerate(places, start=1))
