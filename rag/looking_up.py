"""Documents and passages found again by their ids."""

from dataclasses import dataclass
from typing import Any

from rag.answers import Quoted
from rag.errors import NotFoundError, QuestionError
from rag.identifiers import PassageId, document_id
from vector_store.records import Contents, Passage
from vector_store.stores import VectorStore


@dataclass(frozen=True, slots=True)
class PassageInContext:
    """A passage and its neighbours in the document. Citations are numbered in reading order."""

    passage: Quoted
    before: tuple[Quoted, ...]
    after: tuple[Quoted, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, ready for JSON."""
        return {
            **self.passage.to_dict(),
            "before": [quoted.to_dict() for quoted in self.before],
            "after": [quoted.to_dict() for quoted in self.after],
        }


def path_of(store: VectorStore, document: str) -> str:
    """Return the path of the document with an id. Raises NotFoundError."""
    for info in store.documents():
        if document_id(info.path) == document:
            return info.path
    raise NotFoundError(
        f"No document has the id {document[:80]!r}: it was removed, or never was in this library."
    )


def contents_of(store: VectorStore, path: str) -> Contents:
    """Return a document with its passages, by its path or a copy's. Raises NotFoundError."""
    try:
        return store.contents(path)
    except KeyError:
        raise NotFoundError(
            f"No document has the path {path!r}: it was removed, or never was in this library."
        ) from None


def passage_at(store: VectorStore, document: str, sha256: str, start: int, end: int) -> Quoted:
    """Return the passage `[start, end)` of a document whose file has this digest, as number 1.

    Raises NotFoundError, also when the document is no longer what was quoted from.
    """
    contents = contents_of(store, path_of(store, document))
    for passage in contents.passages if contents.document.sha256 == sha256 else ():
        if (passage.paragraph.start, passage.paragraph.end) == (start, end):
            return Quoted.of(passage, 1)
    raise NotFoundError(f"No passage of {contents.document.name} is at {start} to {end}.")


def paragraph_of(store: VectorStore, document: str, number: int) -> Passage:
    """Return the passage of a number in the document with an id. Raises NotFoundError."""
    contents = contents_of(store, path_of(store, document))
    for passage in contents.passages:
        if passage.paragraph.number == number:
            return passage
    raise NotFoundError(f"{contents.document.name} has no paragraph {number}.")


def passage_in_context(store: VectorStore, named: str, around: int) -> PassageInContext:
    """Return the passage with an id, and up to `around` paragraphs on either side of it.

    Raises NotFoundError, also when the document is no longer what was quoted from, and
    QuestionError for a negative number.
    """
    if around < 0:
        raise QuestionError(f"There is no negative number of neighbours: {around}.")
    sought = PassageId.parse(named)
    contents = contents_of(store, path_of(store, sought.document))
    if not contents.document.sha256.startswith(sought.sha256):
        raise NotFoundError(
            f"{contents.document.name} has changed since this passage was quoted. Ask again."
        )
    passages = contents.passages
    for at, passage in enumerate(passages):
        span = (passage.paragraph.start, passage.paragraph.end)
        if span == (sought.start, sought.end):
            first = max(0, at - around)
            shown = [
                Quoted.of(passage, number)
                for number, passage in enumerate(passages[first : at + around + 1], start=1)
            ]
            before, after = shown[: at - first], shown[at - first + 1 :]
            return PassageInContext(shown[at - first], tuple(before), tuple(after))
    raise NotFoundError(
        f"No passage of {contents.document.name} is at {sought.start} to {sought.end}. Ask again."
    )
