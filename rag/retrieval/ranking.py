"""From a question to ranked passages: candidates are read, and their evidence orders them.

The final order is by a sum of evidence whose weights were fitted as a conditional logit
(McFadden, 1974): how likely a passage is the one that answers, among its rivals. No fixed mixture
of two searches is right for every question, so how much exact words count depends on how near the
nearest passage is, and a question typed as into a search box weighs all evidence in its own way:
it seldom uses a document's words, where one written beside the document does. The first few are
then read together with the question, where the model has a cross-encoder for its language; and
after them come the passages that resemble them.
"""

from collections.abc import Callable, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from rag import deadlines
from rag.answers import Hit
from rag.models.base import Embedder
from rag.models.cross_encoder import LANGUAGES, CrossEncoder, excerpt
from rag.query.query import AnalyzedQuestion
from rag.query.scope import Scope
from rag.retrieval import candidates
from rag.retrieval.calibration import probabilities
from rag.retrieval.candidates import Candidates
from rag.retrieval.features import Candidate, Evidence, evidence
from rag.retrieval.fitted_weights import fitted_with_cross_encoder, in_order, weights_of
from rag.retrieval.highlights import answer_sentence
from rag.retrieval.relevance_feedback import FIRST, raised
from rag.text.windows import Span
from vector_store.base import VectorStore
from vector_store.records import Passage

READ = 40
"""How many candidates are ordered by their evidence; the rest follow in the first order."""
READ_TOGETHER = 5
"""How many of the first the cross-encoder reads: as many as an answer shows by default."""
TRIES = 5
"""A document replaced between search and fetch has new passages: then the search is made again."""


_PLAIN = (
    "closeness",
    "nearest",
    "lexical",
    "support",
    "sentence_support",
    "phrases",
    "heading_support",
    "length",
)
FEATURES = (
    *_PLAIN,
    "lexical_by_closeness",
    "phrases_by_closeness",
    *(f"{name}_if_typed" for name in _PLAIN),
)


def search(
    store: VectorStore,
    embedder: Embedder,
    question: AnalyzedQuestion,
    limit: int,
    asked_of: Scope,
) -> list[Hit]:
    """Return the `limit` best passages for a question, best first, of the documents it is asked of.

    Ties go by the first order, so that the same question always gets the same ranking. Raises
    DeadlineExceededError, CancelledWorkError.
    """
    for _ in range(TRIES):
        deadlines.check()
        found = candidates.find(store, question, limit, asked_of.documents)
        wanted = max(READ, limit)
        fetched = candidates.read(store, found, wanted)
        if found.whole and len(fetched) == min(wanted, len(found.order)):
            break
    places = range(len(fetched))
    return ordered(question, found, fetched, places, embedder, asked_of)[:limit]


def ordered(
    question: AnalyzedQuestion,
    found: Candidates,
    fetched: Sequence[Candidate],
    places: Sequence[int],
    embedder: Embedder,
    asked_of: Scope,
    admits: Callable[[Passage], bool] = lambda _: True,
) -> list[Hit]:
    """Return candidates as hits, best first: the first READ of all, and others after them.

    `places` tells where each stands in the first order, from 0, ascending. Those that are not
    admitted are returned as well, but the cross-encoder does not read them, and none is preferred
    for its likeness to them.
    """
    if not fetched:
        return []
    seen = evidence(question, fetched, embedder)
    bm25 = np.array([candidate.bm25 for candidate in fetched])
    model = question.scale.model
    weights = in_order(weights_of(model).ranking, FEATURES)
    scores = ranking_features(question, found, bm25, seen) @ weights
    # The rest keep the first order, below all that were ordered by evidence.
    scores[READ:] = scores[:READ].min() - 1 - (np.asarray(places[READ:], float) - READ)
    answers = [answer_sentence(model, sentences) for sentences in seen.sentences]
    cross = None
    first = read_together(scores, [candidate.passage for candidate in fetched], admits)
    deadlines.check()
    if embedder.cross_encoder and can_be_read(question) and first:
        cross = cross_logits(question, fetched, seen, answers, first, embedder.cross_encoder)
        scores = scores + fitted_with_cross_encoder(model).order * cross
    # Only of those before it that may be shown can one be the better answer.
    best = (scores[first] if first else scores).max()
    behind = np.maximum(best - scores, 0)
    confidences = probabilities(model, seen, asked_of.searched.passages, behind, cross)
    leading = sorted((i for i in first if i < READ), key=lambda i: -scores[i])[:FIRST]
    scores = raised(scores, seen.terms[:READ], leading, weights_of(model).likeness)
    return [
        _hit(found, fetched[i], float(scores[i]), float(confidences[i]), answers[i])
        for i in np.argsort(-scores, kind="stable")
    ]


def can_be_read(question: AnalyzedQuestion) -> bool:
    """Tell whether a question is in the language of the cross-encoder."""
    return question.known and question.language in LANGUAGES


def read_together(
    scores: NDArray[np.float64], passages: Sequence[Passage], admits: Callable[[Passage], bool]
) -> list[int]:
    """Return which candidates the cross-encoder reads: the best of those that are admitted."""
    best_first = np.argsort(-scores, kind="stable").tolist()
    return list(islice((i for i in best_first if admits(passages[i])), READ_TOGETHER))


def cross_logits(
    question: AnalyzedQuestion,
    fetched: Sequence[Candidate],
    seen: Evidence,
    answers: Sequence[Span],
    first: Sequence[int],
    cross_encoder: CrossEncoder,
) -> NDArray[np.float64]:
    """Return the cross-encoder's logit of each candidate, shape (candidates,).

    It reads the `first`, at least one, of each what stands around its answer sentence, under its
    nearest heading. The others count as the worst of these, and so stay behind them.
    """
    excerpts = []
    for i in first:
        passage, spans = fetched[i].passage, seen.sentences[i].spans
        start, end = excerpt(spans, spans.index(answers[i]))
        above = "".join(f"{heading}. " for heading in passage.paragraph.headings[-1:])
        excerpts.append(above + passage.text[start:end])
    logits = cross_encoder.logits(question.text, excerpts)
    found = np.full(len(fetched), logits.min())
    found[list(first)] = logits
    return found


def ranking_features(
    question: AnalyzedQuestion, found: Candidates, bm25: NDArray[np.float64], seen: Evidence
) -> NDArray[np.float64]:
    """Return what the order is made of, shape (candidates, len(FEATURES)), in that order."""
    lexical = bm25 / found.best_bm25 if found.best_bm25 else bm25
    plain = {
        "closeness": seen.closeness,
        "nearest": seen.nearest,
        "lexical": lexical,
        "support": seen.support,
        "sentence_support": seen.sentence_support,
        "heading_support": seen.heading_support,
        "phrases": seen.phrases,
        "length": seen.length,
    }
    columns = {
        **plain,
        "lexical_by_closeness": lexical * found.best_closeness,
        "phrases_by_closeness": seen.phrases * found.best_closeness,
        **{f"{name}_if_typed": column * question.typed for name, column in plain.items()},
    }
    return np.column_stack([columns[name] for name in FEATURES])


def _hit(
    found: Candidates,
    candidate: Candidate,
    score: float,
    confidence: float,
    answer: Span,
) -> Hit:
    passage = candidate.passage
    return Hit(
        passage,
        score,
        confidence,
        answer,
        candidate.cosine,
        found.dense.get(passage.id),
        found.lexical.get(passage.id),
    )
