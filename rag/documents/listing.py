"""The list of a library's documents: each with its mark, its dates and its size, in an order."""

import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import PurePath
from typing import Literal, get_args

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
_DIGITS = re.compile(r"\d+")
_SECOND, _HOUR = 10**9, 3_600
_WIDTH = 12
"""Digits to which a number in a name is filled up."""


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
            info,
            known.get(document_id(info.path), NO_MARK),
            *file_of(info.path, stamps.get(info.path)),
        )
        for info in matches
    ]


def listed_one(view: StoreView, marks: DocumentMarks, info: DocumentInfo) -> ListedDocument:
    """Return one document of a view as `listed` does. Raises StoreDamagedError."""
    mark = marks.of([info]).get(document_id(info.path), NO_MARK)
    return ListedDocument(info, mark, *file_of(info.path, view.stamps().get(info.path)))


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


def natural(name: str) -> str:
    """Return what a name is ordered by: without regard to case, numbers by their value."""
    return _DIGITS.sub(_padded, _folded(name))


def _padded(digits: "re.Match[str]") -> str:
    return digits.group().zfill(_WIDTH)


def _folded(text: str) -> str:
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


def _holds(info: DocumentInfo, words: Sequence[str]) -> bool:
    fields = dict(info.fields)
    searched = _folded(
        "\n".join((info.name, info.title, fields.get("author", ""), fields.get("from", "")))
    )
    return all(word in searched for word in words)


def file_of(path: str, stamp: str | None) -> tuple[int | None, str]:
    """Return a file's size and the day of its last change, by its stamp or as it lies there.

    None and nothing for what is not known.
    """
    try:
        if stamp:
            size, changed, _ = stamp.split(" ", 2)
            return int(size), _day(int(changed) // _SECOND)
        status = os.stat(path)  # noqa: PTH116 (of thousands)
    except (OSError, ValueError):
        return None, ""
    return status.st_size, _day(int(status.st_mtime))


@lru_cache(maxsize=10_000)
def _day_of(hour: int) -> str:
    return datetime.fromtimestamp(hour * _HOUR).date().isoformat()


def _day(seconds: int) -> str:
    try:
        return _day_of(seconds // _HOUR)
    except (OSError, ValueError, OverflowError):  # a clock that was wrong
        return ""
