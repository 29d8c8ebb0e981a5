"""Styles of a Word document, along the chain of those that each is based on."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.formats.office.word.shown import child, is_on, number, value
from rag.formats.safe_xml import Element, attribute, local

_HEADING = re.compile(r"(heading|title|berschrift|titre|titolo|kop)\s*(\d?)$", re.IGNORECASE)
_TITLE = 1
"""The level of a document's title: all headings stand under it."""
_LONGEST_CHAIN = 20
_DEFAULT_SIZE = 20  # half-points; ECMA-376 Part 1, 17.3.2.38


@dataclass(frozen=True, slots=True)
class RunProperties:
    """How text stands in its line; None where a style or run does not say."""

    alignment: str | None = None
    """One of "superscript", "subscript" and "baseline"."""
    position: int | None = None
    """Half-points above the line; below it if negative."""
    size: int | None = None
    """Half-points."""
    hidden: bool | None = None

    def over(self, below: "RunProperties") -> "RunProperties":
        """Return these properties, with those of `below` where these do not say."""
        return RunProperties(
            below.alignment if self.alignment is None else self.alignment,
            below.position if self.position is None else self.position,
            below.size if self.size is None else self.size,
            below.hidden if self.hidden is None else self.hidden,
        )


@dataclass(frozen=True, slots=True)
class ListPlace:
    """The list that a paragraph is in, and its level there, from 0; None where not said."""

    list_id: str | None = None
    level: int | None = None


@dataclass(frozen=True, slots=True)
class _Style:
    name: str
    parent: str
    outline: int | None
    place: ListPlace
    run: RunProperties


class Styles:
    """The styles of a document, by their ids."""

    def __init__(self, root: Element | None) -> None:
        """Read the part of the styles, if there is one."""
        self._styles: dict[str, _Style] = {}
        self._defaults = RunProperties()
        self._default_style = ""
        self._resolved: dict[str, RunProperties] = {}
        for element in root if root is not None else ():
            if local(element) == "docDefaults":
                self._defaults = run_properties(child(child(element, "rPrDefault"), "rPr"))
            elif local(element) == "style":
                identity = attribute(element, "styleId")
                self._styles[identity] = _style(element)
                is_default = attribute(element, "default") in ("1", "true", "on")
                if is_default and attribute(element, "type") == "paragraph":
                    self._default_style = identity

    def heading_level(self, identity: str) -> int | None:
        """Return the level of headings in a style, None where it is no heading's."""
        for _, style in self._chain(identity):
            if named := _HEADING.match(style.name):
                is_title = not named[2] and named[1].lower() != "heading"
                return _TITLE if is_title else outline_level(int(named[2] or 1) - 1)
            if (level := outline_level(style.outline)) is not None:
                return level
        return None

    def place(self, identity: str) -> tuple[ListPlace, list[str]]:
        """Return the list and level that a style sets, and the style with those it is based on."""
        list_id: str | None = None
        level: int | None = None
        chain = []
        for name, style in self._chain(identity or self._default_style):
            chain.append(name)
            list_id = style.place.list_id if list_id is None else list_id
            level = style.place.level if level is None else level
        return ListPlace(list_id, level), chain

    def paragraph_run(self, identity: str) -> RunProperties:
        """Return the properties of text in a paragraph of a style."""
        return self.run(identity or self._default_style).over(self._defaults)

    def run(self, identity: str) -> RunProperties:
        """Return the properties that a style, of characters or paragraphs, sets."""
        if identity not in self._resolved:
            properties = RunProperties()
            for _, style in self._chain(identity):
                properties = properties.over(style.run)
            self._resolved[identity] = properties
        return self._resolved[identity]

    def _chain(self, identity: str) -> Iterator[tuple[str, _Style]]:
        for _ in range(_LONGEST_CHAIN):
            style = self._styles.get(identity)
            if style is None:
                return
            yield identity, style
            identity = style.parent


def outline_level(outline: int | None) -> int | None:
    """Return the level of a heading, by its level in the outline, from 0; None for other text."""
    return outline + _TITLE + 1 if outline is not None and 0 <= outline < 9 else None


def run_properties(element: Element | None) -> RunProperties:
    """Return what a `w:rPr` says itself."""
    if element is None:
        return RunProperties()
    vanish = child(element, "vanish")
    return RunProperties(
        value(element, "vertAlign") or None,
        number(value(element, "position")),
        number(value(element, "sz")),
        is_on(vanish) if vanish is not None else None,
    )


def list_place(properties: Element | None) -> ListPlace:
    """Return the list and level that a `w:pPr` sets itself."""
    numbered = child(properties, "numPr")
    return ListPlace(value(numbered, "numId") or None, number(value(numbered, "ilvl")))


def size_of(properties: RunProperties) -> int:
    """Return the size of text, in half-points."""
    return properties.size or _DEFAULT_SIZE


def _style(element: Element) -> _Style:
    properties = child(element, "pPr")
    return _Style(
        value(element, "name"),
        value(element, "basedOn"),
        number(value(properties, "outlineLvl")),
        list_place(properties),
        run_properties(child(element, "rPr")),
    )
