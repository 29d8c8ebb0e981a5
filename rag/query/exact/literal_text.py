"""Texts in the one spelling in which identifiers are compared, letter by letter.

No case, digits 0 to 9, one dash, one space; accents, signs and line breaks stay. A raised digit
is no digit of the word before it: "INV-12³" is INV-12 with a note.
"""

import unicodedata

import regex

_INVISIBLE = regex.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_RAISED = regex.compile(r"[⁰¹²³⁴-⁹]+")
_DASHES = regex.compile(r"[‐‑‒–—―−﹘﹣－]")
_DECIMALS = regex.compile(r"[\p{Nd}--[0-9]]", regex.V1)
_SPACES = regex.compile(r"[^\S\n]+")
_SEGMENT = regex.compile(r"[^\S\n]+|[⁰¹²³⁴-⁹]+|\X")
"""What is respelt on its own: a run of spaces or of raised digits, or a letter with its marks."""
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


def located(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return a text as `plain` does, and for each letter of that the span it stands for."""
    pieces: list[str] = []
    spans: list[tuple[int, int]] = []
    for match in _SEGMENT.finditer(text):
        piece = plain(match.group())
        pieces.append(piece)
        spans += [match.span()] * len(piece)
    return "".join(pieces), spans
