"""Texts in the one spelling in which identifiers are compared, letter by letter.

No case, digits 0 to 9, one dash, one space; accents, signs and line breaks stay. A raised digit
is no digit of the word before it: "INV-12³" is INV-12 with a note.
"""

import unicodedata
from bisect import bisect_right

import regex

_INVISIBLE = regex.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_RAISED = regex.compile(r"[⁰¹²³⁴-⁹]+")
_DASHES = regex.compile(r"[‐‑‒–—―−﹘﹣－]")
_DECIMALS = regex.compile(r"[\p{Nd}--[0-9]]", regex.V1)
_SPACES = regex.compile(r"[^\S\n]+")
_SEGMENT = regex.compile(r"(?P<same>[\n!-~]+(?![^\x00-\x7f]))|[^\S\n]+|[⁰¹²³⁴-⁹]+|\X")
"""What is respelt on its own: a run of spaces or of raised digits, or a letter with its marks. Of a
run of ASCII, which no mark follows, each letter stays where it is."""
_ARABIC_SIGNS = str.maketrans({"\u066b": ".", "\u066c": ",", "’": "'", "ʼ": "'"})


def readable(text: str) -> str:
    """Return a text in that spelling, but with its case."""
    if not text.isascii():
        text = _RAISED.sub(" ", _INVISIBLE.sub("", text))
        text = unicodedata.normalize("NFKC", text).translate(_ARABIC_SIGNS)
        text = _DECIMALS.sub(lambda digit: str(unicodedata.decimal(digit.group())), text)
        text = _DASHES.sub("-", text)
    return str(_SPACES.sub(" ", text))


def plain(text: str) -> str:
    """Return a text in that spelling, without regard to case."""
    return readable(text).casefold()


class Located:
    """A text as `plain` returns it, that tells for a span of that where it stands in the text."""

    def __init__(self, text: str) -> None:
        """Respell a text, segment by segment."""
        pieces: list[str] = []
        self._starts: list[int] = []
        self._segments: list[tuple[int, int, bool]] = []
        length = 0
        for match in _SEGMENT.finditer(text):
            piece = plain(match.group())
            if piece:
                self._starts.append(length)
                self._segments.append((*match.span(), match["same"] is not None))
                pieces.append(piece)
                length += len(piece)
        self.plain = "".join(pieces)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the text that `[start, end)`, not empty, of `plain` stands for."""
        return self._segment(start)[0], self._segment(end - 1)[1]

    def _segment(self, at: int) -> tuple[int, int]:
        number = bisect_right(self._starts, at) - 1
        first, last, is_same = self._segments[number]
        if not is_same:
            return first, last
        letter = first + at - self._starts[number]
        return letter, letter + 1
