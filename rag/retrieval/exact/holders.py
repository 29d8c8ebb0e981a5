"""Candidates that contain a question's identifiers: ranked first, and added if missing."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from rag.query.exact.identifiers import asks_nothing_more, identifiers_of, words_beside
from rag.query.query import AnalyzedQuestion
from rag.retrieval import candidates
from rag.retrieval.candidates import Candidates
from rag.retrieval.exact.evidence import NO_EVIDENCE, Evidence
from rag.retrieval.exact.occurrences import occurrences_of
from rag.retrieval.phrase_filter import Selection
from rag.retrieval.ranking import READ
from rag.retrieval.trace import stage
from vector_store.base import StoreView

_MOST_HOLDERS = 24
"""Passages that hold it among the candidates that are weighed."""
_MOST_NEAR = READ - _MOST_HOLDERS
"""Other passages of documents that hold it."""
_COMPARED = 500
"""The most passages outside the candidates whose similarity to the question is computed."""


def evidence_of(view: StoreView, wording: str, documents: Collection[int] | None) -> Evidence:
    """Return the identifiers of a question, and where they stand in these documents, or in all."""
    identifiers = identifiers_of(wording)
    if not identifiers:
        return NO_EVIDENCE
    with stage("identifiers"):
        words = words_beside(wording, identifiers)
        occurrences = occurrences_of(view, identifiers, documents)
        return Evidence(occurrences, asks_nothing_more(words), not words)


def with_holders(
    view: StoreView, question: AnalyzedQuestion, selection: Selection, evidence: Evidence
) -> Selection:
    """Return a selection whose first candidates hold what the question names.

    After them come the best of the documents that hold it, then the others in their order.
    """
    present = [one for one in evidence.occurrences if one.documents]
    if not present:
        return selection
    with stage("identifiers"):
        documents = frozenset().union(*(one.documents for one in present))
        within = candidates.search(view, question, READ, documents)
        merged = _merged(selection.candidates, within)
        places = {i: place for place, i in enumerate(merged.order)}
        first = _holders(view, question, [one.passages for one in present], places)
        cosines = {**merged.cosines, **view.similarities(question.vector, first)}
        near = [i for i in within.order if i not in first][:_MOST_NEAR]
        order = tuple(dict.fromkeys((*first, *near, *merged.order)))
        count = max(len(selection.places), min(READ, len(order)))
        merged = replace(merged, order=order, cosines=cosines)
        return Selection(merged, range(count), selection.admits)


def _merged(base: Candidates, within: Candidates) -> Candidates:
    """Return `base`, followed by the candidates of a search restricted to some documents."""
    return replace(
        base,
        order=tuple(dict.fromkeys((*base.order, *within.order))),
        cosines={**within.cosines, **base.cosines},
        bm25={**within.bm25, **base.bm25},
        best_bm25=max(base.best_bm25, within.best_bm25),
        best_closeness=max(base.best_closeness, within.best_closeness),
    )


def _holders(
    view: StoreView,
    question: AnalyzedQuestion,
    holding: Sequence[dict[int, int]],
    places: dict[int, int],
) -> list[int]:
    """Return passages that hold most of what is named: candidates first, then the nearest."""
    counts: dict[int, int] = {}
    for passages in holding:
        for i in passages:
            counts[i] = counts.get(i, 0) + 1
    met = sorted((i for i in counts if i in places), key=lambda i: (-counts[i], places[i]))
    chosen = met[:_MOST_HOLDERS]
    others = [i for i in counts if i not in places][:_COMPARED]
    if others and len(chosen) < _MOST_HOLDERS:
        cosines = view.similarities(question.vector, others)
        others.sort(key=lambda i: (-counts[i], -cosines.get(i, 0.0), i))
        chosen += others[: _MOST_HOLDERS - len(chosen)]
    return chosen
