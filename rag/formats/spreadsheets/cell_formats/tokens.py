"""The tokens of a number format: ECMA-376 Part 1, 18.8.31."""

import re
from dataclasses import dataclass
from enum import Enum, auto


class Kind(Enum):
    """What a token stands for."""

    LITERAL = auto()
    GENERAL = auto()
    DIGIT = auto()
    """A place of a digit: 0, # or ?."""
    POINT = auto()
    COMMA = auto()
    PERCENT = auto()
    SLASH = auto()
    EXPONENT = auto()
    TEXT = auto()
    """@, the place of a text."""
    DATE = auto()
    """Letters of a date or a time; in brackets those of a time that has passed."""
    BRACKET = auto()
    """A colour or a condition."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token, and its letters without quotation marks and brackets."""

    kind: Kind
    text: str

    @property
    def literal(self) -> str:
        """Return what it shows where it has no other meaning."""
        return self.text if self.kind not in (Kind.DATE, Kind.DIGIT, Kind.BRACKET) else ""


_TOKEN = re.compile(
    r"""
      "(?P<quoted>[^"]*)"?
    | \\(?P<escaped>.)
    | _(?P<room>.)                       # as much room as the character takes
    | \*(?P<fill>.)                      # the character, until the cell is full
    | \[(?P<elapsed>h+|m+|s+)\]
    | \[\$(?P<currency>[^\]-]*)(?:-(?P<locale>[^\]]*))?\]
    | \[(?P<bracket>[^\]]*)\]
    | (?P<general>General)
    | (?P<halves>AM/PM|A/P)
    | (?P<exponent>E[+-])
    | (?P<date>y+|m+|d+|h+|s+|e+|g+)
    | (?P<digit>[0\#?])
    | (?P<mark>[.,%/@;])
    | (?P<other>.)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_MARKS = {
    ".": Kind.POINT,
    ",": Kind.COMMA,
    "%": Kind.PERCENT,
    "/": Kind.SLASH,
    "@": Kind.TEXT,
}
_KINDS = {
    "general": Kind.GENERAL,
    "halves": Kind.DATE,
    "exponent": Kind.EXPONENT,
    "date": Kind.DATE,
    "digit": Kind.DIGIT,
    "bracket": Kind.BRACKET,
}


def sections(code: str) -> list[list[Token]]:
    """Return the tokens of each section of a code."""
    parts: list[list[Token]] = [[]]
    for match in _TOKEN.finditer(code):
        if match["mark"] == ";":
            parts.append([])
        else:
            parts[-1].append(_token(match))
    return parts


def _token(match: re.Match[str]) -> Token:
    name = match.lastgroup or ""
    text = match[name] if name else ""
    if match["currency"] is not None:
        return Token(Kind.LITERAL, match["currency"])
    if name == "elapsed":
        return Token(Kind.DATE, f"[{text.lower()}]")
    if name == "mark":
        return Token(_MARKS[text], text)
    if name in ("room", "fill"):
        return Token(Kind.LITERAL, " " if name == "room" or text == " " else "")
    if name == "date":
        text = text.lower()
    return Token(_KINDS.get(name, Kind.LITERAL), text)
