"""From a file to a document and its paragraphs: one reader a format, found by suffix.

A reader never writes, never follows a link and never asks the network.
"""

import hashlib
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rag import markdown, plain_text
from rag.encodings import decode, printable
from rag.errors import UnreadableFileError
from rag.paragraphs import Block, paragraphs
from vector_store.records import Document, Paragraph

LARGEST_FILE = 256 * 1024 * 1024
"""Bytes; a larger text file is a data dump, and reading it would fill the memory."""


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


class Reader(Protocol):
    """Reads one kind of file."""

    @property
    def suffixes(self) -> frozenset[str]:
        """Which files it reads: lower case, with the dot."""

    def read(self, file: LoadedFile) -> Reading:
        """Return the document and its paragraphs, in order.

        Raises UnreadableFileError when the bytes are not of this kind or hold no text.
        """


@dataclass(frozen=True, slots=True)
class TextReader:
    """Plain text and Markdown: decode, then split into blocks as the format says."""

    suffixes: frozenset[str]
    blocks: Callable[[str], list[Block]]

    def read(self, file: LoadedFile) -> Reading:
        """Return the document and its paragraphs; see `Reader`."""
        text = decode(file.data)
        found = self.blocks(text)
        path = file.source.path
        title = next((block.heading for block in found if block.level == 1), path.stem)
        document = Document(str(path), file.source.name, title, text, file.sha256)
        return Reading(document, tuple(paragraphs(text, found)))


READERS: tuple[Reader, ...] = (
    TextReader(frozenset({".txt", ".text"}), plain_text.blocks),
    TextReader(frozenset({".md", ".markdown", ".mdown", ".mkd"}), markdown.blocks),
)


def reader_for(path: Path) -> Reader:
    """Return the reader of this kind of file. Raises UnreadableFileError when there is none."""
    suffix = path.suffix.lower()
    for reader in READERS:
        if suffix in reader.suffixes:
            return reader
    known = " ".join(sorted(suffix for reader in READERS for suffix in reader.suffixes))
    kind = printable(suffix) or "(none)"
    raise UnreadableFileError(f"files of type {kind} are not read (read: {known})")


def load(source: SourceFile) -> LoadedFile:
    """Return the bytes of a file of a known kind, with their digest.

    Raises UnreadableFileError when there is no reader for it, the system refuses it, or it is
    too large.
    """
    reader_for(source.path)
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


def read(file: LoadedFile) -> Reading:
    """Read a loaded file. Raises UnreadableFileError with the reason when that cannot be done."""
    reading = reader_for(file.source.path).read(file)
    if not reading.paragraphs:
        raise UnreadableFileError("the file holds no words")
    return reading
