"""What speaks for each of a question's candidate passages, sentence by sentence.

Two kinds of evidence: how near passages and their sentences lie to the question in the
embedding model's space, and how much of the question's weight (the summed idf of its terms)
their words carry. A word that only means nearly the same counts in part, by the cosine of the
two words' vectors. Every figure but the length is about 0 for a passage about something else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag import deadlines
from rag.models.base import Embedder
from rag.query import answer_types
from rag.query.query import AnalyzedQuestion
from rag.retrieval.fitted_weights import weights_of
from rag.retrieval.relevance_feedback import Terms
from rag.text.windows import Span
from vector_store.analysis import analyzer
from vector_store.analysis.analyzer import Forms
from vector_store.records import Passage, Sentences

Column = NDArray[np.float64]
"""One figure for each passage, or for each sentence."""

_Word = tuple[Forms, str]
"""A word's terms, and the word itself."""
_CELLS = 2**22
"""Of a question's words by passages' words, looked at at once: 16 MiB of them."""
_NOTHING: _Word = ((), "")
"""Stands in a section without words, so that every section has one."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A passage to be judged, with what the searches told of it."""

    passage: Passage
    sentences: Sentences
    cosine: float
    """The similarity of the question and its nearest window."""
    bm25: float
    """0 when the lexical search did not bring it."""


@dataclass(frozen=True, slots=True, eq=False)
class SentenceEvidence:
    """What speaks for each sentence of a passage, in order."""

    spans: tuple[Span, ...]
    """Where each stands in the passage's text."""
    closeness: Column
    """Its similarity to the question, on the model's scale."""
    support: Column
    """The share, 0 to 1, of the question's weight that its words carry."""
    answer_type: Column
    """1 where it holds the kind of thing asked for, 0 where not, .5 when that is unknown."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What speaks for each candidate, in the order given."""

    closeness: Column
    """The nearest window's similarity, on the model's scale."""
    nearest: Column
    """The nearest sentence's, or pair of neighbouring sentences'."""
    support: Column
    """The share, 0 to 1, of the question's weight carried by the passage and its headings."""
    sentence_support: Column
    """The same of the sentence that carries most."""
    translated: Column
    """What that would be if the passage were in the question's language, as far as the model can
    tell: no word of another language matches. 0 where both are in one."""
    heading_support: Column
    """The share carried by the headings alone, by exact terms."""
    phrases: Column
    """The share of the question's neighbouring terms that stand side by side in it."""
    length: Column
    """ln(1 + its words), of which a sentence without any counts one."""
    sentences: tuple[SentenceEvidence, ...]
    terms: tuple[Terms, ...]
    """Of each candidate's text and headings; one number is the same term in all of them."""

    def only(self, kept: NDArray[np.intp]) -> "Evidence":
        """Return the evidence of some of the candidates, in the order asked."""
        found: dict[str, Any] = {}
        for field in fields(self):
            held = getattr(self, field.name)
            found[field.name] = (
                tuple(held[i] for i in kept) if isinstance(held, tuple) else held[kept]
            )
        return Evidence(**found)


@dataclass(frozen=True, slots=True, eq=False)
class _Words:
    """The words of all candidates in a row, cut into sections: a passage's sentences.

    `ids` index `vocabulary`; section i begins at `starts[i]`, passage i's first section is
    `first[i]`. `headings` has a section of its own for each passage.
    """

    vocabulary: list[_Word]
    ids: NDArray[np.int64]
    starts: NDArray[np.int64]
    first: NDArray[np.int64]
    headings: NDArray[np.int64]
    heading_starts: NDArray[np.int64]


def evidence(
    question: AnalyzedQuestion, candidates: Sequence[Candidate], embedder: Embedder
) -> Evidence:
    """Gather the evidence for candidates, at least one, of one question."""
    words = _words(candidates)
    alike, same = _matches(question, words.vocabulary, embedder)
    weights: Column = np.array(list(question.weights.values()), float)
    weights = weights / weights.sum() if weights.sum() else weights
    carried = _carried(alike, words)
    by_headings = np.maximum.reduceat(alike[:, words.headings], words.heading_starts, axis=1)
    in_headings = np.maximum.reduceat(same[:, words.headings], words.heading_starts, axis=1)
    by_passage = np.maximum(np.maximum.reduceat(carried, words.first, axis=1), by_headings)
    support: Column = weights @ carried
    bounds = np.append(words.first, len(words.starts))
    lengths = np.diff(np.append(words.starts[words.first], len(words.ids)))
    of_passage = weights @ by_passage
    typical = weights_of(question.scale.model).typical_support
    if question.known:
        spoken = [(c, c.passage.document.language) for c in candidates]
        whole = np.array([question.closeness(c.cosine, language) for c, language in spoken])
        nearest = np.array([_nearest(question, c.sentences, language) for c, language in spoken])
        closeness = [
            question.closeness(c.sentences.vectors @ question.vector, language)
            for c, language in spoken
        ]
        foreign = np.array([question.is_foreign(language) for _, language in spoken])
    else:  # what the words carry stands for what the model cannot tell
        foreign = np.zeros(len(candidates), bool)
        whole = nearest = of_passage / typical
        closeness = np.split(support / typical, words.first[1:])
    return Evidence(
        closeness=whole,
        nearest=nearest,
        support=of_passage,
        sentence_support=np.maximum.reduceat(support, words.first),
        translated=np.where(foreign, np.clip(typical * nearest, 0, 1), 0),
        heading_support=weights @ in_headings,
        phrases=_phrases(question, words),
        length=np.log1p(lengths),
        sentences=tuple(
            SentenceEvidence(
                tuple((span.start, span.end) for span in candidate.sentences.spans),
                closeness[i],
                support[bounds[i] : bounds[i + 1]],
                _answer_types(question, candidate),
            )
            for i, candidate in enumerate(candidates)
        ),
        terms=_terms(words),
    )


def _carried(alike: NDArray[np.float32], words: _Words) -> NDArray[np.float32]:
    """Return how much each section carries of each word of the question, one row a word.

    A bounded part of the words is looked at at a time: passages may be long, and so the question.
    """
    most = max(1, _CELLS // len(alike)) if len(alike) else len(words.ids)
    carried = np.empty((len(alike), len(words.starts)), np.float32)
    first = 0
    while first < len(words.starts):
        deadlines.check()
        begin = words.starts[first]
        last = max(first + 1, int(np.searchsorted(words.starts, begin + most, "right")) - 1)
        if begin + most >= len(words.ids):
            last = len(words.starts)
        end = words.starts[last] if last < len(words.starts) else len(words.ids)
        part = alike[:, words.ids[begin:end]]
        carried[:, first:last] = np.maximum.reduceat(part, words.starts[first:last] - begin, axis=1)
        first = last
    return carried


def _words(candidates: Sequence[Candidate]) -> _Words:
    ids_of: dict[_Word, int] = {_NOTHING: 0}
    ids: list[int] = []
    starts: list[int] = []
    first: list[int] = []
    headings: list[int] = []
    heading_starts: list[int] = []
    for candidate in candidates:
        deadlines.check()
        first.append(len(starts))
        for section in _sections(candidate):
            starts.append(len(ids))
            ids.extend(ids_of.setdefault(word, len(ids_of)) for word in section or [_NOTHING])
        heading_starts.append(len(headings))
        spoken = analyzer.spoken(candidate.passage.document.language)
        headings_above = candidate.passage.paragraph.headings
        above = [(t.forms, t.word) for h in headings_above for t in analyzer.tokens(h, spoken)]
        headings.extend(ids_of.setdefault(word, len(ids_of)) for word in above or [_NOTHING])
    return _Words(list(ids_of), *map(np.array, (ids, starts, first, headings, heading_starts)))


def _sections(candidate: Candidate) -> list[list[_Word]]:
    """Return the words of each sentence; what stands between two goes to the one before."""
    begins = [span.start for span in candidate.sentences.spans[1:]]
    spoken = analyzer.spoken(candidate.passage.document.language)
    found: list[list[_Word]] = [[]]
    for forms, word, start, *_ in analyzer.tokens(candidate.passage.text, spoken):
        while len(found) <= len(begins) and start >= begins[len(found) - 1]:
            found.append([])
        found[-1].append((forms, word))
    return found + [[] for _ in range(len(begins) + 1 - len(found))]


def _terms(words: _Words) -> tuple[Terms, ...]:
    numbers: dict[str, int] = {}
    of_word = np.array(
        [numbers.setdefault(forms[0], len(numbers)) if forms else -1
         for forms, _ in words.vocabulary], np.int32)  # fmt: skip
    texts = np.split(of_word[words.ids], words.starts[words.first[1:]])
    headings = np.split(of_word[words.headings], words.heading_starts[1:])
    together = [np.concatenate(both) for both in zip(headings, texts, strict=True)]
    return tuple(one[one >= 0] for one in together)


def _matches(
    question: AnalyzedQuestion, vocabulary: Sequence[_Word], embedder: Embedder
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return how alike, 0 to 1, each word of the question and each of these are, and which match.

    Both have shape (words of the question, words).
    """
    rows: dict[str, list[int]] = {}
    for i, forms in enumerate(question.words):
        for term in forms:
            rows.setdefault(term, []).append(i)
    same = np.zeros((len(question.words), len(vocabulary)), bool)
    for column, (forms, _) in enumerate(vocabulary):
        for term in forms:
            if term in rows:
                same[rows[term], column] = True
    vectors = embedder.word_vectors([word for _, word in vocabulary])
    alike = np.clip(question.word_vectors @ vectors.T, 0, 1)
    alike[same] = 1
    return alike, same


def _phrases(question: AnalyzedQuestion, words: _Words) -> Column:
    """Return the share of the question's neighbouring terms that are neighbours in a passage."""
    codes: dict[str, int] = {}
    for forms in question.sequence:
        code = next((codes[term] for term in forms if term in codes), len(codes) + 1)
        codes.update(dict.fromkeys(forms, code))
    asked = [codes[forms[0]] for forms in question.sequence]
    pairs = [(a, b) for a, b in pairwise(asked) if a != b]
    found = np.zeros(len(words.first))
    if not pairs:
        return found
    of_word = np.array(
        [next((codes[t] for t in forms if t in codes), 0) for forms, _ in words.vocabulary]
    )
    code_at = of_word[words.ids]
    section = np.repeat(
        np.arange(len(words.starts)), np.diff(np.append(words.starts, len(words.ids)))
    )
    together = section[:-1] == section[1:]
    for one, other in pairs:
        deadlines.check()
        here = np.zeros(len(words.starts), bool)
        here[section[:-1][together & (code_at[:-1] == one) & (code_at[1:] == other)]] = True
        found += np.logical_or.reduceat(here, words.first)
    shares: Column = found / len(pairs)
    return shares


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
    held = [answer_types.holds(sought, text[s.start : s.end], question.names) for s in spans]
    return np.array(held, float)
