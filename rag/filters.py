"""Which documents a question is asked of: all, or those that a person names by pattern."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from rag.answers import Searched
from rag.errors import QuestionError, SourceError
from rag.sources import resolved
from vector_store.records import DocumentInfo
from vector_store.stores import VectorStore


@dataclass(frozen=True, slots=True)
class Scope:
    """What a question is asked of."""

    documents: frozenset[int] | None
    """Ids of the documents named; None for all."""
    searched: Searched


def scope(store: VectorStore, where: str | Sequence[str] = ()) -> Scope:
    """Return the documents that match any of the patterns in `where`, or all without one.

    A pattern is a document's name, a file or folder (everything below it), or either with `*`
    and `?` in it. Raises QuestionError for a pattern that no document matches.
    """
    patterns = [where] if isinstance(where, str) else list(where)
    if not patterns:
        counts = store.counts()
        return Scope(None, Searched(counts.documents, counts.passages, counts.unread))
    known, unread = store.documents(), store.unread()
    named: dict[int, DocumentInfo] = {}
    unreadable: set[str] = set()
    for pattern in map(_Pattern, patterns):
        matching = {info.id: info for info in known if _is_meant(info, pattern)}
        if not matching:
            raise QuestionError(
                f"No document of the library matches {pattern.text!r}. Give a document's name, a "
                'file or folder that was indexed, or a pattern such as "*.md"; see: quoth status'
            )
        named.update(matching)
        unreadable |= {file.path for file in unread if pattern.matches(file.name, file.path)}
    passages = sum(info.passages for info in named.values())
    return Scope(frozenset(named), Searched(len(named), passages, len(unreadable)))


def _is_meant(info: DocumentInfo, pattern: "_Pattern") -> bool:
    at = [(info.name, info.path), *((copy.name, copy.path) for copy in info.copies)]
    return any(pattern.matches(name, path) for name, path in at)


class _Pattern:
    """What a person wrote, and the path that it may mean."""

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            self._place = str(resolved(text))
        except SourceError:  # no path at all: it may still be a name
            self._place = text

    def matches(self, name: str, path: str) -> bool:
        """Tell whether a document of this name and path is meant."""
        if self.text in (name, path) or self._place == path:
            return True
        if not self.text:
            return False
        wanted = (self.text, self._place, f"{self._place.rstrip('/')}/*")
        globs = [one.replace("[", "[[]") for one in wanted]  # "[" is part of many a name
        return any(fnmatchcase(name, glob) or fnmatchcase(path, glob) for glob in globs)
