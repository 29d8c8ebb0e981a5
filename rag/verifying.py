"""Proof that quotes are quotes: every kept passage against its document and its file."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag import readers
from rag.errors import UnreadableFileError
from rag.readers import SourceFile
from vector_store.records import Document, DocumentInfo, Passage
from vector_store.stores import VectorStore


@dataclass(frozen=True, slots=True)
class Problem:
    """A document whose quotes cannot be vouched for, and why."""

    document: str
    path: str
    kind: Literal["altered", "changed", "gone", "unreadable"]
    """altered: the library contradicts itself; the others concern the file since indexing."""
    message: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked, and what was found."""

    documents: int
    passages: int
    problems: tuple[Problem, ...]


def verify(store: VectorStore) -> Verification:
    """Check every passage character for character; see `rag.Library.verify`."""
    problems: list[Problem] = []
    documents = store.documents()
    passages = 0
    for info in documents:
        document = store.document(info.path)
        found = store.passages_of(info.path)
        passages += len(found)
        problems.extend(_problems(info, document, found))
    return Verification(len(documents), passages, tuple(problems))


def _problems(info: DocumentInfo, document: Document, passages: list[Passage]) -> Iterator[Problem]:
    def problem(kind: Literal["altered", "changed", "gone", "unreadable"], message: str) -> Problem:
        return Problem(info.name, info.path, kind, message)

    for passage in passages:
        paragraph = passage.paragraph
        if passage.text != document.text[paragraph.start : paragraph.end]:
            yield problem("altered", f"paragraph {paragraph.number} is not its source's text")
    if not Path(info.path).is_absolute():
        return  # a document given by a program, not read from a file
    try:
        file = readers.load(SourceFile(Path(info.path), info.name))
        if file.sha256 != document.sha256:
            yield problem("changed", "the file has changed since; index it again")
        elif readers.read(file).document.text != document.text:
            yield problem("altered", "the text kept is not the file's")
    except UnreadableFileError as error:
        if Path(info.path).exists():
            yield problem("unreadable", str(error))
        else:
            yield problem("gone", "the file is no longer there; remove it or index its folder")
