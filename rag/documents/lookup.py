"""Looking up documents and passages by id or path."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.answers import Quoted
from rag.errors import NotFoundError, QuestionError
from rag.ids import PassageId, document_id as id_of
from rag.indexing.change_detection import paths_of
from rag.indexing.discovery import resolved
from rag.query.scope import composed, named
from vector_store.base import StoreView
from vector_store.records import Contents, DocumentInfo, Passage, PassageInPlace

_CHANGED = "{} has changed since this passage was quoted. Ask again."


@dataclass(frozen=True, slots=True)
class PassageInContext:
    """A passage and its neighbours in the document; citations are numbered in reading order."""

    passage: Quoted
    before: tuple[Quoted, ...]
    after: tuple[Quoted, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON, without paths on this machine."""
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


def documents_named(view: StoreView, names: Iterable[str]) -> list[DocumentInfo]:
    """Return the documents of ids, names, files, folders or patterns, each once, by path.

    Raises QuestionError for a name that no document has.
    """
    documents = view.documents()
    given = list(names)
    ids = {id_of(info.path): info for info in documents}
    chosen = {ids[name].path: ids[name] for name in given if name in ids}
    patterns = [name for name in given if name not in ids]
    chosen |= {info.path: info for info in named(documents, patterns)}
    return [chosen[path] for path in sorted(chosen)]


def contents_of(view: StoreView, path: str) -> Contents:
    """Return a document with its passages, by its path or a copy's. Raises NotFoundError."""
    try:
        return view.contents(path)
    except KeyError:
        raise NotFoundError(
            f"No document has the path {path!r}: it was removed, or never was in this library."
        ) from None


def passage_in_context(view: StoreView, passage_id: str, around: int) -> PassageInContext:
    """Return the passage with an id, and up to `around` paragraphs on either side of it.

    Raises NotFoundError, also when the document has changed since it was quoted, and
    QuestionError for a negative number.
    """
    if around < 0:
        raise QuestionError(f"The number of neighbours cannot be negative: {around}.")
    place = _place(view, PassageId.parse(passage_id), around)
    quotes = [
        Quoted.of(passage, number)
        for number, passage in enumerate((*place.before, place.passage, *place.after), start=1)
    ]
    index = len(place.before)
    return PassageInContext(quotes[index], tuple(quotes[:index]), tuple(quotes[index + 1 :]))


def passage_at(view: StoreView, document_id: str, sha256: str, start: int, end: int) -> Quoted:
    """Return the passage `[start, end)` of a document whose file has this digest, as number 1.

    Raises NotFoundError, also when the document has changed since it was quoted.
    """
    passage = _place(view, PassageId(document_id, sha256, start, end), 0).passage
    if passage.document.sha256 != sha256:  # _place compares the first digits only
        raise NotFoundError(_CHANGED.format(passage.document.name))
    return Quoted.of(passage, 1)


def paragraph_of(view: StoreView, document_id: str, number: int) -> Passage:
    """Return the passage with a number in the document with an id. Raises NotFoundError."""
    try:
        return view.paragraph(document_id, number)
    except KeyError:
        name = document_of(view, document_id).name
        raise NotFoundError(f"{name} has no paragraph {number}.") from None


def paths_under(view: StoreView, paths: Iterable[str | os.PathLike[str]]) -> list[str]:
    """Return the library's paths, unread files' included, that equal one of these or lie below it.

    Sorted. Raises SourceError for an empty path.
    """
    names = set(map(str, paths))
    targets = [resolved(name) for name in names]
    indexed = [path for info in view.documents() for path in paths_of(info)]
    known = {*indexed, *(file.path for file in view.unread())}
    under = sorted(path for path in known if path in names or _is_under(path, targets))
    if under:
        return under
    # None is named so; the names of files from macOS are in NFD, and what a person types is not.
    targets = [Path(composed(str(target))) for target in targets]
    return sorted(path for path in known if _is_under(composed(path), targets))


def _is_under(path: str, targets: Iterable[Path]) -> bool:
    return any(Path(path).is_relative_to(target) for target in targets)


def _place(view: StoreView, id: PassageId, around: int) -> PassageInPlace:
    """Return a passage and up to `around` neighbours on either side. Raises NotFoundError."""
    try:
        place = view.passage_at(id.document, id.start, id.end, around=around)
    except KeyError:
        document = document_of(view, id.document)
        if not document.sha256.startswith(id.sha256):
            raise NotFoundError(_CHANGED.format(document.name)) from None
        raise NotFoundError(
            f"No passage of {document.name} is at {id.start} to {id.end}. Ask again."
        ) from None
    document = place.passage.document
    if not document.sha256.startswith(id.sha256):
        raise NotFoundError(_CHANGED.format(document.name))
    return place
