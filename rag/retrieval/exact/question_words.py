"""The words of a question: in how many passages each stands, and which a passage lacks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rag.query import answer_types
from rag.query.answer_types import FORMAL
from rag.query.exact.identifiers import ASKING_WORDS
from rag.query.exact.literal_text import plain
from rag.query.query import AnalyzedQuestion
from rag.retrieval.exact.evidence import Evidence
from vector_store.analysis import analyzer
from vector_store.analysis.analyzer import Forms
from vector_store.records import Passage

_RARE_SHARE = 0.05
"""A word in no more passages than this share of all is rare."""
_RARE_COUNT = 3
"""So is one in no more passages than this."""


@dataclass(frozen=True, slots=True)
class QuestionWord:
    """A word that says what a question is about."""

    text: str
    """As it stands in the question."""
    forms: Forms
    passages: int
    """How many passages of the library have it."""


def words_of(
    question: AnalyzedQuestion, passages: int, evidence: Evidence
) -> tuple[QuestionWord, ...]:
    """Return the words that say what a question is about.

    Those of its identifiers are not among them, nor those of asking, such as "happened".
    The library holds this many passages.
    """
    names = " ".join(plain(one.identifier.text) for one in evidence.occurrences)
    named = {token.word for token in analyzer.tokens(names)}
    texts: dict[Forms, str] = {}
    # How a text is split into words does not depend on the languages of their terms.
    for forms, token in zip(question.sequence, analyzer.tokens(question.text), strict=False):
        texts.setdefault(forms, question.text[token.start : token.end])
    return tuple(
        QuestionWord(texts[forms], forms, _passages_with(idf, passages))
        for forms, idf in question.weights.items()
        if idf
        and forms in texts
        and plain(texts[forms]) not in ASKING_WORDS
        and plain(texts[forms]) not in named
    )


def _passages_with(idf: float, passages: int) -> int:
    """Return how many of all passages have a word of this inverse document frequency."""
    return max(0, round((passages + 1) / math.exp(idf) - 0.5))


def subject_words_of(
    question: AnalyzedQuestion, passages: int, evidence: Evidence
) -> list[QuestionWord]:
    """Return the question's words, without its identifiers and the nouns before them.

    Of "What is the total of invoice INV-12?" that is "total".
    """
    text = plain(question.text)
    before = [text.partition(plain(one.identifier.text))[0] for one in evidence.occurrences]
    kinds = {words[-1] for words in map(str.split, before) if words}
    words = words_of(question, passages, evidence)
    return [word for word in words if plain(word.text) not in kinds]


def is_rare(word: QuestionWord, passages: int) -> bool:
    """Tell whether a word is in few of all passages, or in none."""
    return word.passages <= max(_RARE_COUNT, _RARE_SHARE * passages)


def terms_in(passage: Passage) -> frozenset[str]:
    """Return the terms of a passage and its context."""
    text = analyzer.searchable(passage.context, passage.text)
    return frozenset(analyzer.terms(text, analyzer.spoken(passage.document.language)))


def lacking(words: Sequence[QuestionWord], terms: frozenset[str]) -> list[QuestionWord]:
    """Return the words of which no term is among these."""
    return [word for word in words if terms.isdisjoint(word.forms)]


def rare_words_of(
    question: AnalyzedQuestion, passages: int, evidence: Evidence
) -> list[QuestionWord] | None:
    """Return the rare words of a question; None when one of them is in no passage at all.

    Words that name a formal kind of answer, such as an e-mail address, are not among them.
    """
    kind = question.sought
    naming = answer_types.naming_words(kind, question.text) if kind in FORMAL else ""
    kind_words = {token.word for token in analyzer.tokens(naming)}
    rare = [
        word
        for word in words_of(question, passages, evidence)
        if is_rare(word, passages) and plain(word.text) not in kind_words
    ]
    return rare if all(word.passages for word in rare) else None
