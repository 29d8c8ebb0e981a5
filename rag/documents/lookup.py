"""Documents and passages found again by their ids."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.answers import Quoted
from rag.errors import NotFoundError, QuestionError
from rag.ids import PassageId
from rag.indexing.change_detection import paths_of
from rag.indexing.discovery import resolved
from vector_store.base import StoreView
from vector_store.records import Contents, DocumentInfo, Passage, PassageInPlace

_CHANGED = "{} has changed since this passage was quoted. Ask again."


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


def document_of(view: StoreView, document_id: str) -> DocumentInfo:
    """Return the document with an id, without its text. Raises NotFoundError."""
    try:
        return view.document(document_id)
    except KeyError:
        raise NotFoundError(
            f"No document has the id {document_id[:80]!r}: it was removed, or never was in this "
            "library."
        ) from None


def contents_of(view: StoreView, path: str) -> Contents:
    """Return a document with its passages, by its path or a copy's. Raises NotFoundError."""
    try:
        return view.contents(path)
    except KeyError:
        raise NotFoundError(
            f"No document has the path {path!r}: it was removed, or never was in this library."
        ) from None


def passage_in_context(view: StoreView, named: str, around: int) -> PassageInContext:
    """Return the passage with an id, and up to `around` paragraphs on either side of it.

    Raises NotFoundError, also when the document is no longer what was quoted from, and
    QuestionError for a negative number.
    """
    if around < 0:
        raise QuestionError(f"There is no negative number of neighbours: {around}.")
    sought = PassageId.parse(named)
    place = _place(view, sought, around)
    quoted = [
        Quoted.of(passage, number)
        for number, passage in enumerate((*place.before, place.passage, *place.after), start=1)
    ]
    at = len(place.before)
    return PassageInContext(quoted[at], tuple(quoted[:at]), tuple(quoted[at + 1 :]))


def passage_at(view: StoreView, document_id: str, sha256: str, start: int, end: int) -> Quoted:
    """Return the passage `[start, end)` of a document whose file has this digest, as number 1.

    Raises NotFoundError, also when the document is no longer what was quoted from.
    """
    passage = _place(view, PassageId(document_id, sha256, start, end), 0).passage
    if passage.document.sha256 != sha256:  # of which an id has the first digits only
        raise NotFoundError(_CHANGED.format(passage.document.name))
    return Quoted.of(passage, 1)


def paragraph_of(view: StoreView, document_id: str, number: int) -> Passage:
    """Return the passage of a number in the document with an id. Raises NotFoundError."""
    try:
        return view.paragraph(document_id, number)
    except KeyError:
        name = document_of(view, document_id).name
        raise NotFoundError(f"{name} has no paragraph {number}.") from None


def paths_under(view: StoreView, paths: Iterable[str | os.PathLike[str]]) -> list[str]:
    """Return the paths kept, or noted as unread, that are one of these or lie below one, sorted.

    Raises SourceError for an empty path.
    """
    given = set(map(str, paths))
    targets = [resolved(path) for path in given]
    kept = [path for info in view.documents() for path in paths_of(info)]
    noted = [file.path for file in view.unread()]
    return sorted(
        path
        for path in {*kept, *noted}
        if path in given or any(Path(path).is_relative_to(target) for target in targets)
    )


def _place(view: StoreView, sought: PassageId, around: int) -> PassageInPlace:
    """Return a passage and its neighbours, one read each. Raises NotFoundError."""
    try:
        place = view.passage_at(sought.document, sought.start, sought.end, around=around)
    except KeyError:
        document = document_of(view, sought.document)
        if not document.sha256.startswith(sought.sha256):
            raise NotFoundError(_CHANGED.format(document.name)) from None
        raise NotFoundError(
            f"No passage of {document.name} is at {sought.start} to {sought.end}. Ask again."
        ) from None
    document = place.passage.document
    if not document.sha256.startswith(sought.sha256):
        raise NotFoundError(_CHANGED.format(document.name))
    return place
