"""All that answers a question: the passages after the best few, read and calibrated round by round.

The order of reading is that of the two searches, deeper and deeper, so that it ends only with the
documents. Each round has every passage of it read, together with the best of all, behind which the
others count. Among passages that may answer, the probability never rises from one part to the next.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from rag import deadlines
from rag.answers import Hit
from rag.listing.cursors import decoded, encoded, listed
from rag.listing.reading_order import ReadingOrder
from rag.listing.records import AnswerList, day_of
from rag.query.query import AnalyzedQuestion, analyse, readable
from rag.query.scope import Scope
from rag.query.syntax import Search
from rag.retrieval import candidates
from rag.retrieval.answer_builder import cited
from rag.retrieval.calibration import probabilities
from rag.retrieval.exact.arrangement import corrected
from rag.retrieval.exact.evidence import tiers_of
from rag.retrieval.pipeline import Models, describe, hit_of, retrieve_with
from rag.retrieval.ranking import (
    RERANKED,
    Ordered,
    PassageReadings,
    Reranked,
    can_read,
    order,
    read_passages,
)
from vector_store.base import StoreView
from vector_store.indexes.threads import products_on_one_core
from vector_store.records import DocumentInfo

MOST_READ = 2_000
"""Passages that are read for one question; mentions are listed without such a limit."""
_BARREN_ROUNDS = 2
"""After as many rounds in which nothing may answer, the search for all answers ends."""


@dataclass(frozen=True, slots=True)
class _State:
    """How far a list of answers has come."""

    firsts: list[int]
    """The passages that the answer itself shows, the best first."""
    documents: list[int]
    """Of the passages that may answer."""
    position: int
    """How many passages of the reading order were considered."""
    read: int
    may_answer: int
    ceiling: float
    """The least probability of those that may answer; without any, that of the best."""


@dataclass(frozen=True, slots=True)
class _Listing:
    """A question and what it is asked of."""

    view: StoreView
    models: Models
    search: Search
    within: Scope
    question: AnalyzedQuestion
    reading: ReadingOrder

    @classmethod
    def of(cls, view: StoreView, models: Models, search: Search, within: Scope) -> "_Listing":
        question = analyse(readable(search.wording, models.embedder), models.embedder, view)
        reading = ReadingOrder(view, search, question, within.documents)
        return cls(view, models, search, within, question, reading)

    @property
    def threshold(self) -> float:
        return self.models.recalibration.threshold

    def answers(self, hit: Hit) -> bool:
        """Tell whether a passage counts as one that may answer."""
        return self.search.is_phrases or hit.confidence >= self.threshold


@products_on_one_core()
def more(
    view: StoreView,
    models: Models,
    search: Search,
    within: Scope,
    *,
    k: int,
    size: int,
    cursor: str,
) -> AnswerList:
    """Return the next `size` passages after a cursor; without one, after the best `k`.

    Raises QuestionError, DeadlineExceededError, CancelledWorkError.
    """
    documents = None if within.documents is None else sorted(within.documents)
    name = listed("answers", search.typed, search.carried, documents, k)
    edition = view.edition()
    listing = _Listing.of(view, models, search, within)
    if cursor:
        state = _State(*decoded(cursor, name, edition, ([], [], 0, 0, 0, 0.0)))
    else:
        state, _ = _begun(listing, k)
    first = state.read + 1
    state, hits = _next(listing, state, size)
    is_complete = listing.reading.ends_at(state.position)
    goes_on = not is_complete and bool(hits) and state.read < MOST_READ
    place = (
        state.firsts, state.documents, state.position, state.read, state.may_answer, state.ceiling
    )  # fmt: skip
    return _list(
        listing,
        state,
        hits,
        first,
        is_complete,
        encoded(name, edition, *place) if goes_on else None,
    )


@products_on_one_core()
def all_answers(
    view: StoreView, models: Models, search: Search, within: Scope, *, most_read: int, size: int
) -> AnswerList:
    """Return every passage that may answer among `most_read` at most, the likeliest first.

    The search ends earlier once two rounds of `size` passages have brought none. Raises as `more`.
    """
    listing = _Listing.of(view, models, search, within)
    state, hits = _begun(listing, RERANKED)
    answering = [hit for hit in hits if listing.answers(hit)]
    misses = 0
    while misses < _BARREN_ROUNDS and state.read < min(most_read, MOST_READ):
        state, hits = _next(listing, state, size)
        if not hits:
            break
        answering += [hit for hit in hits if listing.answers(hit)]
        misses = 0 if any(map(listing.answers, hits)) else misses + 1
    answering.sort(key=lambda hit: -hit.confidence)
    return _list(listing, state, answering, 1, listing.reading.ends_at(state.position), None)


def _list(
    listing: _Listing,
    state: _State,
    hits: Sequence[Hit],
    first: int,
    complete: bool,
    following: str | None,
) -> AnswerList:
    passages = cited(listing.question, hits, first)
    shown = (hit.passage.document for hit in hits)
    infos: dict[str, DocumentInfo] = dict(
        zip((one.citation.document_id for one in passages), shown, strict=True)
    )
    days = {id: day_of(info) for id, info in infos.items()}
    return AnswerList(
        question=listing.search.typed,
        passages=passages,
        may_answer=state.may_answer,
        documents=len(state.documents),
        read=state.read,
        threshold=listing.threshold,
        searched=listing.within.searched,
        dates={id: day.isoformat() for id, day in days.items() if day is not None},
        complete=complete,
        next=following,
    )


def _begun(listing: _Listing, k: int) -> tuple[_State, list[Hit]]:
    """Return where the list stands after the answer itself, and the answer's passages."""
    hits = retrieve_with(listing.view, listing.models, listing.search, k, listing.within).hits
    best = max((hit.confidence for hit in hits), default=0.0)
    start = _State([hit.passage.id for hit in hits], [], 0, 0, 0, best)
    return _counted(listing, start, hits), list(hits)


def _counted(listing: _Listing, state: _State, hits: Sequence[Hit]) -> _State:
    """Return the state after more passages were read."""
    answering = [hit for hit in hits if listing.answers(hit)]
    documents = dict.fromkeys([*state.documents, *(hit.passage.document.id for hit in answering)])
    return replace(
        state,
        documents=list(documents),
        read=state.read + len(hits),
        may_answer=state.may_answer + len(answering),
        ceiling=min([state.ceiling, *(hit.confidence for hit in answering)]),
    )


def _next(listing: _Listing, state: _State, size: int) -> tuple[_State, list[Hit]]:
    """Return the state after the next round, and its passages, the likeliest first."""
    deadlines.check()
    limit = min(size, MOST_READ - state.read)
    ids, position = listing.reading.after(state.position, limit, frozenset(state.firsts))
    state = replace(state, position=position)
    if not ids:
        return state, []
    certain = listing.reading.certain(ids)
    hits = certain if certain is not None else _read(listing, state, ids)
    hits.sort(key=lambda hit: -hit.confidence)
    return _counted(listing, state, hits), hits


def _read(listing: _Listing, state: _State, ids: Sequence[int]) -> list[Hit]:
    """Read passages beside the best of all; return them with their probabilities."""
    models, question = listing.models, listing.question
    beside = state.firsts[:1]
    pool = listing.reading.candidates_with([*beside, *ids])
    passages = candidates.read(listing.view, pool, [*beside, *ids])
    described = describe(question, pool, passages, range(len(passages)), models)
    ordered = order(described, models.weights)
    reranked = _all_read(ordered, listing)
    searched = listing.within.searched.passages
    behind = np.maximum(reranked.scores[0] - reranked.scores, 0)
    chances = probabilities(
        described.features, models.weights, searched, behind, reranked.readings,
        models.recalibration,
    )  # fmt: skip
    chances = np.minimum(chances, state.ceiling)
    known = tiers_of(listing.view, listing.reading.evidence, [one.passage for one in passages])
    rows = range(len(beside), len(passages))
    hits = [hit_of(reranked, i, reranked.scores, chances) for i in rows]
    return [
        replace(hit, confidence=min(hit.confidence, state.ceiling))
        for hit in corrected(hits, known, listing.reading.evidence, listing.threshold)
    ]


def _all_read(ordered: Ordered, listing: _Listing) -> Reranked:
    """Have a reranker read every passage, where it can: as many at a time as of any answer."""
    rows = list(range(len(ordered.described.passages)))
    reranker, weights = listing.models.reranker, listing.models.weights
    first = ordered.described.passages[0].passage
    if reranker is None or not can_read(reranker, listing.question, first):
        return Reranked(ordered, ordered.scores, None, rows, ordered.answers)
    relevance, answerability, margin = (np.zeros(len(rows)) for _ in range(3))
    spans: dict[int, tuple[int, int]] = {}
    for start in range(0, len(rows), RERANKED):
        deadlines.check()
        some = rows[start : start + RERANKED]
        read = read_passages(ordered, some, reranker)
        relevance[some] = read.relevance[some]
        answerability[some] = read.answerability[some]
        margin[some] = read.span_margin[some]
        spans |= read.spans
    readings = PassageReadings(relevance, answerability, margin, spans)
    scores = ordered.scores + weights.for_reranker().order * relevance
    return Reranked(ordered, scores, readings, rows, ordered.answers)
