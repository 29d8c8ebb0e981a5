"""Passages that hold what a search demands: its exact phrases, and nothing that it leaves out.

Two searches bring candidates by meaning and by terms; whether one is shown is then decided on
its own text, and more are fetched until enough pass. Only the first of all and those that pass
are then weighed by their evidence.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from rag import deadlines
from rag.answers import Hit
from rag.models.base import Embedder
from rag.query.conditions import Admission
from rag.query.query import AnalyzedQuestion, languages_of
from rag.query.scope import Scope
from rag.query.syntax import Search
from rag.retrieval import candidates, ranking
from rag.retrieval.candidates import Candidates
from vector_store.analysis import analyzer
from vector_store.base import VectorStore

_PHRASE_DEPTH = 2_000
"""How many passages with the words of a phrase are looked through for the phrase itself."""
_FIRST_LIMIT = 60
_LAST_LIMIT = 4_000
"""No more are fetched once as many were: the round that reaches it has under four times as many."""
_BATCH = 250
"""Passages whose text is fetched at once, between two looks at the clock."""


class _Judged:
    """The passages of a store that a search admits; the text of each is looked at once."""

    def __init__(self, store: VectorStore, search: Search) -> None:
        """Look at none yet."""
        self._store = store
        self._admission = Admission(search)
        self._documents: dict[int, int | None] = {}

    def admitted(self, passage_ids: Sequence[int]) -> dict[int, int]:
        """Return those that are admitted, in the order given, each with its document's id.

        Raises DeadlineExceededError, CancelledWorkError.
        """
        new = [i for i in passage_ids if i not in self._documents]
        self._documents.update(dict.fromkeys(new))
        for at in range(0, len(new), _BATCH):
            deadlines.check()
            for passage in self._store.passages(new[at : at + _BATCH]):
                deadlines.check()
                if self._admission.admits(passage.text):
                    self._documents[passage.id] = passage.document.id
        of_each = ((i, self._documents[i]) for i in passage_ids)
        return {i: document for i, document in of_each if document is not None}


def ranked(
    store: VectorStore,
    embedder: Embedder,
    search: Search,
    question: AnalyzedQuestion,
    limit: int,
    asked_of: Scope,
) -> list[Hit]:
    """Return the `limit` best passages that a search admits, best first.

    `question` is how its words are understood. Raises DeadlineExceededError, CancelledWorkError.
    """
    if search.admits_all:
        return ranking.search(store, embedder, question, limit, asked_of)
    judged = _Judged(store, search)
    asked_of = _holding(store, search, judged, asked_of)
    if asked_of.documents is not None and not asked_of.documents:
        return []
    for _ in range(ranking.TRIES):
        found, admitted = _deep_enough(store, question, judged, limit, asked_of)
        places = _worth_weighing(found, admitted, limit)
        chosen = replace(found, order=tuple(found.order[place] for place in places))
        fetched = candidates.read(store, chosen, len(places))
        if found.whole and len(fetched) == len(places):
            break
    hits = ranking.ordered(
        question, found, fetched, places, embedder, asked_of, lambda p: p.id in admitted
    )
    return [hit for hit in hits if hit.passage.id in admitted][:limit]


def _deep_enough(
    store: VectorStore, question: AnalyzedQuestion, judged: _Judged, limit: int, asked_of: Scope
) -> tuple[Candidates, dict[int, int]]:
    """Search deeper until enough passages are admitted; return what was found, and those."""
    depth = max(_FIRST_LIMIT, limit)
    while True:
        deadlines.check()
        found = candidates.find(store, question, depth, asked_of.documents)
        admitted = judged.admitted(found.order[:depth])
        if len(admitted) >= limit or len(found.order) < depth or depth >= _LAST_LIMIT:
            return found, admitted
        depth *= 4


def _worth_weighing(found: Candidates, admitted: dict[int, int], limit: int) -> list[int]:
    """Return the places of the first of all, and of as many that are admitted after them."""
    first = min(ranking.READ, len(found.order))
    after = (at for at in range(first, len(found.order)) if found.order[at] in admitted)
    return [*range(first), *islice(after, limit)]


def _holding(store: VectorStore, search: Search, judged: _Judged, asked_of: Scope) -> Scope:
    """Return the scope without the documents that lack a passage with the phrases."""
    documents = asked_of.documents
    for phrase in search.phrases:
        deadlines.check()
        _, spoken = languages_of(phrase, store)
        words = list(dict.fromkeys(token.forms for token in analyzer.tokens(phrase, spoken)))
        matches = store.search_lexical(words, _PHRASE_DEPTH, documents) if words else []
        if not matches:  # of signs only, or of words that are in no passage
            continue
        admitted = judged.admitted([match.passage_id for match in matches])
        documents = frozenset(admitted.values())
        if not documents:
            break
    return replace(asked_of, documents=documents)
