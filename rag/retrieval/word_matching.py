"""The words of a question's candidates, and which of the question's words they match.

A word that only means nearly the same matches in part, by the cosine of the two words' vectors.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rag import deadlines
from rag.models.base import Embedder
from rag.query.query import AnalyzedQuestion
from rag.retrieval.candidates import Candidate
from vector_store.analysis import analyzer
from vector_store.analysis.analyzer import Word

Column = NDArray[np.float64]
"""One figure for each passage, or for each sentence."""

Terms = NDArray[np.int32]
"""A passage's terms in their order, headings included: a number for each term, from 0."""

_CELLS = 2**22
"""Pairs of a question's word and a passages' word compared at once: 16 MiB of them."""
_NO_WORD: Word = ((), "", False)
"""Fills a section without words, so that every section has one."""


@dataclass(frozen=True, slots=True, eq=False)
class CandidateWords:
    """The words of all candidates in a row, split into sections: a passage's sentences.

    `ids` index `vocabulary`; section i begins at `starts[i]`, and passage i's first section is
    `first[i]`. `headings` has one section for each passage.
    """

    vocabulary: list[Word]
    ids: NDArray[np.int64]
    starts: NDArray[np.int64]
    first: NDArray[np.int64]
    headings: NDArray[np.int64]
    heading_starts: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class WordMatches:
    """How the words of a question match those of its candidates, one row for each of the former."""

    similar: NDArray[np.float32]
    """How alike, 0 to 1, shape (words of the question, vocabulary)."""
    equal: NDArray[np.bool_]
    """Whether they share a term; the same shape."""


def words_of(candidates: Sequence[Candidate]) -> CandidateWords:
    """Return the words of candidates, at least one."""
    ids_of: dict[Word, int] = {_NO_WORD: 0}
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
            ids.extend(ids_of.setdefault(word, len(ids_of)) for word in section or [_NO_WORD])
        heading_starts.append(len(headings))
        spoken = analyzer.spoken(candidate.passage.document.language)
        context = candidate.passage.context
        above = [word for line in context for word in analyzer.words(line, spoken)[0]]
        headings.extend(ids_of.setdefault(word, len(ids_of)) for word in above or [_NO_WORD])
    return CandidateWords(
        list(ids_of), *map(np.array, (ids, starts, first, headings, heading_starts))
    )


def _sections(candidate: Candidate) -> list[list[Word]]:
    """Return the words of each sentence; those between two sentences go to the first."""
    spoken = analyzer.spoken(candidate.passage.document.language)
    words, starts = analyzer.words(candidate.passage.text, spoken)
    first = [bisect_left(starts, span.start) for span in candidate.sentences.spans[1:]]
    return [words[begin:end] for begin, end in pairwise([0, *first, len(words)])]


def terms_of(words: CandidateWords) -> tuple[Terms, ...]:
    """Return each candidate's terms, headings first; a number is the same term in all of them."""
    numbers: dict[str, int] = {}
    of_word = np.array(
        [numbers.setdefault(forms[0], len(numbers)) if forms else -1
         for forms, _, _ in words.vocabulary], np.int32)  # fmt: skip
    texts = np.split(of_word[words.ids], words.starts[words.first[1:]])
    headings = np.split(of_word[words.headings], words.heading_starts[1:])
    joined = [np.concatenate(parts) for parts in zip(headings, texts, strict=True)]
    return tuple(numbers_of[numbers_of >= 0] for numbers_of in joined)


def match(question: AnalyzedQuestion, words: CandidateWords, embedder: Embedder) -> WordMatches:
    """Compare each word of a question with each in the candidates' vocabulary."""
    vocabulary = words.vocabulary
    rows: dict[str, list[int]] = {}
    for i, forms in enumerate(question.words):
        for term in forms:
            rows.setdefault(term, []).append(i)
    equal = np.zeros((len(question.words), len(vocabulary)), bool)
    for column, (forms, _, _) in enumerate(vocabulary):
        for term in forms:
            if term in rows:
                equal[rows[term], column] = True
    vectors = embedder.word_vectors([word for _, word, _ in vocabulary])
    similar = np.clip(question.word_vectors @ vectors.T, 0, 1)
    similar[equal] = 1
    return WordMatches(similar, equal)


def best_in_sections(similar: NDArray[np.float32], words: CandidateWords) -> NDArray[np.float32]:
    """Return the best match of each word of the question in each section, one row a word.

    The words are compared in parts of bounded size: passages may be long, and so the question.
    """
    size = max(1, _CELLS // len(similar)) if len(similar) else len(words.ids)
    best = np.empty((len(similar), len(words.starts)), np.float32)
    first = 0
    while first < len(words.starts):
        deadlines.check()
        begin = words.starts[first]
        last = max(first + 1, int(np.searchsorted(words.starts, begin + size, "right")) - 1)
        if begin + size >= len(words.ids):
            last = len(words.starts)
        end = words.starts[last] if last < len(words.starts) else len(words.ids)
        part = similar[:, words.ids[begin:end]]
        best[:, first:last] = np.maximum.reduceat(part, words.starts[first:last] - begin, axis=1)
        first = last
    return best


def neighbour_share(question: AnalyzedQuestion, words: CandidateWords) -> Column:
    """Return the share of the question's neighbouring terms that are neighbours in a passage."""
    codes: dict[str, int] = {}
    for forms in question.sequence:
        code = next((codes[term] for term in forms if term in codes), len(codes) + 1)
        codes.update(dict.fromkeys(forms, code))
    sequence = [codes[forms[0]] for forms in question.sequence]
    pairs = [(a, b) for a, b in pairwise(sequence) if a != b]
    counts = np.zeros(len(words.first))
    if not pairs:
        return counts
    of_word = np.array(
        [next((codes[t] for t in forms if t in codes), 0) for forms, _, _ in words.vocabulary]
    )
    code_at = of_word[words.ids]
    section = np.repeat(
        np.arange(len(words.starts)), np.diff(np.append(words.starts, len(words.ids)))
    )
    adjacent = section[:-1] == section[1:]
    for left, right in pairs:
        deadlines.check()
        has_pair = np.zeros(len(words.starts), bool)
        has_pair[section[:-1][adjacent & (code_at[:-1] == left) & (code_at[1:] == right)]] = True
        counts += np.logical_or.reduceat(has_pair, words.first)
    shares: Column = counts / len(pairs)
    return shares
