"""Passages that hold what a search demands: its exact phrases, and nothing that it leaves out.

Two searches bring candidates by meaning and by terms; whether one is shown is then decided on
its own text, and more are fetched until enough pass.
"""

from dataclasses import replace

from rag import ranking
from rag.answers import Hit
from rag.embedders import Embedder
from rag.filters import Scope
from rag.questions import Question, languages_of
from rag.syntax import Search
from vector_store import analysis
from vector_store.stores import VectorStore

_PHRASE_DEPTH = 2_000
"""How many passages with the words of a phrase are looked through for the phrase itself."""
_FIRST_LIMIT = 60
_LAST_LIMIT = 4_000


def ranked(
    store: VectorStore,
    embedder: Embedder,
    search: Search,
    question: Question,
    limit: int,
    asked_of: Scope,
) -> list[Hit]:
    """Return the `limit` best passages that a search admits, best first.

    `question` is how its words are understood.
    """
    if search.admits_all:
        return ranking.search(store, embedder, question, limit, asked_of)
    asked_of = _holding(store, search, asked_of)
    if asked_of.documents is not None and not asked_of.documents:
        return []
    depth = max(_FIRST_LIMIT, limit)
    while True:
        hits = ranking.search(store, embedder, question, depth, asked_of, search.admits)
        admitted = [hit for hit in hits if search.admits(hit.passage.text)]
        if len(admitted) >= limit or len(hits) < depth or depth >= _LAST_LIMIT:
            return admitted[:limit]
        depth *= 4


def _holding(store: VectorStore, search: Search, asked_of: Scope) -> Scope:
    """Return the scope without the documents that lack a passage with the phrases."""
    documents = asked_of.documents
    for phrase in search.phrases:
        _, spoken = languages_of(phrase, store)
        words = list(dict.fromkeys(token.forms for token in analysis.tokens(phrase, spoken)))
        found = store.search_lexical(words, _PHRASE_DEPTH, documents) if words else []
        if not found:  # of signs only, or of words that are in no passage
            continue
        held = store.passages(match.passage_id for match in found)
        documents = frozenset(p.document.id for p in held if search.admits(p.text))
        if not documents:
            break
    return replace(asked_of, documents=documents)
