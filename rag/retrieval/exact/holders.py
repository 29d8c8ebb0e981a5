"""Candidates that hold what a question names, put before the others and added where they lack."""

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
"""Passages that hold it and are compared with the question, to choose among them."""


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
    sought = [one for one in evidence.occurrences if one.documents]
    if not sought:
        return selection
    with stage("identifiers"):
        documents = frozenset().union(*(one.documents for one in sought))
        within = candidates.search(view, question, READ, documents)
        found = _merged(selection.candidates, within)
        places = {i: place for place, i in enumerate(found.order)}
        first = _holders(view, question, [one.passages for one in sought], places)
        cosines = {**found.cosines, **view.similarities(question.vector, first)}
        near = [i for i in within.order if i not in first][:_MOST_NEAR]
        order = tuple(dict.fromkeys((*first, *near, *found.order)))
        count = max(len(selection.places), min(READ, len(order)))
        found = replace(found, order=order, cosines=cosines)
        return Selection(found, range(count), selection.admits)


def _merged(found: Candidates, within: Candidates) -> Candidates:
    """Return candidates with those of a search in some documents after them."""
    return replace(
        found,
        order=tuple(dict.fromkeys((*found.order, *within.order))),
        cosines={**within.cosines, **found.cosines},
        bm25={**within.bm25, **found.bm25},
        best_bm25=max(found.best_bm25, within.best_bm25),
        best_closeness=max(found.best_closeness, within.best_closeness),
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
