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
            text = f"{text}（{''.join(piece.reading for piece in together)}）"
        line.append(_shifted(text, shift))
    return "".join(line)


def _shifted(text: str, shift: int) -> str:
    bare = text.strip()
    if shift == 0 or not bare:
        return text
    move = raised if shift == RAISED else lowered
    if _MARKS.fullmatch(bare):  # several notes, as in "Smith¹,²"
        return _DIGITS.sub(lambda digits: move(digits[0]), text)
    return move(text) if len(bare) <= _LONGEST_RAISED else text
