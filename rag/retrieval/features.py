"""What speaks for each of a question's candidates, sentence by sentence.

Two kinds of features: how near passages and their sentences are to the question in the embedding
model's space, and how much of the question's weight (the summed idf of its terms) their words
match. Every figure but the length is about 0 for a passage about something else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.models.base import Embedder
from rag.query import answer_types
from rag.query.query import AnalyzedQuestion
from rag.retrieval import word_matching
from rag.retrieval.candidates import Candidate
from rag.retrieval.word_matching import Column, Terms
from rag.text.windows import Span
from vector_store.records import Sentences


@dataclass(frozen=True, slots=True, eq=False)
class SentenceFeatures:
    """What speaks for each sentence of a passage, in order."""

    spans: tuple[Span, ...]
    """Of each in the passage's text."""
    closeness: Column
    """Its similarity to the question, on the model's scale."""
    support: Column
    """The share, 0 to 1, of the question's weight that its words match."""
    answer_type: Column
    """1 where it holds the kind of thing the question is for, 0 where not, .5 when unknown."""


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """What speaks for each candidate, in their order."""

    closeness: Column
    """The nearest window's similarity, on the model's scale."""
    nearest: Column
    """The nearest sentence's, or pair of neighbouring sentences'."""
    support: Column
    """The share, 0 to 1, of the question's weight that the passage and its headings match."""
    sentence_support: Column
    """The same of the sentence that matches most."""
    translated: Column
    """An estimate of `sentence_support` had the passage been in the question's language, since no
    word of another language matches; 0 where both are in one."""
    heading_support: Column
    """The share that the headings alone match, by exact terms."""
    phrases: Column
    """The share of the question's neighbouring terms that are neighbours in it."""
    length: Column
    """ln(1 + its words), of which a sentence without any counts one."""
    sentences: tuple[SentenceFeatures, ...]
    terms: tuple[Terms, ...]
    """Of each candidate's text and headings; one number is the same term in all of them."""

    def only(self, rows: NDArray[np.intp]) -> "Features":
        """Return the features of some of the candidates, in the order of `rows`."""
        columns: dict[str, Any] = {}
        for field in fields(self):
            column = getattr(self, field.name)
            is_tuple = isinstance(column, tuple)
            columns[field.name] = tuple(column[i] for i in rows) if is_tuple else column[rows]
        return Features(**columns)


def features_of(
    question: AnalyzedQuestion,
    candidates: Sequence[Candidate],
    embedder: Embedder,
    typical_support: float,
) -> Features:
    """Return the features of candidates, at least one, for one question.

    `typical_support` is that of `fitted_weights.Weights`.
    """
    words = word_matching.words_of(candidates)
    matches = word_matching.match(question, words, embedder)
    weights: Column = np.array(list(question.weights.values()), float)
    weights = weights / weights.sum() if weights.sum() else weights
    in_sections = word_matching.best_in_sections(matches.similar, words)
    support: Column = weights @ in_sections
    in_headings = np.maximum.reduceat(
        matches.similar[:, words.headings], words.heading_starts, axis=1
    )
    in_passages = np.maximum.reduceat(in_sections, words.first, axis=1)
    passage_support = weights @ np.maximum(in_passages, in_headings)
    equal_in_headings = np.maximum.reduceat(
        matches.equal[:, words.headings], words.heading_starts, axis=1
    )
    bounds = np.append(words.first, len(words.starts))
    lengths = np.diff(np.append(words.starts[words.first], len(words.ids)))
    if question.known:
        closeness = _closeness(question, candidates)
    else:  # matched words stand in for a similarity that the model cannot give
        sentences = np.split(support / typical_support, words.first[1:])
        whole = passage_support / typical_support
        closeness = _Closeness(whole, whole, sentences, np.zeros(len(candidates), bool))
    translated = np.clip(typical_support * closeness.nearest, 0, 1)
    return Features(
        closeness=closeness.whole,
        nearest=closeness.nearest,
        support=passage_support,
        sentence_support=np.maximum.reduceat(support, words.first),
        translated=np.where(closeness.is_foreign, translated, 0),
        heading_support=weights @ equal_in_headings,
        phrases=word_matching.neighbour_share(question, words),
        length=np.log1p(lengths),
        sentences=tuple(
            SentenceFeatures(
                tuple((span.start, span.end) for span in candidate.sentences.spans),
                closeness.sentences[i],
                support[bounds[i] : bounds[i + 1]],
                _answer_types(question, candidate),
            )
            for i, candidate in enumerate(candidates)
        ),
        terms=word_matching.terms_of(words),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Closeness:
    """Similarities to the question on the model's scale, of each candidate."""

    whole: Column
    nearest: Column
    sentences: list[Column]
    is_foreign: NDArray[np.bool_]
    """Whether it is in another language than the question."""


def _closeness(question: AnalyzedQuestion, candidates: Sequence[Candidate]) -> _Closeness:
    languages = [candidate.passage.document.language for candidate in candidates]
    pairs = list(zip(candidates, languages, strict=True))
    return _Closeness(
        np.array([question.closeness(c.cosine, language) for c, language in pairs]),
        np.array([_nearest(question, c.sentences, language) for c, language in pairs]),
        [question.closeness(c.sentences.vectors @ question.vector, lang) for c, lang in pairs],
        np.array([question.is_foreign(language) for language in languages]),
    )


def _nearest(question: AnalyzedQuestion, sentences: Sentences, language: str) -> float:
    """Return the closeness of the nearest sentence, or of two neighbours taken together."""
    vectors = sentences.vectors
    best = float((vectors @ question.vector).max())
    if len(vectors) > 1:
        pairs = vectors[:-1] + vectors[1:]
        lengths = np.linalg.norm(pairs, axis=1)  # 0 for two that say the opposite
        cosines = (pairs @ question.vector) / np.where(lengths > 0, lengths, np.inf)
        best = max(best, float(cosines.max()))
    return float(question.closeness(best, language))


def _answer_types(question: AnalyzedQuestion, candidate: Candidate) -> Column:
    spans, sought = candidate.sentences.spans, question.sought
    if sought is None:
        return np.full(len(spans), 0.5)
    text = candidate.passage.text
    holds = [answer_types.holds(sought, text[s.start : s.end], question.names) for s in spans]
    return np.array(holds, float)
