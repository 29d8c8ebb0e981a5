"""The order of candidates: by their features, then by a reranker that reads the best of them.

The order is by a weighted sum of features, whose weights were fitted as a conditional logit
(McFadden, 1974): how likely a passage is the one that answers, among its rivals. No fixed mixture
of two searches is right for every question. So the weight of exact words depends on how near the
nearest passage is; and a question typed as into a search box weighs all features in its own way,
since it seldom uses a document's words, where one written beside the document does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from rag.models.cross_encoder import excerpt
from rag.models.reranker import Reranker
from rag.query.query import AnalyzedQuestion
from rag.retrieval.candidates import Candidate, Candidates
from rag.retrieval.features import Features
from rag.retrieval.fitted_weights import Weights, in_order
from rag.retrieval.highlights import answer_sentence
from rag.text.windows import Span
from vector_store.records import Passage

READ = 40
"""How many candidates are ordered by their features; the rest follow in the first order."""
RERANKED = 5
"""How many of the best the reranker reads: as many as an answer shows by default."""

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


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """The candidates of a question that are weighed, with their features."""

    question: AnalyzedQuestion
    candidates: Candidates
    passages: Sequence[Candidate]
    """Those weighed: the first READ of all, and others after them."""
    places: Sequence[int]
    """Of each in the first order, from 0, ascending."""
    features: Features


@dataclass(frozen=True, slots=True, eq=False)
class Ordered:
    """The same with the scores that order them."""

    described: Described
    scores: NDArray[np.float64]
    """Shape (passages,); ties go by the first order."""
    answers: Sequence[Span]
    """The sentence of each that most likely holds the answer, as a span of its text."""


@dataclass(frozen=True, slots=True, eq=False)
class Reranked:
    """The same after a reranker has read the best."""

    ordered: Ordered
    scores: NDArray[np.float64]
    """Shape (passages,)."""
    logits: NDArray[np.float64] | None
    """The reranker's, shape (passages,); None where it read nothing."""
    best: Sequence[int]
    """The best RERANKED of those that may be shown."""


def order(described: Described, weights: Weights) -> Ordered:
    """Score candidates by their features; those after the first READ keep the first order."""
    bm25 = np.array([candidate.bm25 for candidate in described.passages])
    features = described.features
    columns = ranking_features(described.question, described.candidates, bm25, features)
    scores = columns @ in_order(weights.ranking, FEATURES)
    after = np.asarray(described.places[READ:], float)
    scores[READ:] = scores[:READ].min() - 1 - (after - READ)
    answers = [answer_sentence(sentences, weights) for sentences in features.sentences]
    return Ordered(described, scores, answers)


def rerank(
    ordered: Ordered,
    reranker: Reranker | None,
    weights: Weights,
    admits: Callable[[Passage], bool] = lambda passage: True,
) -> Reranked:
    """Have a reranker read the best passages that are admitted, where it reads the language.

    The share of its logits in the scores was fitted. Raises LookupError when no constants were
    fitted for a reranker of the model.
    """
    passages = [candidate.passage for candidate in ordered.described.passages]
    best = best_of(ordered.scores, passages, admits)
    if reranker is None or not best or not can_read(reranker, ordered.described.question):
        return Reranked(ordered, ordered.scores, None, best)
    logits = rerank_logits(ordered, best, reranker)
    return Reranked(ordered, ordered.scores + weights.for_reranker().order * logits, logits, best)


def can_read(reranker: Reranker, question: AnalyzedQuestion) -> bool:
    """Tell whether a question is in a language of the reranker."""
    return question.known and question.language in reranker.languages


def best_of(
    scores: NDArray[np.float64], passages: Sequence[Passage], admits: Callable[[Passage], bool]
) -> list[int]:
    """Return the indexes of the best RERANKED passages that are admitted, best first."""
    best_first = np.argsort(-scores, kind="stable").tolist()
    return list(islice((i for i in best_first if admits(passages[i])), RERANKED))


def rerank_logits(ordered: Ordered, best: Sequence[int], reranker: Reranker) -> NDArray[np.float64]:
    """Return the reranker's logit of each candidate, shape (passages,).

    It reads the `best`, at least one: of each the sentences around its answer sentence, under its
    nearest heading. The others get the lowest of these logits, and so stay behind them.
    """
    described = ordered.described
    excerpts = []
    for i in best:
        passage, spans = described.passages[i].passage, described.features.sentences[i].spans
        start, end = excerpt(spans, spans.index(ordered.answers[i]))
        heading = "".join(f"{heading}. " for heading in passage.context[-1:])
        excerpts.append(heading + passage.text[start:end])
    logits_of_best = reranker.logits(described.question.text, excerpts)
    logits = np.full(len(described.passages), logits_of_best.min())
    logits[list(best)] = logits_of_best
    return logits


def ranking_features(
    question: AnalyzedQuestion,
    candidates: Candidates,
    bm25: NDArray[np.float64],
    features: Features,
) -> NDArray[np.float64]:
    """Return the columns of the order, shape (passages, len(FEATURES)), in the order of FEATURES.

    `bm25` has shape (passages,).
    """
    lexical = bm25 / candidates.best_bm25 if candidates.best_bm25 else bm25
    plain = {
        "closeness": features.closeness,
        "nearest": features.nearest,
        "lexical": lexical,
        "support": features.support,
        "sentence_support": features.sentence_support,
        "heading_support": features.heading_support,
        "phrases": features.phrases,
        "length": features.length,
    }
    columns = {
        **plain,
        "lexical_by_closeness": lexical * candidates.best_closeness,
        "phrases_by_closeness": features.phrases * candidates.best_closeness,
        **{f"{name}_if_typed": column * question.typed for name, column in plain.items()},
    }
    return np.column_stack([columns[name] for name in FEATURES])
