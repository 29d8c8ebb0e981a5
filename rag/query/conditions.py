"""Which passages a search admits: those that hold its exact phrases, and nothing that it excludes.

Letters are compared without regard to case, words whole, and any white space alike.
"""

import unicodedata
from dataclasses import dataclass

import regex

from rag.query.syntax import Search

_APOSTROPHES = "['’ʼ]"
_HYPHENS = "[-‐‑–]"
_WORD = r"[\p{L}\p{N}\p{M}--[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Khmer}\p{Lao}\p{Myanmar}]]"
_BETWEEN_MARKS = regex.compile(r"[^\s'’\-‐‑–]+")
_WORDS = regex.compile(f"{_WORD}+", regex.V1)


@dataclass(frozen=True, slots=True)
class _Piece:
    """An exact phrase or an exclusion; few texts have its words and need be searched for it."""

    words: frozenset[str]
    """Words of which all stand in any text that holds it."""
    part: str
    """A part of it that stands in any text that holds it, as `_plain` returns that text."""
    pattern: "regex.Pattern[str]"

    @classmethod
    def of(cls, phrase: str) -> "_Piece":
        """Compile a phrase that holds a letter or a digit."""
        plain = _plain(unicodedata.normalize("NFC", phrase))
        part = max(_BETWEEN_MARKS.findall(plain), key=len)
        return cls(frozenset(_WORDS.findall(plain)), part, _pattern(phrase))


class Admission:
    """A search's phrases and exclusions, compiled once for all passages."""

    def __init__(self, search: Search) -> None:
        """Compile what a search demands."""
        self._phrases = tuple(map(_Piece.of, search.phrases))
        self._without = tuple(map(_Piece.of, search.without))

    def admits(self, text: str) -> bool:
        """Tell whether a text holds every phrase and nothing that is excluded."""
        composed = unicodedata.normalize("NFC", text)
        plain = _plain(composed)
        words = frozenset(_WORDS.findall(plain))

        def holds(piece: _Piece) -> bool:
            may_hold = piece.words <= words and piece.part in plain
            return may_hold and piece.pattern.search(composed) is not None

        return all(map(holds, self._phrases)) and not any(map(holds, self._without))


def _plain(text: str) -> str:
    """Return a text in NFC without regard to case, as patterns have none."""
    plain = text.replace("ʼ", "'").casefold()
    # For a pattern the Turkish letters are forms of "i", for casefold letters of their own.
    return plain.replace("i\N{COMBINING DOT ABOVE}", "i").replace("ı", "i")


def _pattern(phrase: str) -> "regex.Pattern[str]":
    words = unicodedata.normalize("NFC", phrase).split()
    body = r"\s++".join(map(_flexible, words))  # possessive: there is one way to match it
    before = rf"(?<!{_WORD})" if regex.match(_WORD, words[0], regex.V1) else ""
    after = rf"(?!{_WORD})" if regex.match(_WORD, words[-1][-1], regex.V1) else ""
    return regex.compile(before + body + after, regex.IGNORECASE | regex.V1)


def _flexible(word: str) -> str:
    flexible: str = regex.escape(word, special_only=True)
    for pattern, alike in ((_APOSTROPHES, _APOSTROPHES), (r"\\?[-‐‑–]", _HYPHENS)):
        flexible = regex.sub(pattern, alike, flexible)
    return flexible
