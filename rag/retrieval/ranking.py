"""The order of candidates: by their features, then by a reranker that reads the best of them.

The order is by a weighted sum of features, whose weights were fitted as a conditional logit
(McFadden, 1974): how likely a passage is the one that answers, among its rivals. No fixed mixture
of two searches is right for every question. So the weight of exact words depends on how near the
nearest passage is, and a question typed as into a search box has its own weights for all features:
unlike one written beside the document, it seldom uses the document's words.
"""

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray

from rag.models.cross_encoder import excerpt, excerpt_letters
from rag.models.reranker import Reranker
from rag.query.query import AnalyzedQuestion
from rag.retrieval.candidates import Candidate, Candidates
from rag.retrieval.features import Features
from rag.retrieval.fitted_weights import Weights, in_order
from rag.retrieval.highlights import answer_sentence, read_answer_sentence
from rag.retrieval.word_matching import Column
from rag.text.windows import Span
from vector_store.analysis import analyzer
from vector_store.records import Passage

READ = 40
"""How many candidates are ordered by their features; the rest follow in the first order."""
RERANKED = 5
"""How many of the best the reranker reads: as many as an answer shows by default."""
EXCERPTS = 7
"""The most excerpts it reads: one of each passage, then more of long ones, the best first."""
_reading_more = threading.Lock()
"""Held by a question that reads so many, so that on a busy server the others do not."""

_CONTEXT_LINES, _CONTEXT_LETTERS = 2, 80
"""Of a passage's context the reranker reads at most so many lines, each cut after so many code
points, beside the nearest heading."""

_BETWEEN_WORDS = re.compile(r"[\W_]+")
"""What separates words in a document's name."""

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
class PassageReadings:
    """What a reranker makes of passages: of each, of its excerpt that answers best.

    The columns have shape (passages,); passages that were not read have the lowest of each.
    """

    relevance: Column
    answerability: Column
    span_margin: Column
    spans: Mapping[int, Span]
    """By the index of a passage, where its answer would stand in its text."""


@dataclass(frozen=True, slots=True, eq=False)
class Reranked:
    """The same after a reranker has read the best."""

    ordered: Ordered
    scores: NDArray[np.float64]
    """Shape (passages,)."""
    readings: PassageReadings | None
    """None where the reranker read nothing."""
    best: Sequence[int]
    """The best RERANKED of those that may be shown."""
    answers: Sequence[Span]
    """The sentence of each that most likely holds the answer, as a span of its text."""


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
    """Have a reranker read the best passages that are admitted, where it can; see `can_read`.

    The share of its logits in the scores was fitted. Raises LookupError when no constants were
    fitted for a reranker of the model.
    """
    passages = [candidate.passage for candidate in ordered.described.passages]
    best = best_of(ordered.scores, passages, admits)
    question = ordered.described.question
    if reranker is None or not best or not can_read(reranker, question, passages[best[0]]):
        return Reranked(ordered, ordered.scores, None, best, ordered.answers)
    readings = read_passages(ordered, best, reranker)
    scores = ordered.scores + weights.for_reranker().order * readings.relevance
    sentences = ordered.described.features.sentences
    answers = list(ordered.answers)
    for i in best:
        margin = float(readings.span_margin[i])
        answers[i] = read_answer_sentence(sentences[i], readings.spans.get(i), margin, weights)
    return Reranked(ordered, scores, readings, best, answers)


def by_probability(reranked: Reranked, probabilities: NDArray[np.float64]) -> Reranked:
    """Return the same with the passages that were read in the order of their probability.

    They share out the scores that they have. `probabilities` has shape (passages,).
    """
    if reranked.readings is None:
        return reranked
    best = np.asarray(reranked.best)
    scores = reranked.scores.copy()
    likeliest_first = best[np.argsort(-probabilities[best], kind="stable")]
    scores[likeliest_first] = np.sort(scores[best])[::-1]
    return replace(reranked, scores=scores)


def can_read(reranker: Reranker, question: AnalyzedQuestion, first: Passage) -> bool:
    """Tell whether a question is in a language of the reranker, and the first passage in the same.

    It learnt from questions and passages in one language.
    """
    is_known = question.known and question.language in reranker.languages
    return is_known and not question.is_foreign(first.document.language)


def best_of(
    scores: NDArray[np.float64], passages: Sequence[Passage], admits: Callable[[Passage], bool]
) -> list[int]:
    """Return the indexes of the best RERANKED passages that are admitted, best first."""
    best_first = np.argsort(-scores, kind="stable").tolist()
    return list(islice((i for i in best_first if admits(passages[i])), RERANKED))


def read_passages(ordered: Ordered, best: Sequence[int], reranker: Reranker) -> PassageReadings:
    """Have a reranker read the `best` passages, at least one, each under some of its context."""
    described = ordered.described
    passages = [candidate.passage for candidate in described.passages]
    above = {i: _context_of(passages[i], described.question) for i in best}
    with _number_of_excerpts(len(best)) as number:
        excerpts = _excerpts(ordered, best)[:number]
        texts = [above[i] + passages[i].text[slice(*span)] for i, span in excerpts]
        output = reranker.read(described.question.text, texts)
    chosen: dict[int, int] = {}
    for row, (i, _) in enumerate(excerpts):
        if i not in chosen or output.answerability[row] > output.answerability[chosen[i]]:
            chosen[i] = row

    def column(values: NDArray[np.float64]) -> Column:
        of_all = np.full(len(passages), values.min())
        of_all[list(chosen)] = values[list(chosen.values())]
        return of_all

    spans = {}
    for i, row in chosen.items():
        first = excerpts[row][1][0] - len(above[i])
        if (span := output.spans[row]) is not None and first + span[0] >= excerpts[row][1][0]:
            spans[i] = (first + span[0], first + span[1])
    return PassageReadings(
        column(output.relevance), column(output.answerability), column(output.span_margin), spans
    )


@contextmanager
def _number_of_excerpts(passages: int) -> Iterator[int]:
    """Provide how many excerpts to read: one of each passage while another question reads more."""
    is_alone = _reading_more.acquire(blocking=False)
    try:
        yield EXCERPTS if is_alone else passages
    finally:
        if is_alone:
            _reading_more.release()


def _context_of(passage: Passage, question: AnalyzedQuestion) -> str:
    """Return the nearest heading, and above it other lines with a word of the question.

    That may be the document's name, a heading farther up, or a field, such as a mail's sender.
    """
    spoken = analyzer.spoken(passage.document.language)
    *farther, nearest = passage.context or ("",)
    document_name = " ".join(_BETWEEN_WORDS.split(PurePath(passage.document.name).stem))
    named = [
        line[:_CONTEXT_LETTERS]
        for line in (document_name, *farther)
        if not question.content.isdisjoint(analyzer.terms(line[:_CONTEXT_LETTERS], spoken))
    ]
    lines = [*named[-_CONTEXT_LINES:], nearest]
    return "".join(f"{line}. " for line in lines if line)


def _excerpts(ordered: Ordered, best: Sequence[int]) -> list[tuple[int, Span]]:
    """Return excerpts with the index of their passage: around the likeliest answer, then others."""
    parts = [_parts(ordered, i) for i in best]
    first = [(i, of_passage[0]) for i, of_passage in zip(best, parts, strict=True)]
    more = [(i, span) for i, of_passage in zip(best, parts, strict=True) for span in of_passage[1:]]
    return [*first, *more][:EXCERPTS]


def _parts(ordered: Ordered, i: int) -> list[Span]:
    """Return spans of a passage that together hold all its sentences, the likeliest first."""
    text = ordered.described.passages[i].passage.text
    spans = ordered.described.features.sentences[i].spans
    letters = excerpt_letters(text)
    centre = spans.index(ordered.answers[i])
    parts = [excerpt(spans, centre, letters)]
    for rest in (range(centre, len(spans)), range(centre, -1, -1)):
        for at in rest:
            if len(parts) < EXCERPTS and not any(
                start <= spans[at][0] and spans[at][1] <= end for start, end in parts
            ):
                parts.append(excerpt(spans, at, letters))
    return parts


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
