"""Which documents a question is asked of: all, or those that a person names by pattern."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from rag.answers import Searched
from rag.errors import QuestionError
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
    counts = store.counts()
    patterns = [where] if isinstance(where, str) else list(where)
    if not patterns:
        return Scope(None, Searched(counts.documents, counts.passages, counts.unread))
    known = store.documents()
    named: dict[int, DocumentInfo] = {}
    for pattern in patterns:
        matching = {info.id: info for info in known if _matches(info, pattern)}
        if not matching:
            raise QuestionError(
                f"No document of the library matches {pattern!r}. Give a document's name, a file "
                'or folder that was indexed, or a pattern such as "*.md"; see: quoth status'
            )
        named.update(matching)
    passages = sum(info.passages for info in named.values())
    return Scope(frozenset(named), Searched(len(named), passages, counts.unread))


def _matches(info: DocumentInfo, pattern: str) -> bool:
    if fnmatch(info.name, pattern) or fnmatch(info.path, pattern):
        return True
    return bool(pattern) and Path(info.path).is_relative_to(resolved(pattern))
