"""From a question to an answer: one path, stage by stage, over one view of the store.

    analyse -> search -> read -> describe -> order -> rerank -> calibrate -> feedback -> compose

Each stage is a function from one frozen record to the next. `trace` records their milliseconds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rag import deadlines
from rag.answers import Answer, Hit
from rag.marking.marks import LoadMarks, no_marks
from rag.models.base import Embedder
from rag.models.reranker import Reranker
from rag.query import spelling
from rag.query.exact.mentions import mentioned
from rag.query.query import AnalyzedQuestion, analyse, readable
from rag.query.scope import Scope, scope
from rag.query.syntax import Search
from rag.retrieval import answer_builder, candidates, phrase_filter
from rag.retrieval.calibration import AS_SHIPPED, Recalibration, calibrate
from rag.retrieval.candidates import Candidate, Candidates
from rag.retrieval.exact.arrangement import arranged, eligible
from rag.retrieval.exact.evidence import NO_FINDINGS, Evidence, Findings, tiers_of
from rag.retrieval.exact.holders import evidence_of, with_holders
from rag.retrieval.exact.mentioning import mentioning
from rag.retrieval.features import features_of
from rag.retrieval.fitted_weights import Weights, weights_of
from rag.retrieval.phrase_filter import Selection
from rag.retrieval.ranking import Described, Reranked, by_probability, order, rerank
from rag.retrieval.relevance_feedback import with_feedback
from rag.retrieval.trace import stage
from rag.text.windows import Span
from vector_store.base import StoreView, VectorSource
from vector_store.indexes.threads import products_on_one_core


@dataclass(frozen=True, slots=True)
class Models:
    """What a library is searched with: its models, and the constants fitted for them."""

    embedder: Embedder
    reranker: Reranker | None
    weights: Weights
    recalibration: Recalibration = AS_SHIPPED
    """What the library's judgements change of the probability and of the threshold."""

    @classmethod
    def of(cls, embedder: Embedder, reranker: Reranker | None) -> "Models":
        """Return an embedder with its reranker and the constants of its model."""
        return cls(embedder, reranker, weights_of(embedder.source.model))


@dataclass(frozen=True, slots=True)
class Retrieval:
    """The passages for a search, and what they were searched for in."""

    search: Search
    scope: Scope
    question: AnalyzedQuestion | None
    """None when there was nothing to search."""
    hits: Sequence[Hit]
    """Best first."""
    recalibration: Recalibration = AS_SHIPPED
    """Whose threshold decides whether they answer."""
    findings: Findings = NO_FINDINGS
    """What is known beside them."""


def answer(
    view: StoreView,
    load: Callable[[VectorSource | None], Models],
    search: Search,
    limit: int,
    where: str | Sequence[str] = (),
    marks: LoadMarks = no_marks,
) -> Answer:
    """Answer a search with up to `limit` passages, and look for misspelt words; see `retrieve`."""
    composed = compose(retrieve(view, load, search, limit, where, marks))
    with stage("spelling"):
        return replace(composed, suggestion=spelling.suggestion(view, search))


def compose(retrieval: Retrieval) -> Answer:
    """Return the answer made of retrieved passages."""
    with stage("compose"):
        return answer_builder.compose(
            retrieval.search,
            retrieval.question,
            retrieval.hits,
            retrieval.scope.searched,
            retrieval.recalibration,
            retrieval.findings,
        )


@products_on_one_core()
def retrieve(
    view: StoreView,
    load: Callable[[VectorSource | None], Models],
    search: Search,
    limit: int,
    where: str | Sequence[str] = (),
    marks: LoadMarks = no_marks,
) -> Retrieval:
    """Return the `limit` best passages of the documents that `where` and the search name.

    `load` returns the models for vectors of a source; it is called once there is something to
    search, and `marks` for filters on the status and tags of documents. Raises QuestionError,
    DeadlineExceededError, CancelledWorkError, ForeignVectorsError, ModelError, or LookupError
    when no constants were fitted for the models' reranker.
    """
    deadlines.check()
    with stage("scope"):
        within = scope(view, where, search.filters, marks)
        if not view.counts().windows:
            return Retrieval(search, within, None, ())
    return retrieve_with(view, models_for(view, load), search, limit, within)


def models_for(view: StoreView, load: Callable[[VectorSource | None], Models]) -> Models:
    """Return the models for a view's vectors. Raises ForeignVectorsError, ModelError."""
    source = view.source()
    models = load(source)
    if source is not None and not source.is_same_model(models.embedder.source):
        source.refuse_others(models.embedder.source)
    return models


def retrieve_with(
    view: StoreView, models: Models, search: Search, limit: int, within: Scope
) -> Retrieval:
    """Return the `limit` best passages in a scope, by models that made the view's vectors.

    Raises as `retrieve` does, but for ForeignVectorsError.
    """
    with stage("analyse"):
        text = readable(search.wording, models.embedder)
        question = analyse(text, models.embedder, view)
    what = mentioned(search.words) if search.admits_all else None
    if what is None:
        evidence = evidence_of(view, search.wording, within.documents)
    else:
        mentions, evidence = mentioning(view, question, what, limit, within.documents)
        if mentions:
            return Retrieval(search, within, question, mentions, models.recalibration)
    selection = phrase_filter.select(view, search, question, limit, within.documents)
    if search.admits_all:
        selection = with_holders(view, question, selection, evidence)
    deadlines.check()
    hits, findings = rank(view, question, selection, models, within.searched.passages, evidence)
    return Retrieval(search, within, question, hits[:limit], models.recalibration, findings)


def rank(
    view: StoreView,
    question: AnalyzedQuestion,
    selection: Selection,
    models: Models,
    searched_passages: int,
    evidence: Evidence,
) -> tuple[list[Hit], Findings]:
    """Return the selected passages that are admitted as hits, best first, and what is known.

    What the question names decides before any score: see `rag.retrieval.exact`.
    """
    passages = candidates.read(view, selection.candidates, selection.ids)
    known = tiers_of(view, evidence, [candidate.passage for candidate in passages])
    searchable = view.counts().passages
    findings = Findings(evidence, known.missing, known.declined, searchable, known.tiers)
    if not passages:
        return [], findings
    admits = eligible(known, selection.admits, [candidate.passage for candidate in passages])
    described = describe(question, selection.candidates, passages, selection.places, models)
    with stage("order"):
        ordered = order(described, models.weights)
    deadlines.check()
    with stage("rerank"):
        reranked = rerank(ordered, models.reranker, models.weights, admits)
    with stage("calibrate"):
        confidences = calibrate(reranked, models.weights, searched_passages, models.recalibration)
        reranked = by_probability(reranked, confidences)
    with stage("feedback"):
        scores = with_feedback(reranked, models.weights)
    best_first = np.argsort(-scores, kind="stable")
    # None is likelier than those before it.
    confidences[best_first] = np.minimum.accumulate(confidences[best_first])
    hits = [
        hit_of(reranked, i, scores, confidences)
        for i in best_first.tolist()
        if selection.admits(passages[i].passage)
    ]
    with stage("arrange"):
        threshold = models.recalibration.threshold
        return arranged(hits, question, known, findings, threshold), findings


def describe(
    question: AnalyzedQuestion,
    found: Candidates,
    passages: Sequence[Candidate],
    places: Sequence[int],
    models: Models,
) -> Described:
    """Gather the features of candidates, at least one."""
    with stage("features"):
        features = features_of(question, passages, models.embedder, models.weights.typical_support)
    return Described(question, found, passages, places, features)


def _exact(reranked: Reranked, i: int) -> Span | None:
    """Return where an answer stands in a passage, if it stands there rather than not."""
    readings = reranked.readings
    if readings is None or readings.span_margin[i] <= 0:
        return None
    return readings.spans.get(i)


def hit_of(
    reranked: Reranked, i: int, scores: NDArray[np.float64], confidences: NDArray[np.float64]
) -> Hit:
    """Return a candidate as a hit; `scores` and `confidences` have shape (candidates,)."""
    ordered = reranked.ordered
    candidate, searches = ordered.described.passages[i], ordered.described.candidates
    return Hit(
        candidate.passage,
        float(scores[i]),
        float(confidences[i]),
        reranked.answers[i],
        _exact(reranked, i),
        candidate.cosine,
        searches.dense.get(candidate.passage.id),
        searches.lexical.get(candidate.passage.id),
    )
