"""Where an identifier stands: looked up by its rarest word, then compared letter by letter."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rag import deadlines
from rag.query.exact.identifier import Identifier
from rag.query.exact.literal_text import plain
from rag.query.query import languages_of
from rag.retrieval.candidates import passages_of
from vector_store.analysis import analyzer
from vector_store.analysis.analyzer import Forms
from vector_store.base import StoreView
from vector_store.records import DocumentInfo, Passage

DEPTH = 2_000
"""How many passages with the rarest word of an identifier are read; with more of them, that it
stands nowhere is not claimed."""


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Where an identifier stands in the documents that are searched."""

    identifier: Identifier
    passages: dict[int, int]
    """The document of each passage that holds it, itself or in its context, by their ids."""
    named: frozenset[int]
    """The ids of documents that have it in their name or title."""
    has_words: bool
    """Whether any passage holds its rarest word."""
    complete: bool
    """Whether all passages that may hold it were read."""

    @property
    def documents(self) -> frozenset[int]:
        """The ids of documents that hold it anywhere."""
        return self.named | frozenset(self.passages.values())


def occurrences_of(
    view: StoreView, identifiers: Sequence[Identifier], documents: Collection[int] | None
) -> tuple[Occurrences, ...]:
    """Return where each identifier stands in these documents, or in all.

    Raises DeadlineExceededError, CancelledWorkError.
    """
    if not identifiers:
        return ()
    names = {
        info.id: name_of(info)
        for info in view.documents()
        if documents is None or info.id in documents
    }
    return tuple(_occurrences(view, one, names, documents) for one in identifiers)


def name_of(info: DocumentInfo) -> str:
    """Return a document's names and title as a plain text."""
    return plain("\n".join((info.name, *(copy.name for copy in info.copies), info.title)))


def text_of(passage: Passage) -> str:
    """Return a passage and its context as a plain text."""
    return plain(analyzer.searchable(passage.context, passage.text))


def _occurrences(
    view: StoreView,
    identifier: Identifier,
    names: dict[int, str],
    documents: Collection[int] | None,
) -> Occurrences:
    deadlines.check()
    word = rarest_words(view, identifier.spellings)
    matches = view.search_lexical([word], DEPTH, documents) if word else []
    ids = [match.passage_id for match in matches]
    passages: dict[int, int] = {}
    for passage in passages_of(view, ids):
        if identifier.stands_in(text_of(passage)):
            passages[passage.id] = passage.document.id
    return Occurrences(
        identifier,
        passages,
        frozenset(i for i, name in names.items() if identifier.stands_in(name)),
        bool(ids),
        len(ids) < DEPTH,
    )


def rarest_words(view: StoreView, spellings: Sequence[str]) -> Forms:
    """Return the terms of each spelling's rarest word: a text with a spelling has one of them."""
    terms: dict[str, None] = {}
    for spelling in spellings:
        _, languages = languages_of(spelling, view)
        words = list(dict.fromkeys(token.forms for token in analyzer.tokens(spelling, languages)))
        if words:
            rarity = view.idf(words)
            rarest = max(words, key=lambda forms: rarity[forms])
            terms.update(dict.fromkeys(rarest))
    return tuple(terms)
