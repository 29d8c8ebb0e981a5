"""The numbers that Word draws before paragraphs (ECMA-376 Part 1, 17.9).

Lists (`w:num`) with one definition (`w:abstractNum`) count on from one another, unless a list
starts a level anew.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from rag.formats.office.word.number_formats import is_drawn, padded, written
from rag.formats.office.word.shown import child, is_on, number, value
from rag.formats.office.word.styles import ListPlace, Styles
from rag.formats.safe_xml import Element, attribute, local

LEVELS = 9
_PLACEHOLDER = re.compile("%([1-9])")
_LONGEST_PATTERN = 200  # characters; a number of more is none


@dataclass(frozen=True, slots=True)
class _Level:
    start: int = 0
    numbering: str = "decimal"
    sample: str = ""
    """Of a format of its own, as "001, 002"."""
    pattern: str = ""
    """As "%1.%2", where %2 is the number of the second level."""
    restart: int | None = None
    """It counts anew after this level, from 1, or one above; None: after any above; 0: never."""
    gap: str = " "
    legal: bool = False
    """Whether the numbers of all levels are shown in digits."""
    style: str = ""
    """The paragraph style that is numbered with this level."""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class _List:
    definition: str
    starts: Mapping[int, int]
    levels: Mapping[int, _Level]


class Numbering:
    """The lists of a document, and how far each has counted."""

    def __init__(self, root: Element | None, styles: Styles) -> None:
        """Read the part of the lists, if there is one."""
        self._styles = styles
        self._definitions: dict[str, dict[int, _Level]] = {}
        self._lists: dict[str, _List] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()
        self._same: dict[str, str] = {}  # of definitions that only name another
        linked: dict[str, str] = {}
        for element in root if root is not None else ():
            identity = attribute(element, "abstractNumId")
            if local(element) == "abstractNum":
                self._definitions[identity] = dict(map(_level, _levels(element)))
                if style := value(element, "numStyleLink"):
                    linked[identity] = style
            elif local(element) == "num":
                self._lists[attribute(element, "numId")] = _list(element)
        for identity, style in linked.items():
            list_id = styles.place(style)[0].list_id or ""
            there = self._lists[list_id].definition if list_id in self._lists else ""
            if there in self._definitions and there not in linked:
                self._same[identity] = there

    def place(self, direct: ListPlace, style: str) -> tuple[str, int] | None:
        """Return a paragraph's list and its level, from 0; None where it is in none."""
        inherited, chain = self._styles.place(style)
        list_id = inherited.list_id if direct.list_id is None else direct.list_id
        if list_id is None or list_id == "0" or list_id not in self._lists:
            return None
        if direct.level is not None:
            level = direct.level
        elif direct.list_id is None and (linked := self._level_of(list_id, chain)) is not None:
            level = linked
        else:
            level = inherited.level or 0
        return list_id, min(max(level, 0), LEVELS - 1)

    def next(self, list_id: str, level: int) -> str:
        """Count a paragraph and return its number, with the space behind it; none of bullets."""
        list_ = self._lists[list_id]
        definition = self._same.get(list_.definition, list_.definition)
        count = self._counts.setdefault(definition, {})
        here = self._level(list_, level)
        anew = (list_id, level) not in self._begun and level in list_.starts
        if anew or level not in count:
            count[level] = list_.starts.get(level, here.start)
        else:
            count[level] += 1
        self._begun.add((list_id, level))
        for deeper in [one for one in count if one > level]:
            after = self._level(list_, deeper).restart
            if after is None or level < after:
                del count[deeper]
        if here.hidden or not is_drawn(here.numbering) or len(here.pattern) > _LONGEST_PATTERN:
            return ""

        def drawn(placeholder: re.Match[str]) -> str:
            which = int(placeholder[1]) - 1
            counted = self._level(list_, which)
            reached = count.get(which, list_.starts.get(which, counted.start))
            return _written(reached, counted, legal=here.legal)

        text = _PLACEHOLDER.sub(drawn, here.pattern)
        return f"{text}{here.gap}" if text.strip() else ""

    def _level(self, list_: _List, level: int) -> _Level:
        if level in list_.levels:
            return list_.levels[level]
        definition = self._same.get(list_.definition, list_.definition)
        return self._definitions.get(definition, {}).get(level, _Level())

    def _level_of(self, list_id: str, chain: Sequence[str]) -> int | None:
        """Return the level that numbers a style, or one that the style is based on."""
        list_ = self._lists[list_id]
        numbered = {self._level(list_, level).style: level for level in range(LEVELS)}
        return next((numbered[style] for style in chain if style in numbered), None)


def _written(reached: int, level: _Level, *, legal: bool) -> str:
    own: Callable[[int], str] | None = padded(level.sample)
    if legal and level.numbering not in ("decimalZero", "none"):
        return str(reached)
    return own(reached) if own else written(reached, level.numbering)


def _levels(element: Element) -> list[Element]:
    return [one for one in element if local(one) == "lvl"]


def _list(element: Element) -> _List:
    starts: dict[int, int] = {}
    levels: dict[int, _Level] = {}
    for override in element:
        if local(override) != "lvlOverride":
            continue
        which = number(attribute(override, "ilvl")) or 0
        for own in _levels(override):
            levels[which] = _level(own)[1]
        if (start := number(value(override, "startOverride"))) is not None:
            starts[which] = start
    return _List(value(element, "abstractNumId"), starts, levels)


def _level(element: Element) -> tuple[int, _Level]:
    restart, legal = child(element, "lvlRestart"), child(element, "isLgl")
    vanish = child(child(element, "rPr"), "vanish")
    level = _Level(
        start=number(value(element, "start")) or 0,
        pattern=value(element, "lvlText"),
        restart=number(attribute(restart, "val")) if restart is not None else None,
        gap="" if value(element, "suff") == "nothing" else " ",
        legal=legal is not None and is_on(legal),
        style=value(element, "pStyle"),
        hidden=vanish is not None and is_on(vanish),
    )
    # A format of its own stands beside the one that older programs show.
    for one in element.iter():
        if local(one) == "numFmt":
            level = replace(level, numbering=attribute(one, "val"))
            if sample := attribute(one, "format"):
                level = replace(level, numbering="decimal", sample=sample)
            break
    return number(attribute(element, "ilvl")) or 0, level
