"""Which documents a question is asked of: all, or those that a person names by pattern."""

import os
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

from rag import deadlines
from rag.errors import QuestionError
from rag.query.syntax import Filter, FilterKind
from vector_store.base import StoreView
from vector_store.records import DocumentInfo

_Test = Callable[[str, str], bool]
"""Tells whether a document of this name and path is meant."""


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
    view: StoreView, where: str | Sequence[str] = (), filters: Sequence[Filter] = ()
) -> Scope:
    """Return the documents that match any of the patterns in `where`, or all without one.

    A pattern is a document's name, a file or folder (everything below it), or either with `*`
    and `?` in it. Of `filters`, one of each kind must match as well. Raises QuestionError for a
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
    named = [info for info in known if all(_passes(info, test) for test in tests)]
    if not named:
        asked = " ".join(map(str, filters))
        raise QuestionError(
            f"No document of the library matches {asked}. See what it holds: quoth status"
        )
    unreadable = sum(all(test(file.name, file.path) for test in tests) for file in unread)
    passages = sum(info.passages for info in named)
    return Scope(frozenset(info.id for info in named), Searched(len(named), passages, unreadable))


def last_changed(path: str) -> date | None:
    """Return the day a document's file was last changed; None when it is not there."""
    try:
        return date.fromtimestamp(Path(path).stat().st_mtime)
    except (OSError, ValueError):
        return None


def _pattern(text: str, known: Iterable[DocumentInfo]) -> _Test:
    pattern = _Pattern(text)
    if not any(_passes(info, pattern.matches) for info in known):
        raise QuestionError(
            f"No document of the library matches {text!r}. Give a document's name, a "
            'file or folder that was indexed, or a pattern such as "*.md"; see: quoth status'
        )
    return pattern.matches


def _tests(filters: Sequence[Filter]) -> list[_Test]:
    """Return what a document must pass: dates all, of each other kind any."""
    tests: list[_Test] = []
    kinds: tuple[FilterKind, ...] = ("document", "folder", "type")
    for kind in kinds:
        wanted = [_named(one) for one in filters if one.kind == kind]
        if wanted:
            tests.append(_any(wanted))
    return tests + [_dated(one) for one in filters if one.kind in ("after", "before")]


def _any(tests: Sequence[_Test]) -> _Test:
    return lambda name, path: any(test(name, path) for test in tests)


def _named(one: Filter) -> _Test:
    wanted = _folded(one.value).replace("[", "[[]")
    glob = {
        "document": f"*{wanted}*",
        "folder": f"*/{wanted.strip('/')}/*",
        "type": f"*.{wanted.removeprefix('*').removeprefix('.')}",
    }[one.kind]
    if one.kind == "folder":
        return lambda name, path: fnmatchcase(_folded(path), glob)
    return lambda name, path: fnmatchcase(_folded(name), glob)


def _folded(name: str) -> str:
    """Return a name without regard to case and to how its accents are encoded."""
    return _composed(name).casefold()


def _composed(name: str) -> str:
    """Return a name in NFC; those of files from macOS are in NFD, what a person types is not."""
    return unicodedata.normalize("NFC", name)


def _dated(one: Filter) -> _Test:
    day, later = one.day, one.kind == "after"

    def test(name: str, path: str) -> bool:
        changed = last_changed(path)
        return changed is not None and (changed >= day if later else changed < day)

    return test


def _passes(info: DocumentInfo, test: _Test) -> bool:
    """Tell whether a document passes at one of the places where it lies."""
    deadlines.check()  # of many documents, each is tried by every pattern
    at = [(info.name, info.path), *((copy.name, copy.path) for copy in info.copies)]
    return any(test(name, path) for name, path in at)


class _Pattern:
    """What a person wrote, and the path that it may mean: `~` and links stand for themselves."""

    def __init__(self, text: str) -> None:
        self.text = text = _composed(text)
        # By its letters alone: who asks from elsewhere must not make this machine look up a link,
        # a home folder or, on Windows, another machine's share.
        self._place = os.path.abspath(text) if text and "\0" not in text else text  # noqa: PTH100

    def matches(self, name: str, path: str) -> bool:
        """Tell whether a document of this name and path is meant."""
        name, path = _composed(name), _composed(path)
        if self.text in (name, path) or self._place == path:
            return True
        if not self.text:
            return False
        wanted = (self.text, self._place, f"{self._place.rstrip('/')}/*")
        globs = [one.replace("[", "[[]") for one in wanted]  # "[" is part of many a name
        return any(fnmatchcase(name, glob) or fnmatchcase(path, glob) for glob in globs)
