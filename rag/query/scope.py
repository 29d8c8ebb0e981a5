"""Which documents a question is asked of: all, or those that a person names by pattern."""

import contextlib
import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import get_args

from rag import deadlines
from rag.errors import QuestionError
from rag.ids import document_id
from rag.marking.marks import NO_MARK, LoadMarks, Mark, Marks, no_marks
from rag.query.syntax import Filter, FilterKind
from vector_store.base import StoreView
from vector_store.records import DocumentInfo, Fields

_STATED = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")


@dataclass(frozen=True, slots=True)
class _File:
    """A file that is searched: a document, one of its copies, or one that could not be read."""

    name: str
    path: str
    fields: Fields = ()
    mark: Mark = NO_MARK


_Test = Callable[[_File], bool]
"""Returns whether a file is one of those meant."""


@dataclass(frozen=True, slots=True)
class Searched:
    """How much was searched."""

    documents: int
    passages: int
    unreadable: int
    """Files that could not be read when they were indexed."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The documents that a question is asked of."""

    documents: frozenset[int] | None
    """Ids of the documents named; None for all."""
    searched: Searched


def scope(
    view: StoreView,
    where: str | Sequence[str] = (),
    filters: Sequence[Filter] = (),
    marks: LoadMarks = no_marks,
) -> Scope:
    """Return the documents that match any of the patterns in `where`, or all without one.

    A pattern is a document's name, a file or folder (everything below it), or either with `*`
    and `?` in it. Of `filters`, one of each kind must match as well; `marks` is called for those
    on status and tags. Raises QuestionError for a
    pattern that no document matches, and when none matches all that is asked.
    """
    patterns = [where] if isinstance(where, str) else list(where)
    if not patterns and not filters:
        counts = view.counts()
        return Scope(None, Searched(counts.documents, counts.passages, counts.unread))
    known, unread = view.documents(), view.unread()
    tests = _tests(filters)
    if patterns:
        tests.append(_any([_pattern(text, known) for text in patterns]))
    known_marks = marks() if is_marked(filters) else {}
    named = [info for info in known if _passes_all(info, tests, known_marks)]
    if not named:
        asked = " ".join(map(str, filters))
        raise QuestionError(
            f"No document of the library matches {asked}. See what it holds: quoth status"
        )
    files = [_File(file.name, file.path) for file in unread]
    unreadable = sum(all(test(file) for test in tests) for file in files)
    passages = sum(info.passages for info in named)
    return Scope(frozenset(info.id for info in named), Searched(len(named), passages, unreadable))


def named(documents: Sequence[DocumentInfo], patterns: Iterable[str]) -> list[DocumentInfo]:
    """Return the documents that match any of the patterns, as `scope` reads them.

    Raises QuestionError for a pattern that no document matches.
    """
    test = _any([_pattern(text, documents) for text in patterns])
    return [info for info in documents if _passes(info, test, NO_MARK)]


def matching(
    documents: Iterable[DocumentInfo], filters: Sequence[Filter], marks: Marks
) -> list[DocumentInfo]:
    """Return the documents that match one of the filters of each kind, in their order."""
    tests = _tests(filters)
    return [info for info in documents if _passes_all(info, tests, marks)]


def is_marked(filters: Iterable[Filter]) -> bool:
    """Tell whether any filter is on the status or the tags of documents."""
    return any(one.kind in ("status", "tag") for one in filters)


def last_changed(path: str) -> date | None:
    """Return the day a document's file was last changed; None when it is not there."""
    try:
        return date.fromtimestamp(Path(path).stat().st_mtime)
    except (OSError, ValueError):
        return None


def _pattern(text: str, known: Iterable[DocumentInfo]) -> _Test:
    pattern = _Pattern(text)
    if not any(_passes(info, pattern.matches, NO_MARK) for info in known):
        raise QuestionError(
            f"No document of the library matches {text!r}. Give a document's name, a "
            'file or folder that was indexed, or a pattern such as "*.md"; see: quoth status'
        )
    return pattern.matches


def _tests(filters: Sequence[Filter]) -> list[_Test]:
    """Return the tests of a document: every date, and any filter of each other kind."""
    tests: list[_Test] = []
    for kind in get_args(FilterKind):
        if kind in ("after", "before"):
            continue
        of_kind = [_named(one) for one in filters if one.kind == kind]
        if of_kind:
            tests.append(_any(of_kind))
    return tests + [_dated(one) for one in filters if one.kind in ("after", "before")]


_FIELDS = {"to": ("to", "cc"), "author": ("author", "from")}
"""The fields that a filter looks in, where it is not that of its name only."""


def _any(tests: Sequence[_Test]) -> _Test:
    return lambda file: any(test(file) for test in tests)


def _named(one: Filter) -> _Test:
    value = _folded(one.value)
    if one.kind == "status":
        return lambda file: file.mark.status == value
    if one.kind == "tag":
        return lambda file: any(_folded(tag) == value for tag in file.mark.tags)
    value = value.replace("[", "[[]")
    if one.kind == "folder":
        return lambda file: fnmatchcase(_folded(file.path), f"*/{value.strip('/')}/*")
    if one.kind == "type":
        glob = f"*.{value.removeprefix('*').removeprefix('.')}"
        return lambda file: fnmatchcase(_folded(file.name), glob)
    if one.kind == "document":
        return lambda file: fnmatchcase(_folded(file.name), f"*{value}*")
    names = _FIELDS.get(one.kind, (one.kind,))
    return lambda file: any(
        name in names and fnmatchcase(_folded(text), f"*{value}*") for name, text in file.fields
    )


def _folded(name: str) -> str:
    """Return a name without regard to case and to how its accents are encoded."""
    return composed(name).casefold()


def composed(name: str) -> str:
    """Return a name in NFC; those of files from macOS are in NFD, what a person types is not."""
    return unicodedata.normalize("NFC", name)


def _dated(one: Filter) -> _Test:
    day, later = one.day, one.kind == "after"

    def test(file: _File) -> bool:
        dated = date_of(file.path, file.fields)
        return dated is not None and (dated >= day if later else dated < day)

    return test


def date_of(path: str, fields: Fields) -> date | None:
    """Return the day of a document's own date, else its file's last change; None without either."""
    return own_date(fields) or last_changed(path)


def own_date(fields: Fields) -> date | None:
    """Return the day of the date that a document states; of a year or a month, the first day."""
    for name, value in fields:
        if name == "date" and (stated := _STATED.match(value)):
            with contextlib.suppress(ValueError):
                return date(int(stated[1]), int(stated[2] or 1), int(stated[3] or 1))
    return None


def _passes_all(info: DocumentInfo, tests: Iterable[_Test], marks: Marks) -> bool:
    mark = marks.get(document_id(info.path), NO_MARK) if marks else NO_MARK
    return all(_passes(info, test, mark) for test in tests)


def _passes(info: DocumentInfo, test: _Test, mark: Mark) -> bool:
    """Tell whether a document passes at one of the places where it lies."""
    deadlines.check()  # of many documents, each is tried by every pattern
    places = [(info.name, info.path), *((copy.name, copy.path) for copy in info.copies)]
    return any(test(_File(name, path, info.fields, mark)) for name, path in places)


class _Pattern:
    """What a person wrote, and the path that it may mean: `~` and links stand for themselves."""

    def __init__(self, text: str) -> None:
        self.text = text = composed(text)
        # By its letters alone: who asks from elsewhere must not make this machine look up a link,
        # a home folder or, on Windows, another machine's share.
        self._place = os.path.abspath(text) if text and "\0" not in text else text  # noqa: PTH100

    def matches(self, file: _File) -> bool:
        """Return whether a file is meant."""
        name, path = composed(file.name), composed(file.path)
        if self.text in (name, path) or self._place == path:
            return True
        if not self.text:
            return False
        patterns = (self.text, self._place, f"{self._place.rstrip('/')}/*")
        globs = [pattern.replace("[", "[[]") for pattern in patterns]  # "[" is part of many a name
        return any(fnmatchcase(name, glob) or fnmatchcase(path, glob) for glob in globs)
