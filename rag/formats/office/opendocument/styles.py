"""Styles of OpenDocument texts: what they hide, raise and number (OpenDocument 1.3, 16)."""

from collections.abc import Iterator
from dataclasses import dataclass

from rag.formats.office.typeset import LOWERED, RAISED
from rag.formats.safe_xml import Element, attribute, local

_LONGEST_CHAIN = 20
_LEVEL_STYLES = {"list-level-style-number", "outline-level-style"}


@dataclass(frozen=True, slots=True)
class Level:
    """How a level of a list is numbered."""

    numbering: str = ""
    """One of "1", "a", "A", "i", "I" or a sample of another; empty for none."""
    prefix: str = ""
    suffix: str = ""
    shown: int = 1
    """How many levels the number shows, this and those above it."""
    start: int = 1
    is_doubled: bool = False
    """Whether aa, bb follow z, and not aa, ab."""
    pattern: str = ""
    """As "%1%.%2%.", if the file has one: it tells more than the prefix and suffix."""


@dataclass(frozen=True, slots=True)
class _Style:
    parent: str
    shift: int | None
    is_hidden: bool | None
    list_style: str | None


class Styles:
    """The styles of a document; of two with one name, as in two parts, the first counts."""

    def __init__(self, *roots: Element | None) -> None:
        """Read the styles of parts."""
        self._styles: dict[tuple[str, str], _Style] = {}
        self.lists: dict[str, dict[int, Level]] = {}
        """The levels, from 0, of each style of lists."""
        self.outline: str = ""
        """The name of the style of lists that numbers headings."""
        for root in roots:
            for element in root.iter() if root is not None else ():
                kind, name = local(element), attribute(element, "name")
                if kind == "style":
                    key = (attribute(element, "family"), name)
                    self._styles.setdefault(key, _style(element))
                elif kind == "outline-style":
                    self.outline = name or "Outline"
                    self.lists.setdefault(self.outline, dict(_levels(element)))
                elif kind == "list-style":
                    self.lists.setdefault(name, dict(_levels(element)))

    def shift(self, family: str, name: str) -> int:
        """Return RAISED, LOWERED or 0 for text in a style."""
        chain = self._chain(family, name)
        return next((one.shift for one in chain if one.shift is not None), 0)

    def is_hidden(self, family: str, name: str) -> bool:
        """Tell whether text in a style is hidden."""
        chain = self._chain(family, name)
        return next((one.is_hidden for one in chain if one.is_hidden is not None), False)

    def list_style(self, name: str) -> str | None:
        """Return the style of lists of a paragraph style: empty for none, None where not said."""
        chain = self._chain("paragraph", name)
        return next((one.list_style for one in chain if one.list_style is not None), None)

    def _chain(self, family: str, name: str) -> Iterator[_Style]:
        for _ in range(_LONGEST_CHAIN):
            style = self._styles.get((family, name))
            if style is None:
                return
            yield style
            name = style.parent


def whole(text: str, otherwise: int) -> int:
    """Return a whole number of at most six digits, `otherwise` for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else otherwise


def _style(element: Element) -> _Style:
    shift: int | None = None
    is_hidden: bool | None = None
    for properties in element:
        if local(properties) == "text-properties":
            if position := attribute(properties, "text-position").split():
                shift = _shift(position[0])
            if display := attribute(properties, "display"):
                is_hidden = display == "none"
    named = [str(v) for k, v in element.attrib.items() if str(k).endswith("}list-style-name")]
    return _Style(
        attribute(element, "parent-style-name"), shift, is_hidden, named[0] if named else None
    )


def _shift(position: str) -> int:
    if position in ("super", "sub"):
        return RAISED if position == "super" else LOWERED
    if not position.strip("-+0.%"):
        return 0
    return LOWERED if position.startswith("-") else RAISED


def _levels(element: Element) -> Iterator[tuple[int, Level]]:
    for one in element:
        if local(one) in _LEVEL_STYLES:
            yield (
                whole(attribute(one, "level"), 1) - 1,
                Level(
                    numbering=attribute(one, "num-format"),
                    prefix=attribute(one, "num-prefix"),
                    suffix=attribute(one, "num-suffix"),
                    shown=whole(attribute(one, "display-levels"), 1),
                    start=whole(attribute(one, "start-value"), 1),
                    is_doubled=attribute(one, "num-letter-sync") == "true",
                    pattern=attribute(one, "num-list-format")[:200],
                ),
            )
