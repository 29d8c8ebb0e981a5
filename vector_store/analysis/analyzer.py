"""Text to terms: the one lexical analysis, used alike for documents, questions and highlights.

A term is what the lexical index matches on: a word without its accents, case, possessive ending
and inflection. In some scripts it cannot be seen which letters are the word and which cling to
it; then a word has several terms, and two words match when they share one. Scripts without
spaces are cut into overlapping pairs of letters (as in Lucene's CJKAnalyzer). Each word remembers
the span of the original text it came from, so that what is highlighted is always the original.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

import regex
import Stemmer

from vector_store.analysis.scripts import arabic_forms, folded, hebrew_forms, persian_forms
from vector_store.analysis.stop_words import STOP_WORDS

ANALYSIS_VERSION = "2"
"""Raised whenever the terms of any text change, so that saved indexes are made again."""

ENGLISH = ("en",)

Forms = tuple[str, ...]
"""The terms of one word, the likeliest first: at least one."""

Word = tuple[Forms, str, bool]
"""A word's terms, the word in lower case, and whether it is a stop word."""

# A number with its separators ("2,000", "3.14") is one token; a word keeps its combining marks,
# inner apostrophes and what is invisible in it.
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー々"
_INVISIBLE = r"\u00ad\u200d-\u200f\u2060\ufeff"
_NUMBER = r"\p{N}+(?:[.,٫٬]\p{N}+)+(?![\p{L}\p{M}])"
_SPACED = regex.compile(
    rf"{_NUMBER}|[\p{{L}}\p{{N}}\p{{M}}][\p{{L}}\p{{N}}\p{{M}}{_INVISIBLE}]*"
    rf"(?:['’][\p{{L}}\p{{M}}{_INVISIBLE}]+)*"
)
_MIXED = regex.compile(
    rf"{_NUMBER}|[{_UNSPACED}]+|[[\p{{L}}\p{{N}}\p{{M}}]--[{_UNSPACED}]]"
    rf"[[\p{{L}}\p{{N}}\p{{M}}{_INVISIBLE}]--[{_UNSPACED}]]*"
    rf"(?:['’][[\p{{L}}\p{{M}}{_INVISIBLE}]--[{_UNSPACED}]]+)*",
    regex.V1,
)
_ANY_UNSPACED = regex.compile(rf"[{_UNSPACED}]")
_POSSESSIVE = regex.compile(r"['’]s?$")
_ELISION = regex.compile(r"^(?:\p{L}|qu|jusqu|lorsqu|puisqu|un|all|dall|dell|nell|sull|quest)['’]")
_ELIDING = frozenset({"fr", "it", "ca"})

# Snowball's algorithms by language (snowballstem.org). Arabic and Persian have forms instead.
_STEMMERS = {
    "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "eo": "esperanto", "es": "spanish", "et": "estonian", "eu": "basque",
    "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian",
    "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "ne": "nepali",
    "nl": "dutch", "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
}  # fmt: skip
_SCRIPT_STARTS = ((0x370, "el"), (0x400, "ru"), (0x530, "hy"), (0x590, "he"), (0x600, "ar"),
                  (0x900, "hi"), (0x980, ""), (0xB80, "ta"), (0xC00, ""))  # fmt: skip
"""Where scripts begin in Unicode, and the language they are most used for here."""
_SCRIPT_LANGUAGES = {
    "el": ("el",), "ru": ("ru", "uk", "bg", "sr", "be", "mk", "kk", "ky", "mn", "tg", "tt", "ba"),
    "hy": ("hy",), "he": ("he",), "ar": ("ar", "fa", "ur", "ps", "ug", "sd"),
    "hi": ("hi", "mr", "ne", "sa"), "ta": ("ta",), "": (),
}  # fmt: skip
_FORMS: dict[str, Callable[[str], list[str]]] = {
    "ar": arabic_forms,
    "fa": persian_forms,
    "he": hebrew_forms,
}

_LONGEST_TERM = 200  # tantivy drops terms over 65,530 bytes; no word anyone types is near this

_local = threading.local()


class Token(NamedTuple):  # a frozen dataclass takes four times as long to make
    """A word's terms and the span `[start, end)` of the analysed text it came from."""

    forms: Forms
    word: str
    """As it stands in the text, but in lower case."""
    start: int
    end: int
    stop: bool
    """Whether it is a stop word."""
    is_pair: bool = False
    """Whether it is two letters of a script without spaces: the next begins with the second."""


def tokens(text: str, languages: tuple[str, ...] = ENGLISH) -> list[Token]:
    """Return every word of `text` with its terms and its place, in order.

    `languages`, ISO 639-1 codes, are what the text may be written in, the likeliest first: its
    own for a document; for a question, also those of the documents it is asked of. A word gets
    the terms it has in each that uses its script.
    """
    if not text.isascii() and _ANY_UNSPACED.search(text):
        return _mixed_tokens(text, languages)
    read = _reader(languages)
    found: list[Token] = []
    for match in _SPACED.finditer(text):
        forms, word, stop = read(match.group())
        if forms:
            found.append(Token(forms, word, match.start(), match.end(), stop))
    return found


def words(text: str, languages: tuple[str, ...] = ENGLISH) -> tuple[list[Word], list[int]]:
    """Return every word of `text` and where each starts: `tokens` in two thirds of its time."""
    if not text.isascii() and _ANY_UNSPACED.search(text):
        mixed = _mixed_tokens(text, languages)
        return [(t.forms, t.word, t.stop) for t in mixed], [t.start for t in mixed]
    read = _reader(languages)
    analysed: list[Word] = []
    starts: list[int] = []
    for match in _SPACED.finditer(text):
        word = read(match.group())
        if word[0]:
            analysed.append(word)
            starts.append(match.start())
    return analysed, starts


def cut_letters(text: str) -> int:
    """Return how many letters of a text are of scripts without spaces."""
    return sum(1 for _ in _ANY_UNSPACED.finditer(text))


def is_cut(word: str) -> bool:
    """Tell whether a word is of a script without spaces, and so was cut without regard to words."""
    return _ANY_UNSPACED.search(word) is not None


def _mixed_tokens(text: str, languages: tuple[str, ...]) -> list[Token]:
    """Do what `tokens` does for a text with scripts that have no spaces."""
    read = _reader(languages)
    found: list[Token] = []
    for match in _MIXED.finditer(text):
        if _ANY_UNSPACED.match(match.group()):
            found += _unspaced(match.group(), match.start())
        else:
            forms, word, stop = read(match.group())
            if forms:
                found.append(Token(forms, word, match.start(), match.end(), stop))
    return found


def terms(text: str, languages: tuple[str, ...] = ENGLISH) -> list[str]:
    """Return all terms of a document's text, in order, stop words included."""
    found: list[str] = []
    end = 0
    for token in tokens(text, languages):
        found += token.forms
        if token.is_pair:  # the letters too, each once, so that a question of one finds them
            found += token.word[token.start < end :]
        end = token.end
    return found


def query_terms(text: str, languages: tuple[str, ...] = ENGLISH) -> tuple[Forms, ...]:
    """Return the distinct words a question is searched by, in order of first appearance.

    Stop words are left out, unless the question holds nothing else.
    """
    found = tokens(text, languages)
    content = [token.forms for token in found if not token.stop]
    return tuple(dict.fromkeys(content or [token.forms for token in found]))


def spoken(language: str) -> tuple[str, ...]:
    """Return what to analyse a document by whose language is this, or not known."""
    return (language,) if language else ENGLISH


def searchable(headings: Iterable[str], text: str) -> str:
    """Return what a passage is searched by: the headings it stands under, then itself."""
    return "\n".join((*headings, text))


def _unspaced(run: str, start: int) -> Iterator[Token]:
    """Give the pairs of letters of a run without spaces, or its one letter."""
    for at in range(max(1, len(run) - 1)):
        pair = folded(run[at : at + 2])
        if pair:
            end = start + min(at + 2, len(run))
            yield Token((pair,), pair, start + at, end, False, len(pair) > 1)


@lru_cache(maxsize=32)
def _reader(languages: tuple[str, ...]) -> Callable[[str], Word]:
    """Return `_read` for these languages, which remembers the words it has read."""
    return lru_cache(maxsize=100_000)(lambda word: _read(word, languages))


def _read(word: str, languages: tuple[str, ...]) -> Word:
    """Return a word's terms, the word in lower case, and whether it is a stop word."""
    bare = _POSSESSIVE.sub("", folded(word))
    if not bare:
        return (), word, False
    if bare[0].isdigit():
        return (bare.replace(",", "")[:_LONGEST_TERM],), word.lower(), False
    script = _script(bare[0])
    spoken = [one for one in languages if _is_written_in(one, script)] or [script]
    stop = any(bare in STOP_WORDS.get(one, ()) for one in spoken[:1])
    found = (form[:_LONGEST_TERM] for one in spoken for form in _forms(word, bare, one))
    return tuple(dict.fromkeys(found)), word.lower(), stop


def _script(letter: str) -> str:
    """Return the language that stands for a letter's script: "en" for Latin."""
    found = "en"
    for start, language in _SCRIPT_STARTS:
        if ord(letter) >= start:
            found = language
    return found


def _is_written_in(language: str, script: str) -> bool:
    if script == "en":
        return not any(language in others for others in _SCRIPT_LANGUAGES.values())
    return language in _SCRIPT_LANGUAGES[script]


def _forms(word: str, bare: str, language: str) -> list[str]:
    if language in _FORMS:
        return _FORMS[language](bare)
    if language not in _STEMMERS:
        return [bare]
    if language == "en":
        return [_stemmer("en").stemWord(bare)]
    spelt = word.casefold()  # the other algorithms go by accents
    if language in _ELIDING:
        spelt = _ELISION.sub("", spelt)
    return [folded(_stemmer(language).stemWord(spelt)) or bare]


def _stemmer(language: str) -> Stemmer.Stemmer:
    # PyStemmer's objects must not be shared between threads.
    if not hasattr(_local, "stemmers"):
        _local.stemmers = {}
    if language not in _local.stemmers:
        _local.stemmers[language] = Stemmer.Stemmer(_STEMMERS[language], 0)
    stemmer: Stemmer.Stemmer = _local.stemmers[language]
    return stemmer
