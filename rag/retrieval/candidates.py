"""The passages worth reading for a question: the best of two searches, in a first order."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from rag import deadlines
from rag.answers import Ranked
from rag.query.query import AnalyzedQuestion
from rag.retrieval.trace import stage
from vector_store.base import StoreView
from vector_store.records import Match, Passage, Sentences

CANDIDATES = 100
"""How many passages each search contributes at least."""
_BM25_WEIGHT = 1.2
"""In the first order, of the BM25 level against closeness."""
_BM25_LIMIT = 2.2
"""Times a term's idf: the most it can add to BM25, k1 + 1."""
_BATCH = 250
"""Passages whose text is fetched at once, between two checks of the deadline."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The passages that the two searches returned for a question."""

    order: tuple[int, ...]
    """Ids of all passages, the most promising first."""
    cosines: dict[int, float]
    """Of all passages."""
    bm25: dict[int, float]
    """Of those with a term of the question."""
    dense: dict[int, Ranked]
    lexical: dict[int, Ranked]
    best_bm25: float
    best_closeness: float
    """The nearest passage's similarity, on the model's scale."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A passage to be judged, with its scores in the two searches."""

    passage: Passage
    sentences: Sentences
    cosine: float
    """The similarity of the question and its nearest window."""
    bm25: float
    """0 when the lexical search did not return it."""


def search(
    view: StoreView,
    question: AnalyzedQuestion,
    limit: int,
    documents: Collection[int] | None = None,
) -> Candidates:
    """Search both ways for at least `limit` passages, in `documents` only where they are given.

    The first order is by closeness and BM25 level, summed; ties go by passage id. A question in
    a language that the model does not know is searched for by its words alone.
    """
    depth = max(CANDIDATES, limit)
    with stage("lexical"):
        lexical = view.search_lexical(question.words, depth, documents)
    with stage("dense"):
        by_meaning = question.known or not lexical
        dense = view.search_dense(question.vector, depth, documents) if by_meaning else []
    with stage("fuse"):
        ids = {match.passage_id for match in (*dense, *lexical)}
        cosines = view.similarities(question.vector, ids)
        bm25 = {match.passage_id: match.score for match in lexical}
        closeness, order = _first_order(question, cosines, bm25)
        return Candidates(
            order,
            cosines,
            bm25,
            _ranked(dense),
            _ranked(lexical),
            max(bm25.values(), default=0.0),
            max(closeness.values(), default=0.0),
        )


def _first_order(
    question: AnalyzedQuestion, cosines: dict[int, float], bm25: dict[int, float]
) -> tuple[dict[int, float], tuple[int, ...]]:
    """Return the closeness of each passage, and their ids in the first order."""
    highest = _BM25_LIMIT * sum(question.weights.values())
    similarities = question.closeness(list(cosines.values())) * question.known
    closeness = dict(zip(cosines, similarities.tolist(), strict=True))
    scores = {
        i: near + _BM25_WEIGHT * bm25.get(i, 0.0) / highest if highest else near
        for i, near in closeness.items()
    }
    return closeness, tuple(sorted(scores, key=lambda i: (-scores[i], i)))


def read(view: StoreView, candidates: Candidates, ids: Iterable[int]) -> list[Candidate]:
    """Fetch the passages with these ids, in this order."""
    ids = list(ids)
    with stage("read"):
        sentences = view.sentences(ids)
        return [
            Candidate(
                passage,
                sentences[passage.id],
                candidates.cosines[passage.id],
                candidates.bm25.get(passage.id, 0.0),
            )
            for passage in view.passages(ids)
        ]


def _ranked(matches: Sequence[Match]) -> dict[int, Ranked]:
    return {match.passage_id: Ranked(i, match.score) for i, match in enumerate(matches, start=1)}


def passages_of(view: StoreView, ids: Sequence[int]) -> Iterator[Passage]:
    """Yield the passages of ids, any number of them, some at a time.

    Raises DeadlineExceededError, CancelledWorkError.
    """
    for at in range(0, len(ids), _BATCH):
        deadlines.check()
        for passage in view.passages(ids[at : at + _BATCH]):
            deadlines.check()
            yield passage
