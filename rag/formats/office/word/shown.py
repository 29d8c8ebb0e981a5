"""What Word shows of a part: the rest is taken out of its tree before it is read.

Tracked changes are accepted, of alternative contents the first is kept (ECMA-376 Part 3, 7), of a
field its result and not its code (Part 1, 17.16.18); the prompts of an empty form are told apart.
"""

import re
from dataclasses import dataclass, field

from lxml import etree

from rag.formats.safe_xml import Element, attribute, local

_CHANGED_PROPERTIES = {"rPrChange", "pPrChange", "sectPrChange", "tblPrChange", "trPrChange",
                       "tcPrChange", "tblGridChange", "tblPrExChange",
                       "numberingChange"}  # fmt: skip
_DELETED = {"del", "moveFrom"}
_PROPERTIES = {"rPr", "trPr", "tcPr", "pPr", "numPr", "ctrlPr"}
_WRITTEN = {"t", "tab", "br", "cr", "noBreakHyphen", "sym", "oMath", "ruby", "footnoteReference",
            "endnoteReference", "instrText"}  # fmt: skip
PROMPT = "prompt"
"""The kind that what a content control shows as long as nothing is entered has afterwards."""
_READING_ABOVE = re.compile(r"\s*EQ .*\\up *[0-9]+\(([^()]*)\),([^()]*)\)")
"""How older programs keep what is read above a word, as in Japanese: in the code of a field."""
_MOST_OPEN = 50  # fields within fields
_OFF = {"0", "false", "off", "none"}


@dataclass(slots=True)
class _Field:
    """A complex field that is still open."""

    in_code: bool = True
    instruction: list[str] = field(default_factory=list)
    code: list[Element] = field(default_factory=list)
    """What is written in its code, as the result of a field within."""


def shown(root: Element) -> Element:
    """Take out of a part what is not shown, and return the part."""
    unshown: list[Element] = []
    fields: list[_Field] = []
    prompts: list[bool] = []  # of the content controls that are open
    for event, element in etree.iterwalk(root, events=("start", "end")):
        kind = local(element)
        if kind == "sdt":
            prompts[-1:] = [] if event == "end" else [*prompts[-1:], _shows_prompt(element)]
        elif event == "start":
            if kind == "fldChar":
                _field_character(element, fields, unshown)
            elif kind in _WRITTEN:
                _note_written(element, fields, is_prompt=bool(prompts) and prompts[-1])
            elif _is_unshown(element, kind):
                unshown.append(element)
    for element in unshown:
        if (parent := element.getparent()) is not None:
            parent.remove(element)
    return root


def _note_written(element: Element, fields: list[_Field], *, is_prompt: bool) -> None:
    """Note what a prompt or the code of a field writes."""
    if local(element) == "instrText":
        if fields:
            fields[-1].instruction.append(element.text or "")
    elif is_prompt:
        element.tag = PROMPT
    elif (within := next((one for one in reversed(fields) if one.in_code), None)) is not None:
        within.code.append(element)


def is_on(element: Element) -> bool:
    """Tell whether a property that is on or off is on (ECMA-376 Part 1, 17.17.4)."""
    return attribute(element, "val").lower() not in _OFF


def child(parent: Element | None, kind: str) -> Element | None:
    """Return the first child of a kind."""
    if parent is not None:
        for element in parent:
            if local(element) == kind:
                return element
    return None


def value(parent: Element | None, kind: str) -> str:
    """Return the value of the first child of a kind, or nothing."""
    element = child(parent, kind)
    return attribute(element, "val") if element is not None else ""


def number(text: str) -> int | None:
    """Return a whole number of at most nine digits, with or without a sign; None for others."""
    digits = text.strip().removeprefix("-").removeprefix("+")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= 9 else None


def _is_unshown(element: Element, kind: str) -> bool:
    if kind in _CHANGED_PROPERTIES:
        return True
    above = element.getparent()
    if above is None:
        return False
    if kind in _DELETED:
        return local(above) not in _PROPERTIES
    if kind == "tr":
        return child(child(element, "trPr"), "del") is not None
    if kind in ("Choice", "Fallback") and local(above) == "AlternateContent":
        return any(local(before) == "Choice" for before in element.itersiblings(preceding=True))
    return False


def _shows_prompt(control: Element) -> bool:
    prompt = child(child(control, "sdtPr"), "showingPlcHdr")
    return prompt is not None and is_on(prompt)


def _field_character(element: Element, fields: list[_Field], unshown: list[Element]) -> None:
    kind = attribute(element, "fldCharType")
    if kind == "begin":
        _show_form_field(element)
        fields.append(_Field())
        del fields[:-_MOST_OPEN]
    elif kind == "separate" and fields:
        fields[-1].in_code = False
    elif kind == "end" and fields:
        closed = fields.pop()
        unshown += closed.code  # the code of a field that never ends may be the text
        above = _READING_ABOVE.match("".join(closed.instruction)[:1_000])
        if closed.in_code and above is not None:
            _write_before(element, f"{above[2]}（{above[1]}）")


def _show_form_field(beginning: Element) -> None:
    """Write what is chosen in a form's box or list, which stands in its properties only."""
    data = child(beginning, "ffData")
    text = ""
    if (box := child(data, "checkBox")) is not None:
        states = [child(box, "checked"), child(box, "default")]
        state = next((one for one in states if one is not None), None)
        text = "☒" if state is not None and is_on(state) else "☐"
    elif (choices := child(data, "ddList")) is not None:
        entries = [attribute(one, "val") for one in choices if local(one) == "listEntry"]
        chosen = number(value(choices, "result") or value(choices, "default")) or 0
        text = entries[chosen] if 0 <= chosen < len(entries) else ""
    if text:
        _write_before(beginning, text)  # what stands behind it is the field's code


def _write_before(element: Element, text: str) -> None:
    written = etree.Element(etree.QName(element, "t"))
    written.text = text
    element.addprevious(written)
