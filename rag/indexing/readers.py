"""Readers: from a file's bytes to a document and its paragraphs, chosen by suffix.

A reader never writes, follows a link, or uses the network. Short plain text is read in this
process. Everything else is parsed in a worker process (`rag.formats`) with limits on memory and
time, because a malicious file may exploit its parser.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from rag.errors import UnreadableFileError
from rag.formats import registry
from rag.formats.extract import Extract
from rag.formats.worker import Worker
from rag.indexing.source_files import LoadedFile
from rag.text import plain_text
from rag.text.blocks import Place
from rag.text.encodings import decode, printable
from rag.text.languages import language_of_text
from rag.text.long_paragraphs import LONGEST, readable
from rag.text.paragraphs import paragraphs
from vector_store.records import Document, Paragraph, UnreadFile

_LARGEST_HERE = 1 << 20
"""Bytes of plain text read in this process: its lines take at most some 100 MB of memory."""
_LONGEST_TITLE = 500
"""Characters. Anything longer is a page whose title element is not closed."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The result of reading a file."""

    document: Document
    paragraphs: tuple[Paragraph, ...]
    unread: tuple[UnreadFile, ...] = ()
    """Parts of the file, such as attachments, that could not be read."""


class Reader(Protocol):
    """Reads some kinds of file."""

    def reads(self, file: LoadedFile) -> bool:
        """Return whether this reader is responsible for the file."""

    def read(self, file: LoadedFile) -> Reading:
        """Return the document and its paragraphs, in order.

        Raises UnreadableFileError when the bytes are not of this kind or contain no text.
        """


class TextReader:
    """Plain text of at most a megabyte, split into blocks by `rag.text.plain_text`."""

    def reads(self, file: LoadedFile) -> bool:
        """Return whether the file is plain text of at most a megabyte."""
        kind = registry.TEXTS.get(file.source.suffix)
        return kind is not None and kind.name == "text" and len(file.data) <= _LARGEST_HERE

    def read(self, file: LoadedFile) -> Reading:
        """Return the document and its paragraphs; see `Reader`."""
        text = decode(file.data)
        return _reading(file, Extract("", text, tuple(plain_text.blocks(text))))


class WorkerReader:
    """Files of every kind, parsed in a process that is replaced when it fails."""

    def __init__(self, worker: Worker) -> None:
        """Read files in `worker`."""
        self._worker = worker

    def reads(self, file: LoadedFile) -> bool:
        """Return whether files of this kind are supported at all."""
        return bool(file.source.reader_version)

    def read(self, file: LoadedFile) -> Reading:
        """Return the document and its paragraphs; see `Reader`."""
        return _reading(file, self._worker.read(file.source.path.name, file.data))


class Readers:
    """Every reader. Use it in a `with` statement, which ends the worker on leaving."""

    def __init__(self, worker: Worker | None = None) -> None:
        """Read files in `worker`; by default, in a new one that starts with the first file."""
        self.worker: Worker = worker or Worker()
        """The process that parses everything but short plain text."""
        self._readers: tuple[Reader, ...] = (TextReader(), WorkerReader(self.worker))

    def read(self, file: LoadedFile) -> Reading:
        """Read a loaded file. Raises UnreadableFileError with the reason when that fails."""
        for reader in self._readers:
            if reader.reads(file):
                reading = reader.read(file)
                if not reading.paragraphs:
                    raise UnreadableFileError("the file contains no words")
                return reading
        raise registry.unknown(file.source.suffix)

    def interrupt(self) -> None:
        """Stop the worker while another thread reads; its `read` raises UnreadableFileError."""
        self.worker.interrupt()

    def __enter__(self) -> "Readers":
        """Return the readers themselves."""
        return self

    def __exit__(self, *error: object) -> None:
        """End the worker."""
        self.worker.close()


def _reading(file: LoadedFile, extract: Extract) -> Reading:
    """Turn a reader's extract into a document, with passages of limited length."""
    path, name, text = file.source.path, file.source.name, extract.text
    first_heading = next((block.heading for block in extract.blocks if block.level == 1), "")
    title = (extract.title or first_heading)[:_LONGEST_TITLE] or printable(path.stem)
    document = Document(
        str(path),
        name,
        title,
        text,
        file.sha256,
        _page_starts(extract.places),
        file.source.reader_version,
        fields=extract.fields,
    )
    passages = paragraphs(text, extract.blocks, places=extract.places)
    if any(paragraph.end - paragraph.start > LONGEST for paragraph in passages):
        document = replace(document, language=language_of_text(text))
        passages = readable(text, passages, document.language)
    unread = (
        UnreadFile(f"{path}/{part.name}", f"{name}/{part.name}", part.reason)
        for part in extract.unread
    )
    return Reading(document, tuple(passages), tuple(unread))


def _page_starts(places: Sequence[Place]) -> tuple[int, ...]:
    """Return where each page starts, if places are on the document's pages in order from 1.

    A page has several places where a paragraph goes on to the next one.
    """
    starts: dict[int | None, int] = {}
    for place in places:
        starts.setdefault(place.page, place.start)
    if list(starts) != list(range(1, len(starts) + 1)):
        return ()
    return tuple(starts.values())
