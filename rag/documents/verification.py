"""Proof that quotes are quotes: every kept passage against its document and its file."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag.errors import UnreadableFileError
from rag.indexing import discovery
from rag.indexing.readers import Readers
from rag.indexing.source_files import SourceFile, load
from vector_store.base import VectorStore
from vector_store.records import Contents, DocumentInfo

Kind = Literal["altered", "changed", "gone", "unreadable"]


@dataclass(frozen=True, slots=True)
class Problem:
    """A document whose quotes cannot be vouched for, and why."""

    document: str
    path: str
    kind: Kind
    """altered: the library contradicts itself; the others concern the file since indexing."""
    message: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked, and what was found."""

    documents: int
    passages: int
    problems: tuple[Problem, ...]


def verify(store: VectorStore) -> Verification:
    """Check every passage character for character; see `rag.Library.verify`.

    Raises StoreDamagedError when the database itself is damaged.
    """
    problems: list[Problem] = []
    documents = passages = 0
    altered = set(store.altered())
    with Readers() as readers:
        for info in store.documents():
            try:
                contents = store.contents(info.path)
            except KeyError:
                continue  # removed meanwhile
            documents += 1
            passages += len(contents.passages)
            if info.path in altered:
                message = "what is kept of it was damaged; remove it and index it again"
                problems.append(Problem(info.name, info.path, "altered", message))
            problems.extend(_problems(contents, readers))
            problems.extend(_copies(info))
    return Verification(documents, passages, tuple(problems))


def _problems(contents: Contents, readers: Readers) -> Iterator[Problem]:
    document = contents.document

    def problem(kind: Kind, message: str) -> Problem:
        return Problem(document.name, document.path, kind, message)

    for passage in contents.passages:
        paragraph = passage.paragraph
        if passage.text != document.text[paragraph.start : paragraph.end]:
            yield problem("altered", f"paragraph {paragraph.number} is not its source's text")
    path = Path(document.path)
    if not path.is_absolute():
        return  # a document given by a program, not read from a file
    try:
        source = SourceFile(path, document.name)
        file = load(source)
        if file.sha256 != document.sha256:
            yield problem("changed", "the file has changed since; index it again")
        elif source.reader_version != document.reader:
            yield problem("changed", "another version of Quoth read it; index it again")
        elif readers.read(file).document.text != document.text:
            yield problem("altered", "the text kept is not the file's")
    except UnreadableFileError as error:
        if discovery.is_gone(path):
            yield problem("gone", "the file is no longer there; remove it or index its folder")
        else:
            yield problem("unreadable", str(error))


def _copies(info: DocumentInfo) -> Iterator[Problem]:
    """Check that other files cited for a document hold the same bytes."""
    for copy in info.copies:
        path = Path(copy.path)
        try:
            if load(SourceFile(path, copy.name)).sha256 != info.sha256:
                message = "the file has changed since; index it again"
                yield Problem(copy.name, copy.path, "changed", message)
        except UnreadableFileError as error:
            kind: Kind = "gone" if discovery.is_gone(path) else "unreadable"
            yield Problem(copy.name, copy.path, kind, str(error))
