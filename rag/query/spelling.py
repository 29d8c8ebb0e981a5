"""What a question may have meant: words that stand in no document, as the documents spell others.

Candidates are the library's own terms that begin with the same letter and differ by a letter or
two. A name may become any name; another word only one that stands beside the question's other
words, for what is in no document is not thereby misspelt.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import regex
from rapidfuzz import process
from rapidfuzz.distance import OSA

from rag import deadlines
from rag.query.exact.identifiers import ASKING_WORDS
from rag.query.query import languages_of
from rag.query.syntax import LONGEST_QUESTION, Search
from vector_store.analysis import analyzer
from vector_store.analysis.analyzer import Forms, Token
from vector_store.analysis.scripts import folded
from vector_store.base import StoreView

_MOST_WORDS = 8
"""Words of a question that are corrected."""
_MOST_TERMS = 100_000
"""Terms that one word is compared with, the most frequent first."""
_MOST_CANDIDATES = 8
_MOST_BESIDE = 4
"""Words of a question that a spelling is looked for beside."""
_MOST_PASSAGES = 20
"""Passages that are read for how a term is written."""
_SHORTEST_NAME, _SHORTEST_WORD = 4, 6
_LONG = 8
"""Letters from which on two may differ, instead of one."""


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a question, as it is written there."""

    text: str
    forms: Forms
    is_name: bool


@dataclass(frozen=True, slots=True)
class _Spelling:
    """How the documents write a word like one of the question."""

    text: str
    term: str
    distance: int
    stands_beside: bool
    """Whether a passage holds it and another word of the question."""
    passages: int

    @property
    def order(self) -> tuple[object, ...]:
        return self.distance, not self.stands_beside, -self.passages, self.term


def suggestion(view: StoreView, search: Search) -> str:
    """Return a question as typed, with words that stand nowhere as the documents spell them.

    Empty if every word stands somewhere or nothing near it does. Raises DeadlineExceededError.
    """
    if len(search.typed) > LONGEST_QUESTION or not view.counts().passages:
        return ""
    _, languages = languages_of(search.words, view)
    tokens = [token for token in analyzer.tokens(search.words, languages) if not token.stop]
    if not tokens or analyzer.is_cut(search.words):
        return ""
    passages = view.counts().passages
    present = [
        forms
        for forms, idf in view.idf([token.forms for token in tokens]).items()
        if round((passages + 1) / math.exp(idf) - 0.5) > 0
    ]
    corrected = search.typed
    for word in _absent(search.words, tokens, present)[:_MOST_WORDS]:
        deadlines.check()
        spelt = _nearest(view, word, present, is_alone=len(tokens) == 1)
        if spelt is not None:
            whole = rf"(?<![\p{{L}}\p{{N}}]){regex.escape(word.text)}(?![\p{{L}}\p{{N}}])"
            corrected = regex.sub(whole, lambda _, text=spelt.text: text, corrected, count=1)
            present.append((spelt.term,))
    return corrected if corrected != search.typed else ""


def _absent(text: str, tokens: Sequence[Token], present: Sequence[Forms]) -> list[_Word]:
    """Return the words that may be misspelt, names first: they help to tell the others."""
    words = []
    for token in tokens:
        written = text[token.start : token.end]
        is_plain = written.isalpha() and token.word not in ASKING_WORDS
        if is_plain and token.forms not in present:
            words.append(_Word(written, token.forms, written[0].isupper() and token.start > 0))
    first = [word for word in words if word.is_name]
    return [*first, *(word for word in words if not word.is_name)]


def _nearest(
    view: StoreView, word: _Word, present: Sequence[Forms], *, is_alone: bool
) -> _Spelling | None:
    """Return the likeliest spelling of a word in the documents; None when nothing is near."""
    letters = len(word.text)
    if letters < (_SHORTEST_NAME if word.is_name or is_alone else _SHORTEST_WORD):
        return None
    most = 2 if letters >= _LONG else 1
    terms = view.terms(word.forms[0][:1], _MOST_TERMS)
    # A misspelt ending may be stemmed otherwise, so that the whole word is compared as well.
    near = {
        term: None
        for written in dict.fromkeys((word.forms[0], folded(word.text)))
        for term, _, _ in process.extract(
            written,
            terms.keys(),
            scorer=OSA.distance,
            score_cutoff=most + 1,
            limit=_MOST_CANDIDATES,
        )
    }
    candidates = (_spelling(view, word, term, terms[term], present, most) for term in near)
    spellings = [
        spelling
        for spelling in candidates
        if spelling is not None
        and (spelling.stands_beside or is_alone or (word.is_name and spelling.text[0].isupper()))
    ]
    return min(spellings, key=lambda one: one.order, default=None)


def _spelling(
    view: StoreView, word: _Word, term: str, count: int, present: Sequence[Forms], most: int
) -> _Spelling | None:
    """Return how a term is written in the documents, where that is near enough to a word.

    Passages that also hold a word of the question come first.
    """
    for beside in (*present[:_MOST_BESIDE], ()):
        deadlines.check()
        words = [(term,), beside] if beside else [(term,)]
        matches = view.search_lexical(words, _MOST_PASSAGES)
        written = _written(view, [match.passage_id for match in matches], term, beside)
        small = word.text.islower()
        for text in sorted(written, key=lambda one: (small > one[0].islower(), -written[one])):
            distance = OSA.distance(word.text.casefold(), text.casefold())
            if 0 < distance <= most:
                return _Spelling(text, term, distance, bool(beside), count)
    return None


def _written(view: StoreView, ids: Sequence[int], term: str, beside: Forms) -> Counter[str]:
    """Count how a term is written in passages, in those only that hold another word, if given."""
    written: Counter[str] = Counter()
    for passage in view.passages(ids):
        searched = analyzer.searchable(passage.context, passage.text)
        tokens = analyzer.tokens(searched, analyzer.spoken(passage.document.language))
        if not beside or any(not set(beside).isdisjoint(token.forms) for token in tokens):
            written.update(
                searched[token.start : token.end] for token in tokens if term in token.forms
            )
    return written
