"""The numbers that PowerPoint draws before paragraphs (ECMA-376 Part 1, 21.1.2.4.1).

They count anew after a paragraph without such a number on the same level or one above.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.formats.safe_xml import Element, attribute, local
from rag.formats.typesetting.numerals import NUMBERINGS

_LEVELS = 9
_FULL_WIDTH = {ord("0") + digit: 0xFF10 + digit for digit in range(10)}
_FORMS = {
    "ParenBoth": "({})", "ParenR": "{})", "Period": "{}.", "Plain": "{}", "Minus": "{} -",
}  # fmt: skip
_NUMBERINGS: dict[str, Callable[[int], str]] = {
    "alphaLc": NUMBERINGS["lower-repeated"],
    "alphaUc": NUMBERINGS["upper-repeated"],
    "arabic": str,
    "arabicDb": lambda number: str(number).translate(_FULL_WIDTH),
    "romanLc": NUMBERINGS["lower-roman"],
    "romanUc": NUMBERINGS["upper-roman"],
    "circleNumDb": NUMBERINGS["circled"],
    "circleNumWdWhite": NUMBERINGS["circled"],
    "circleNumWdBlack": lambda number: chr(0x2775 + number) if 0 < number < 11 else str(number),
    "ea1Chs": NUMBERINGS["chinese"],
    "ea1Cht": NUMBERINGS["chinese"],
    "ea1JpnKor": NUMBERINGS["chinese"],
    "ea1JpnChsDb": NUMBERINGS["chinese"],
    "arabic1": NUMBERINGS["arabic-alphabet"],
    "arabic2": NUMBERINGS["arabic-abjad"],
    "hebrew2": NUMBERINGS["hebrew"],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Numbered:
    """How a paragraph is numbered."""

    scheme: str
    """As "arabicPeriod" or "alphaLcParenBoth"."""
    start: int = 1


ListStyle = dict[int, Numbered | None]
"""How the paragraphs of each level, from 0, are numbered; None: with a bullet or not at all."""


class Count:
    """The numbers that the levels of a text have reached."""

    def __init__(self) -> None:
        """Begin before the first paragraph."""
        self._reached: dict[int, tuple[Numbered, int]] = {}

    def next(self, level: int, numbered: Numbered | None) -> str:
        """Count a paragraph and return its number with a space behind it; nothing without one."""
        for deeper in [one for one in self._reached if one > level]:
            del self._reached[deeper]
        if numbered is None:
            self._reached.pop(level, None)
            return ""
        before, reached = self._reached.get(level, (None, 0))
        reached = reached + 1 if before == numbered else numbered.start
        self._reached[level] = (numbered, reached)
        return f"{_written(numbered.scheme, reached)} "


def level_of(paragraph: Element) -> int:
    """Return a paragraph's level, from 0."""
    for child in paragraph:
        if local(child) == "pPr":
            level = attribute(child, "lvl")
            return min(int(level), _LEVELS - 1) if level.isascii() and level.isdigit() else 0
    return 0


def list_style(element: Element | None) -> ListStyle:
    """Return what a `lstStyle`, or a style of a master, says of numbers."""
    style: ListStyle = {}
    for child in element if element is not None else ():
        name = local(child)
        if name.startswith("lvl") and name.endswith("pPr") and name[3:4].isdigit():
            style |= _said(child, int(name[3]) - 1)
    return style


def numbered(paragraph: Element, level: int, styles: Sequence[ListStyle]) -> Numbered | None:
    """Return how a paragraph is numbered: as itself says, or else the first style that does."""
    own: ListStyle = {}
    for child in paragraph:
        if local(child) == "pPr":
            own = _said(child, level)
    return next((style[level] for style in (own, *styles) if level in style), None)


def _said(properties: Element, level: int) -> ListStyle:
    for child in properties:
        kind = local(child)
        if kind == "buAutoNum":
            start = attribute(child, "startAt")
            first = int(start) if start.isascii() and start.isdigit() and len(start) < 6 else 1
            return {level: Numbered(attribute(child, "type"), first)}
        if kind in ("buNone", "buChar", "buBlip"):
            return {level: None}
    return {}


def _written(scheme: str, number: int) -> str:
    for ending, form in _FORMS.items():
        if scheme.endswith(ending):
            write = _NUMBERINGS.get(scheme.removesuffix(ending), str)
            return form.format(write(number))
    return f"{number}."
