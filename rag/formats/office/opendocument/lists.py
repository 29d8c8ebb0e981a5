"""The numbers of lists and headings of an OpenDocument text (OpenDocument 1.3 Part 3, 5.3, 19.880).

A list counts from its start, unless it says that it continues the list before it of its style, or
another by its id. What has no style of lists has no number: programs draw a bullet, if anything.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from rag.formats.office.opendocument.styles import Level, Styles, whole
from rag.formats.safe_xml import Element, attribute, local
from rag.formats.typesetting.numerals import NUMBERINGS

_PLACEHOLDER = re.compile("%([0-9]{1,2})%")
_DEEPEST = 10
"""Levels that a style of lists has."""
_NUMBERINGS = {"1": "decimal", "a": "lower-alpha", "A": "upper-alpha", "i": "lower-roman",
               "I": "upper-roman", "①": "circled", "一": "chinese", "א": "hebrew",
               "أ": "arabic-alphabet", "α": "lower-greek", "а": "lower-russian",
               "А": "upper-russian", "01": "decimal-leading-zero", "1st": "ordinal"}  # fmt: skip

Counts = dict[int, int]
"""The numbers that the levels of a list, from 0, have reached."""


@dataclass(frozen=True, slots=True)
class OpenList:
    """A list, or one within another, whose items are being read."""

    style: str
    level: int
    counts: Counts


class Lists:
    """The lists of a document, and how far each has counted."""

    def __init__(self, styles: Styles) -> None:
        """Count lists in these styles."""
        self._styles = styles
        self._by_id: dict[str, Counts] = {}
        self._by_style: dict[str, Counts] = {}
        self._headings: Counts = {}

    def open(self, element: Element, above: OpenList | None, *, in_counted: bool) -> OpenList:
        """Begin a list; `above` is the one that it is in, `in_counted` if its item has a number."""
        style = attribute(element, "style-name")
        continues = attribute(element, "continue-numbering") == "true"
        if above is not None:
            level = above.level + 1
            if in_counted and not continues:
                for deeper in [one for one in above.counts if one >= level]:
                    del above.counts[deeper]
            return OpenList(style or above.style, level, above.counts)
        style = style or self._paragraph_style(element)
        counts: Counts = {}
        if other := attribute(element, "continue-list"):
            counts = self._by_id.get(other, counts)
        elif continues:
            counts = self._by_style.get(style, counts)
        if identity := attribute(element, "id"):
            self._by_id[identity] = counts
        self._by_style[style] = counts
        return OpenList(style, 0, counts)

    def next(self, in_list: OpenList, item: Element) -> str:
        """Count an item and return its number with a space behind it; nothing for a bullet."""
        start = attribute(item, "start-value")
        return self._next(in_list.style, in_list.level, in_list.counts, start)

    def heading(self, heading: Element, level: int) -> str:
        """Count a heading that is in no list and return its number, nothing without one."""
        style = self._styles.list_style(attribute(heading, "style-name"))
        if style not in (None, self._styles.outline) or not self._styles.outline:
            return ""
        if attribute(heading, "is-list-header") == "true":
            return ""
        start = attribute(heading, "start-value")
        if attribute(heading, "restart-numbering") == "true":
            self._headings.pop(level, None)
        return self._next(self._styles.outline, level, self._headings, start)

    def _paragraph_style(self, element: Element) -> str:
        """Return the style of lists that the style of a list's first paragraph names."""
        for one in element.iter():
            if local(one) in ("p", "h"):
                return self._styles.list_style(attribute(one, "style-name")) or ""
        return ""

    def _next(self, style: str, level: int, counts: Counts, start: str) -> str:
        here = self._level(style, level)
        after = counts[level] + 1 if level in counts else here.start
        counts[level] = whole(start, after)
        for deeper in [one for one in counts if one > level]:
            del counts[deeper]

        def drawn(which: int) -> str:
            other = self._level(style, which)
            return _written(other, counts.get(which, other.start))

        if here.pattern:
            text = _PLACEHOLDER.sub(lambda place: drawn(int(place[1]) - 1), here.pattern)
            text = text if here.numbering or not _PLACEHOLDER.search(here.pattern) else ""
        else:
            first = max(0, level + 1 - min(here.shown, _DEEPEST))
            numbers = (drawn(which) for which in range(first, level + 1))
            text = here.prefix + ".".join(filter(None, numbers)) + here.suffix
        return f"{text} " if text.strip() and here.numbering else ""

    def _level(self, style: str, level: int) -> Level:
        return self._styles.lists.get(style, {}).get(level, Level())


def _written(level: Level, number: int) -> str:
    if not level.numbering:
        return ""
    sample = level.numbering.partition(",")[0].strip()
    name = _NUMBERINGS.get(sample, "decimal")
    if level.is_doubled and name.endswith("-alpha"):
        name = name.replace("-alpha", "-repeated")
    write: Callable[[int], str] = NUMBERINGS[name]
    return write(number)
