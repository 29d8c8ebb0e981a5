"""Verification: every passage compared with its document, and every document with its file."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag.documents.second_reading import SecondReading, compare
from rag.errors import UnreadableFileError
from rag.indexing import discovery
from rag.indexing.readers import Readers
from rag.indexing.source_files import SourceFile, load
from vector_store.base import VectorStore
from vector_store.records import Contents, DocumentInfo

Kind = Literal["altered", "changed", "gone", "unreadable"]


@dataclass(frozen=True, slots=True)
class Problem:
    """A document that failed verification, and why."""

    document: str
    path: str
    kind: Kind
    """altered: the library contradicts itself; the others: the file differs since indexing."""
    message: str


@dataclass(frozen=True, slots=True)
class Verification:
    """How much was verified, and the problems."""

    documents: int
    passages: int
    problems: tuple[Problem, ...]
    second_readings: tuple[SecondReading, ...] = ()
    """Of each document that equals its file and can be read in a second way."""


def verify(store: VectorStore, *, second_reading: bool = True) -> Verification:
    """Check every passage character for character; see `rag.Library.verify`.

    Raises StoreDamagedError when the database itself is damaged.
    """
    problems: list[Problem] = []
    again: list[SecondReading] = []
    documents = passages = 0
    with store.view() as view:
        altered, infos = set(view.altered()), view.documents()
    with Readers() as readers:
        for info in infos:
            try:
                with store.view() as view:  # one for each: reading files takes long
                    contents = view.contents(info.path)
            except KeyError:
                continue  # removed in the meantime
            documents += 1
            passages += len(contents.passages)
            if info.path in altered:
                message = "its data in the library is damaged; remove it and index it again"
                problems.append(Problem(info.name, info.path, "altered", message))
            own, data = _checked(contents, readers)
            problems.extend(own)
            if second_reading and data is not None:
                again.extend(_read_again(contents, data, readers))
            problems.extend(_copies(info))
    return Verification(documents, passages, tuple(problems), tuple(again))


def _read_again(contents: Contents, data: bytes, readers: Readers) -> Iterator[SecondReading]:
    """Yield the comparison of a document with a second reading of its file, if there is one."""
    document = contents.document
    comparison = compare(document.name, document.path, data, contents.passages, readers.worker)
    if comparison is not None:
        yield comparison


def _checked(contents: Contents, readers: Readers) -> tuple[list[Problem], bytes | None]:
    """Return the problems of a document, and the bytes of its file if there are none."""
    document = contents.document

    def problem(kind: Kind, message: str) -> Problem:
        return Problem(document.name, document.path, kind, message)

    problems = [
        problem("altered", f"paragraph {passage.paragraph.number} differs from its source")
        for passage in contents.passages
        if passage.text != document.text[passage.paragraph.start : passage.paragraph.end]
    ]
    path = Path(document.path)
    if not path.is_absolute():
        return problems, None  # added by a program, not read from a file
    try:
        source = SourceFile(path, document.name)
        file = load(source)
        if file.sha256 != document.sha256:
            problems.append(problem("changed", "the file has changed since; index it again"))
        elif source.reader_version != document.reader:
            problems.append(problem("changed", "another version of Quoth read it; index it again"))
        elif readers.read(file).document.text != document.text:
            problems.append(problem("altered", "the library's text differs from the file's"))
    except UnreadableFileError as error:
        if discovery.is_gone(path):
            message = "the file no longer exists; remove it or index its folder"
            return [*problems, problem("gone", message)], None
        return [*problems, problem("unreadable", str(error))], None
    return problems, None if problems else file.data


def _copies(info: DocumentInfo) -> Iterator[Problem]:
    """Check that a document's copies still hold the same bytes."""
    for copy in info.copies:
        path = Path(copy.path)
        try:
            if load(SourceFile(path, copy.name)).sha256 != info.sha256:
                message = "the file has changed since; index it again"
                yield Problem(copy.name, copy.path, "changed", message)
        except UnreadableFileError as error:
            kind: Kind = "gone" if discovery.is_gone(path) else "unreadable"
            yield Problem(copy.name, copy.path, kind, str(error))
