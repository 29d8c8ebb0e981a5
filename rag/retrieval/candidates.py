"""The passages worth reading for a question: the best of two searches, in a first order."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rag.answers import Ranked
from rag.query.query import AnalyzedQuestion
from rag.retrieval.features import Candidate
from vector_store.base import VectorStore
from vector_store.records import Match

CANDIDATES = 100
"""How many passages each search contributes at least."""
_BM25_WEIGHT = 1.2
"""In the first order, of the BM25 level against closeness."""
_BM25_LIMIT = 2.2
"""Times a term's idf: the most it can add to BM25, k1 + 1."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """What the two searches brought for a question."""

    order: tuple[int, ...]
    """Ids of all passages found, the most promising first."""
    cosines: dict[int, float]
    """Of all of them."""
    bm25: dict[int, float]
    """Of those with a term of the question."""
    dense: dict[int, Ranked]
    lexical: dict[int, Ranked]
    best_bm25: float
    best_closeness: float
    """The nearest passage's similarity, on the model's scale."""
    whole: bool
    """Whether every passage found was still there when its similarity was asked for."""


def find(
    store: VectorStore,
    question: AnalyzedQuestion,
    limit: int,
    documents: Collection[int] | None = None,
) -> Candidates:
    """Search both ways for at least `limit` passages, of `documents` only where they are given.

    The first order is by closeness and BM25 level, summed; ties go by passage id. A question in
    a language that the model does not know is searched for by its words alone.
    """
    depth = max(CANDIDATES, limit)
    lexical = store.search_lexical(question.words, depth, documents)
    by_meaning = question.known or not lexical
    dense = store.search_dense(question.vector, depth, documents) if by_meaning else []
    ids = {match.passage_id for match in (*dense, *lexical)}
    cosines = store.similarities(question.vector, ids)
    bm25 = {m.passage_id: m.score for m in lexical if m.passage_id in cosines}
    most = _BM25_LIMIT * sum(question.weights.values())
    similarities = question.closeness(list(cosines.values())) * question.known
    closeness = dict(zip(cosines, similarities.tolist(), strict=True))
    first = {i: near + _BM25_WEIGHT * bm25.get(i, 0.0) / most if most else near
             for i, near in closeness.items()}  # fmt: skip
    return Candidates(
        tuple(sorted(first, key=lambda i: (-first[i], i))),
        cosines,
        bm25,
        _ranked(dense),
        _ranked(lexical),
        max(bm25.values(), default=0.0),
        max(closeness.values(), default=0.0),
        len(cosines) == len(ids),
    )


def read(store: VectorStore, found: Candidates, limit: int) -> list[Candidate]:
    """Fetch the `limit` most promising passages; those that are gone are left out."""
    order = found.order[:limit]
    sentences = store.sentences(order)
    return [
        Candidate(passage, sentences[passage.id], found.cosines[passage.id],
                  found.bm25.get(passage.id, 0.0))
        for passage in store.passages(order)
        if passage.id in sentences
    ]  # fmt: skip


def _ranked(matches: Sequence[Match]) -> dict[int, Ranked]:
    return {match.passage_id: Ranked(i, match.score) for i, match in enumerate(matches, start=1)}
