"""Runs of text to the text of a line: raised and lowered characters, readings above words."""

import re
from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from rag.formats.typesetting.raised import lowered, raised

RAISED, LOWERED = 1, -1
_LONGEST_RAISED = 20
"""Characters; more is a sentence in small type, not an exponent."""
_MARKS = re.compile(r"\d+(?:\s*[,;–]\s*\d+)+")
_DIGITS = re.compile(r"\d+")
_NUMBER_OR_VARIABLE = re.compile(r"(?:\d|[)\]]|(?<![^\W\d])[^\W\d])$")
_EXPONENTS = "nkxyzijpqt"  # of a number or a variable; others end ordinals (1a, 2d, 3e, no)
_INDICES = "aehijklmnoprstuvx"
_CJK = re.compile("[\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff]")


class Piece(NamedTuple):
    """A piece of a line."""

    text: str
    shift: int = 0
    """RAISED, LOWERED, or 0 on the line."""
    hidden: bool = False
    reading: str = ""
    """How the text is read, as it stands above Japanese or Chinese words."""


def typeset(pieces: Iterable[Piece]) -> str:
    """Return the text of pieces in order.

    Raised and lowered digits become Unicode's. The reading of a word follows it in parentheses;
    words side by side that have readings are taken for one.
    """
    line: list[str] = []
    filled = (piece for piece in pieces if piece.text)
    for (shift, is_read), group in groupby(filled, lambda one: (one.shift, bool(one.reading))):
        together = list(group)
        text = "".join(piece.text for piece in together)
        if is_read:
            text = _read(text, "".join(piece.reading for piece in together))
        line.append(_shifted(text, shift, line[-1] if line else ""))
    return "".join(line)


def _read(text: str, reading: str) -> str:
    return f"{text}（{reading}）" if _CJK.search(text) else f"{text} ({reading})"


def _shifted(text: str, shift: int, before: str) -> str:
    bare = text.strip()
    if shift == 0 or not bare or bare[0] == "[" or len(bare) > _LONGEST_RAISED:
        return text
    if _MARKS.fullmatch(bare):  # several notes, as in "Smith¹,²"
        move = raised if shift == RAISED else lowered
        return _DIGITS.sub(lambda digits: move(digits[0]), text)
    if shift == LOWERED:
        return lowered(text, variable=len(bare) == 1 and bare in _INDICES)
    if bare == "o" and before[-1:].isdigit():
        return text.replace("o", "º")  # of degrees or an ordinal; a letter would read as a zero
    is_exponent = len(bare) == 1 and bare in _EXPONENTS
    is_exponent = is_exponent and _NUMBER_OR_VARIABLE.search(before[-2:]) is not None
    return raised(text, variable=is_exponent)
