"""The numbers that Word draws before paragraphs (ECMA-376 Part 1, 17.9)."""

from collections.abc import Sequence
from dataclasses import replace

from rag.formats.office.word.counting import LEVELS, Counting, ListLevel, ListUse
from rag.formats.office.word.shown import child, is_on, number, value
from rag.formats.office.word.styles import ListPlace, Styles
from rag.formats.safe_xml import Element, attribute, local


class Numbering:
    """The lists of a document, and the paragraphs that are in them."""

    def __init__(self, root: Element | None, styles: Styles) -> None:
        """Read the part of the lists, if there is one."""
        self._styles = styles
        definitions: dict[str, dict[int, ListLevel]] = {}
        lists: dict[str, ListUse] = {}
        linked: dict[str, str] = {}
        for element in root if root is not None else ():
            identity = attribute(element, "abstractNumId")
            if local(element) == "abstractNum":
                definitions[identity] = dict(map(_level, _levels(element)))
                if style := value(element, "numStyleLink"):
                    linked[identity] = style
            elif local(element) == "num":
                lists[attribute(element, "numId")] = _list(element)
        for identity, use in lists.items():
            if use.definition in linked:
                there = lists.get(styles.place(linked[use.definition])[0].list_id or "")
                if there is not None and there.definition not in linked:
                    lists[identity] = replace(use, definition=there.definition)
        self._counting = Counting(lists, definitions)

    def place(self, direct: ListPlace, style: str) -> tuple[str, int] | None:
        """Return a paragraph's list and its level, from 0; None where it is in none."""
        inherited, chain = self._styles.place(style)
        list_id = inherited.list_id if direct.list_id is None else direct.list_id
        if list_id is None or list_id == "0" or list_id not in self._counting.lists:
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
        return self._counting.next(list_id, level)

    def _level_of(self, list_id: str, chain: Sequence[str]) -> int | None:
        """Return the level that numbers a style, or one that the style is based on."""
        numbered = {self._counting.level(list_id, level).style: level for level in range(LEVELS)}
        return next((numbered[style] for style in chain if style in numbered), None)


def _levels(element: Element) -> list[Element]:
    return [one for one in element if local(one) == "lvl"]


def _list(element: Element) -> ListUse:
    starts: dict[int, int] = {}
    levels: dict[int, ListLevel] = {}
    for override in element:
        if local(override) != "lvlOverride":
            continue
        which = number(attribute(override, "ilvl")) or 0
        for own in _levels(override):
            levels[which] = _level(own)[1]
        if (start := number(value(override, "startOverride"))) is not None:
            starts[which] = start
    return ListUse(value(element, "abstractNumId"), starts, levels)


def _level(element: Element) -> tuple[int, ListLevel]:
    restart, legal = child(element, "lvlRestart"), child(element, "isLgl")
    vanish = child(child(element, "rPr"), "vanish")
    level = ListLevel(
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
