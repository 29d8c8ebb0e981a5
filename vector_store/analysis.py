"""Text to terms: the one lexical analysis, used alike for documents, questions and highlights.

A term is what the lexical index matches on: a word without its accents, case, possessive
ending and inflection. Each term remembers the span of the original text it came from, so
that what is highlighted is always the original.
"""

import threading
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import regex
import Stemmer

ANALYSIS_VERSION = "1"
"""Raised whenever the terms of any text change, so that saved indexes are made again."""

# A number with its separators ("2,000", "3.14") is one token; a word keeps its combining marks
# and inner apostrophes.
_TOKEN = regex.compile(
    r"\p{N}+(?:[.,]\p{N}+)+(?![\p{L}\p{M}])|[\p{L}\p{N}\p{M}]+(?:['’][\p{L}\p{M}]+)*"
)
_POSSESSIVE = regex.compile(r"['’]s?$")

# Lucene's English stop set, the words that only make a sentence a question, and the linking verbs
# to be, to become, to seem. They say nothing about the subject, so they neither search nor count
# as matched unless nothing else is there.
STOP_WORDS = frozenset(
    """
    a about all an and any are as at be became become becomes becoming been being but by can
    could did do does doing done for from had has have having he her him his how i if in into is
    it its me my no not of on or our ours seem seemed seems she should so such than that the
    their them then there these they this to us was we were what when where which who whom whose
    why will with would you your
    """.split()
)

_LONGEST_TERM = 200  # tantivy drops terms over 65,530 bytes; no word anyone types is near this

_local = threading.local()


class Token(NamedTuple):  # a frozen dataclass takes four times as long to make
    """A term and the span `[start, end)` of the analysed text it came from."""

    term: str
    word: str
    """As it stands in the text, but in lower case."""
    start: int
    end: int
    stop: bool
    """Whether it is a stop word."""


def _stemmer() -> Stemmer.Stemmer:
    # PyStemmer's objects must not be shared between threads.
    if not hasattr(_local, "stemmer"):
        _local.stemmer = Stemmer.Stemmer("english", 0)
    stemmer: Stemmer.Stemmer = _local.stemmer
    return stemmer


@lru_cache(maxsize=200_000)
def _term_of(word: str) -> tuple[str, str, bool]:
    decomposed = unicodedata.normalize("NFKD", word).casefold()
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    bare = _POSSESSIVE.sub("", bare).replace("’", "'")
    if bare[:1].isdigit():
        return bare.replace(",", "")[:_LONGEST_TERM], word.lower(), False
    return _stemmer().stemWord(bare)[:_LONGEST_TERM], word.lower(), bare in STOP_WORDS


def tokens(text: str) -> list[Token]:
    """Return every term of `text` with its place, in order.

    English stems follow Snowball's "Porter2" algorithm (snowballstem.org); words in other
    scripts pass through it unchanged.
    """
    found = []
    for match in _TOKEN.finditer(text):
        term, word, stop = _term_of(match.group())
        if term:
            found.append(Token(term, word, match.start(), match.end(), stop))
    return found


def terms(text: str) -> list[str]:
    """Return the terms of a document's text, in order, stop words included."""
    found = (_term_of(word)[0] for word in _TOKEN.findall(text))
    return [term for term in found if term]


def query_terms(text: str) -> tuple[str, ...]:
    """Return the distinct terms a question is searched by, in order of first appearance.

    Stop words are left out, unless the question holds nothing else.
    """
    return content_terms(text) or tuple(dict.fromkeys(terms(text)))


def content_terms(text: str) -> tuple[str, ...]:
    """Return the distinct terms that say what a question is about: no stop words."""
    return tuple(dict.fromkeys(token.term for token in tokens(text) if not token.stop))


def searchable(headings: Iterable[str], text: str) -> str:
    """Return what a passage is searched by: the headings it stands under, then itself."""
    return "\n".join((*headings, text))
