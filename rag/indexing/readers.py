"""From a file to a document and its paragraphs: one reader a format, found by suffix.

A reader never writes, never follows a link and never asks the network. Plain text is read here,
unless it is large; every other format by a worker process (`rag.formats`), which has limits on
memory and time, because its parser may be led astray by the file it reads.
"""

import hashlib
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from rag.errors import UnreadableFileError
from rag.formats import registry
from rag.formats.worker import Worker
from rag.indexing.opened_files import open_regular, read_at_most
from rag.text import plain_text
from rag.text.blocks import Block, Place
from rag.text.encodings import decode, printable
from rag.text.languages import language_of_text
from rag.text.long_paragraphs import LONGEST, readable
from rag.text.paragraphs import paragraphs
from vector_store.records import Document, Paragraph, UnreadFile

LARGEST_FILE = 256 * 1024 * 1024
"""Bytes; a larger file is a data dump, and reading it would fill the memory."""

_LARGEST_HERE = 1 << 20
"""Bytes of a plain text that is read in this process: at most some 100 MB of memory for its lines,
whatever it holds."""
_LONGEST_TITLE = 500
"""Letters; what is longer is no title, but a page without an end of it."""
_SETTLED = 2_000_000_000  # ns: a file written to since may look the same and be another


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to be read: where it is and what the person calls it (its path in the folder)."""

    path: Path
    name: str
    linkless: bool = False
    """Whether no part of the path was a link when it was listed; then none may be one now."""


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """A file's bytes and their digest, not yet read as text."""

    source: SourceFile
    data: bytes
    sha256: str
    stamp: str = ""
    """What the very file that was read looked like; see `stamp`."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading a file."""

    document: Document
    paragraphs: tuple[Paragraph, ...]
    unread: tuple[UnreadFile, ...] = ()
    """Parts of it, as attachments, that could not be read."""


class Reader(Protocol):
    """Reads some kinds of file."""

    def reads(self, file: LoadedFile) -> bool:
        """Tell whether this is for it to read."""

    def read(self, file: LoadedFile) -> Reading:
        """Return the document and its paragraphs, in order.

        Raises UnreadableFileError when the bytes are not of this kind or hold no text.
        """


class TextReader:
    """Plain text that is not large: decoded, then split into blocks by `rag.text.plain_text`."""

    def reads(self, file: LoadedFile) -> bool:
        """Tell whether this is plain text of a megabyte at most; see `Reader`."""
        kind = registry.TEXTS.get(_suffix(file))
        return kind is not None and kind.name == "text" and len(file.data) <= _LARGEST_HERE

    def read(self, file: LoadedFile) -> Reading:
        """Return the document and its paragraphs; see `Reader`."""
        text = decode(file.data)
        return _reading(file, "", text, plain_text.blocks(text), ())


class WorkerReader:
    """All kinds of file, each in a process that is thrown away when it fails."""

    def __init__(self, worker: Worker) -> None:
        """Read by means of `worker`."""
        self._worker = worker

    def reads(self, file: LoadedFile) -> bool:
        """Tell whether it is of a kind that is read at all; see `Reader`."""
        return bool(registry.version(_suffix(file)))

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
        for reader in self._readers:
            if reader.reads(file):
                reading = reader.read(file)
                if not reading.paragraphs:
                    raise UnreadableFileError("the file holds no words")
                return reading
        raise registry.unknown(_suffix(file))

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
    return _stamp(source, found)


def _stamp(source: SourceFile, found: os.stat_result) -> str:
    changed = max(found.st_mtime_ns, found.st_ctime_ns)
    if changed + _SETTLED > time.time_ns():
        return ""
    return (
        f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns} {found.st_dev} {found.st_ino} "
        f"{version_of(source)}"
    )


def version_of(source: SourceFile) -> str:
    """Return what reads a file, and its version; empty when nothing does."""
    return registry.version(source.path.suffix.lower())


def check_kind(path: Path) -> None:
    """Raise UnreadableFileError when nothing reads files of this kind."""
    suffix = path.suffix.lower()
    if not registry.version(suffix):
        raise registry.unknown(suffix)


def load(source: SourceFile) -> LoadedFile:
    """Return the bytes of a file of a known kind, with their digest.

    Raises UnreadableFileError when there is no reader for it, the system refuses it, a link took
    its place, or it is too large.
    """
    check_kind(source.path)
    try:
        descriptor, status = open_regular(source.path, linkless=source.linkless)
        # One that is too large, or grows while it is read, is not read to its end.
        data = read_at_most(descriptor, LARGEST_FILE + 1 if status.st_size <= LARGEST_FILE else 0)
    except OSError as error:
        raise UnreadableFileError(f"the system says: {error.strerror}") from error
    size = max(status.st_size, len(data))
    if size > LARGEST_FILE:
        limit = LARGEST_FILE >> 20
        raise UnreadableFileError(f"the file has {size >> 20} MiB; at most {limit} are read")
    return LoadedFile(source, data, hashlib.sha256(data).hexdigest(), _stamp(source, status))


def _reading(
    file: LoadedFile,
    title: str,
    text: str,
    blocks: Sequence[Block],
    places: Sequence[Place],
    unread: tuple[UnreadFile, ...] = (),
) -> Reading:
    path = file.source.path
    title = title or next((block.heading for block in blocks if block.level == 1), "")
    document = Document(
        str(path),
        file.source.name,
        title[:_LONGEST_TITLE] or printable(path.stem),
        text,
        file.sha256,
        tuple(p.start for p in places) if _is_paged(places) else (),
        registry.version(_suffix(file)),
    )
    whole = paragraphs(text, blocks, places=places)
    if any(paragraph.end - paragraph.start > LONGEST for paragraph in whole):
        document = replace(document, language=language_of_text(text))
        whole = readable(text, whole, document.language)
    return Reading(document, tuple(whole), unread)


def _suffix(file: LoadedFile) -> str:
    return file.source.path.suffix.lower()


def _is_paged(places: Sequence[Place]) -> bool:
    """Tell whether places are a document's own pages, in order from the first."""
    return bool(places) and all(p.page == number for number, p in enumerate(places, start=1))
