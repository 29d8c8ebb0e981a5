"""Equations of Office (OMML; ECMA-376 Part 1, 22.1) in a line: 10⁶, (a+b)/2, √(x)."""

from collections.abc import Callable

from rag.formats.safe_xml import Element, attribute, local
from rag.formats.typesetting.raised import lowered, raised

_NOT_SHOWN = {"rPr", "ctrlPr"}


def equation(element: Element) -> str:
    """Return an equation as a line of text."""
    kind = local(element)
    if kind == "t":
        return element.text or ""
    parts = [
        (name, equation(child))
        for child in element
        if (name := local(child)) not in _NOT_SHOWN and not name.endswith("Pr")
    ]
    write = _STRUCTURES.get(kind)
    if write is None:
        return "".join(text for _, text in parts)
    return write(element, parts)


Parts = list[tuple[str, str]]
"""The parts of a structure, as "num" and "den", and the text of each."""


def _part(parts: Parts, kind: str) -> str:
    return "".join(text for name, text in parts if name == kind)


def _with_scripts(element: Element, parts: Parts) -> str:
    low, high = _moved(_part(parts, "sub"), "_"), _moved(_part(parts, "sup"), "^")
    base = _part(parts, "e")
    if local(element) == "sPre":
        return f"{low}{high}{base}"
    if local(element) == "nary":
        return f"{_property(element, 'chr', '∫')}{low}{high} {base}"
    return f"{base}{low}{high}"


def _with_limit(element: Element, parts: Parts) -> str:
    sign = "_" if local(element) == "limLow" else "^"
    return f"{_part(parts, 'e')}{_moved(_part(parts, 'lim'), sign)}"


def _function(element: Element, parts: Parts) -> str:
    of = _part(parts, "e")
    return f"{_part(parts, 'fName')}{'' if of.startswith(('(', '[')) else ' '}{of}"


def _fraction(element: Element, parts: Parts) -> str:
    return f"{_grouped(_part(parts, 'num'))}/{_grouped(_part(parts, 'den'))}"


def _root(element: Element, parts: Parts) -> str:
    return f"{raised(_part(parts, 'deg').strip(), variable=True)}√{_grouped(_part(parts, 'e'))}"


def _delimited(element: Element, parts: Parts) -> str:
    inside = _property(element, "sepChr", "|").join(text for _, text in parts)
    return f"{_property(element, 'begChr', '(')}{inside}{_property(element, 'endChr', ')')}"


def _rows(element: Element, parts: Parts) -> str:
    return "; ".join(text for _, text in parts)


def _cells(element: Element, parts: Parts) -> str:
    return ", ".join(text for _, text in parts)


_STRUCTURES: dict[str, Callable[[Element, Parts], str]] = {
    **dict.fromkeys(("sSup", "sSub", "sSubSup", "sPre", "nary"), _with_scripts),
    **dict.fromkeys(("limLow", "limUpp"), _with_limit),
    **dict.fromkeys(("m", "eqArr"), _rows),
    "mr": _cells,
    "func": _function,
    "f": _fraction,
    "rad": _root,
    "d": _delimited,
}


def _moved(text: str, sign: str) -> str:
    """Return an exponent or an index; letters, too, must not run into what they stand beside."""
    move = raised if sign == "^" else lowered
    return move(text.strip(), variable=True)


def _grouped(text: str) -> str:
    return text if text.isalnum() or len(text) == 1 else f"({text})"


def _property(element: Element, kind: str, default: str) -> str:
    """Return a sign that an equation is drawn with; it may be set to none."""
    for properties in element:
        if local(properties).endswith("Pr"):
            for child in properties:
                if local(child) == kind:
                    return attribute(child, "val")
    return default
