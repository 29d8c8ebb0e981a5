"""The list of a library's documents: each with its mark, its dates and its size, in an order."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePath
from typing import Literal, get_args

import regex

from rag.errors import QuestionError
from rag.ids import document_id
from rag.marking.database import DocumentMarks
from rag.marking.marks import NO_MARK, Mark
from rag.query.scope import matching, own_date
from rag.query.syntax import Filter
from vector_store.base import StoreView
from vector_store.records import DocumentInfo

Order = Literal["name", "date", "size", "type", "language"]
ORDERS: tuple[Order, ...] = get_args(Order)
_DIGITS = regex.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """A document with what a list says of it beside its text."""

    info: DocumentInfo
    mark: Mark
    size: int | None
    """Bytes of its file when it was read; None when that is not known."""
    modified: str
    """The day its file was last changed, in ISO 8601; empty when that is not known."""

    @property
    def id(self) -> str:
        """The id that citations name it by."""
        return document_id(self.info.path)

    @property
    def type(self) -> str:
        """Its file's suffix in lower case, without the dot."""
        return PurePath(self.info.name).suffix.lower().removeprefix(".")

    @property
    def author(self) -> str:
        """Who wrote it: a mail's sender, or the author in its metadata; empty when not stated."""
        stated = dict(self.info.fields)
        return stated.get("from") or stated.get("author", "")

    @property
    def own_date(self) -> str:
        """The date it states itself, in ISO 8601; empty when it states none."""
        return dict(self.info.fields).get("date", "") if own_date(self.info.fields) else ""

    @property
    def date(self) -> str:
        """The date it states itself, else the day its file was last changed, in ISO 8601."""
        return self.own_date or self.modified


def listed(
    view: StoreView, marks: DocumentMarks, filters: Sequence[Filter] = (), find: str = ""
) -> list[ListedDocument]:
    """Return the documents that match filters and hold `find` in name, title, author or sender.

    They are ordered by path. Raises StoreDamagedError.
    """
    documents, stamps = view.documents(), view.stamps()
    known = marks.of(documents)
    words = _folded(find).split()
    matches = matching(documents, filters, known) if filters else documents
    if words:
        matches = [info for info in matches if _holds(info, words)]
    return [
        ListedDocument(
            info, known.get(document_id(info.path), NO_MARK), *_file_of(info, stamps.get(info.path))
        )
        for info in matches
    ]


def ordered(
    documents: Iterable[ListedDocument], order: Order = "name", *, reverse: bool = False
) -> list[ListedDocument]:
    """Return documents in an order, numbers in names by their value; equal ones by name.

    With `reverse`, the last comes first. What is not known of a document puts it first.
    """
    by_name = sorted(documents, key=lambda one: (natural(one.info.name), one.info.path))
    if order == "name":
        return by_name[::-1] if reverse else by_name
    keys = {
        "date": lambda one: one.date,
        "size": lambda one: -1 if one.size is None else one.size,
        "type": lambda one: one.type,
        "language": lambda one: one.info.language,
    }
    return sorted(by_name, key=keys[order], reverse=reverse)


def checked_order(text: str) -> Order:
    """Return an order by its name. Raises QuestionError for any other text."""
    for order in ORDERS:
        if order == text:
            return order
    raise QuestionError(f"{text[:80]!r} is no order. Write one of: {', '.join(ORDERS)}.")


def natural(name: str) -> list[str]:
    """Return what a name is ordered by: without regard to case, numbers by their value."""
    pieces = _DIGITS.split(_folded(name))
    return [f"{len(piece.lstrip('0')):04}{piece}" if piece.isdigit() else piece for piece in pieces]


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _holds(info: DocumentInfo, words: Sequence[str]) -> bool:
    fields = dict(info.fields)
    told = _folded(
        "\n".join((info.name, info.title, fields.get("author", ""), fields.get("from", "")))
    )
    return all(word in told for word in words)


def _file_of(info: DocumentInfo, stamp: str | None) -> tuple[int | None, str]:
    """Return a file's size and the day of its last change, by its stamp or as it lies there."""
    if stamp:
        size, changed, *_ = stamp.split(" ", 2)
        return int(size), _day(int(changed) / 1e9)
    try:
        status = Path(info.path).stat()
    except (OSError, ValueError):
        return None, ""
    return status.st_size, _day(status.st_mtime)


def _day(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds).date().isoformat()
    except (OSError, ValueError, OverflowError):  # a clock that was wrong
        return ""
