"""What a question may have meant: words that stand in no document, as the documents spell others.

Candidates are the library's own terms that begin with the same letter and differ by a letter or
two. A name may become any name; another word only one that stands beside the question's other
words, for what is in no document is not thereby misspelt.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
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
    present = [token.forms for token in tokens if view.holding([token.forms])]
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
    spellings = [
        spelling
        for term in near
        for spelling in _spellings(view, word, term, terms[term], present, most)
        if spelling.stands_beside or is_alone or (word.is_name and spelling.text[0].isupper())
    ]
    return min(spellings, key=lambda one: one.order, default=None)


def _spellings(
    view: StoreView, word: _Word, term: str, count: int, present: Sequence[Forms], most: int
) -> Iterable[_Spelling]:
    """Yield how a term is written in the documents, where that is near enough to a word."""
    together = next((ids for forms in present if (ids := view.holding([forms, (term,)]))), None)
    ids = (together or view.holding([(term,)]))[:_MOST_PASSAGES]
    written: Counter[str] = Counter()
    for passage in view.passages(ids):
        spoken = analyzer.spoken(passage.document.language)
        searched = analyzer.searchable(passage.context, passage.text)
        for token in analyzer.tokens(searched, spoken):
            if term in token.forms:
                written[searched[token.start : token.end]] += 1
    small = word.text.islower()
    for text, _ in sorted(written.items(), key=lambda one: (small > one[0].islower(), -one[1])):
        distance = OSA.distance(word.text.casefold(), text.casefold())
        if 0 < distance <= most:
            yield _Spelling(text, term, distance, together is not None, count)
            return
