"""Forms as they are shown: the value of a field after its label, boxes as they are ticked."""

import re
from dataclasses import dataclass

from rag.formats.markup.pages.elements import (
    HEADINGS,
    classes,
    nearest_block,
    plain,
    short_text,
)
from rag.formats.safe_xml import Element

FIELDS = ("input", "select", "textarea")
_NO_VALUE = {"hidden", "submit", "button", "reset", "image", "password", "file", "range", "color",
             "checkbox", "radio"}  # fmt: skip
_BOXES = {("checkbox", False): "☐", ("checkbox", True): "☑",
          ("radio", False): "○", ("radio", True): "◉"}  # fmt: skip
_OPENING = re.compile(r"accordion|collaps|tab|disclos|question|faq", re.IGNORECASE)
_TOGGLES = re.compile(r"toggle|expand|trigger", re.IGNORECASE)
_MOST_OPTIONS = 200
_FEWEST_WORDS = 3  # of what a button that toggles something may be the title of
_LONGEST_CAPTION = 60  # letters of a button; one with more holds text, as a card does


@dataclass(frozen=True, slots=True)
class Forms:
    """The fields of one page whose labels stand in other blocks than they do."""

    labels: dict[Element, Element]
    """The label of each such field; it is read with the field's value."""
    moved: frozenset[Element]
    """Those labels."""

    @classmethod
    def of(cls, root: Element) -> "Forms":
        """Find the labels of a page that name a field elsewhere."""
        fields = {field.get("id"): field for field in root.iter(*FIELDS) if field.get("id")}
        labels: dict[Element, Element] = {}
        for label in root.iter("label") if fields else ():
            field = fields.get(label.get("for") or "")
            if field is None or not _value(field) or short_text(label, 200) in (None, ""):
                continue
            here, there = nearest_block(label), nearest_block(field)
            if here is not there and not {here.tag, there.tag} & {"td", "th", "dt", "dd"}:
                labels.setdefault(field, label)
        return cls(labels, frozenset(labels.values()))

    def shown(self, field: Element, before: str) -> str:
        """Return what is shown of a field that follows the text `before`; often nothing."""
        if box := _BOXES.get((_type(field), field.get("checked") is not None)):
            return f" {box} " if _names_box(field) else ""
        value = _value(field)
        if field in self.labels:
            label = " ".join(plain(self.labels[field]).split()).rstrip(": ")
            return f" {label}: {value} "
        is_labelled = _is_labelled(field)
        if not value or (field.tag == "select" and not (is_labelled or _selected(field))):
            return ""
        before = before.rstrip()
        sign = ":" if is_labelled and (before[-1:].isalnum() or before[-1:] in ")*") else ""
        return f"{sign} {value} "


def _type(field: Element) -> str:
    return (field.get("type") or "text").strip().lower() if field.tag == "input" else ""


def _value(field: Element) -> str:
    """Return the text that is shown in a field."""
    if field.tag == "select":
        return _choice(field)
    if field.tag == "textarea":
        return plain(field).strip()
    kind = _type(field)
    return "" if kind in _NO_VALUE else (field.get("value") or "").strip()


def _selected(field: Element) -> list[Element]:
    return [option for option in field.iter("option") if option.get("selected") is not None]


def _choice(field: Element) -> str:
    """Return the options that are shown: those selected, or the first one of a closed list."""
    options = list(field.iter("option"))[:_MOST_OPTIONS]
    is_list = field.get("multiple") is not None or (field.get("size") or "1") not in ("0", "1")
    if not is_list:
        options = (_selected(field) or [o for o in options[:1] if o.get("value") != ""])[-1:]
    return ", ".join(filter(None, (" ".join(plain(o).split()) for o in options)))


def _is_labelled(field: Element) -> bool:
    """Return whether a label stands right before a field, or around it."""
    above = field.getparent()
    if above is not None and (above.tag == "label" or _is_around(above.getparent())):
        return True
    before = field.getprevious()
    if before is None or before.tag != "label" or (before.tail or "").strip():
        return False
    is_of_another = next(before.iter(*FIELDS), None) is not None
    return not is_of_another and before.get("for") in (None, field.get("id"))


def _is_around(element: Element | None) -> bool:
    return element is not None and element.tag == "label"


def _names_box(field: Element) -> bool:
    """Return whether text beside a box says what it is for."""
    if (field.tail or "").strip():
        return True
    above, after = field.getparent(), field.getnext()
    if above is not None and above.tag in ("label", "li") and short_text(above, 1) != "":
        return True
    return after is not None and after.tag in ("label", "span") and short_text(after, 1) != ""


def is_command(button: Element) -> bool:
    """Return whether a button only does something; others hold text or open what does."""
    caption = short_text(button, _LONGEST_CAPTION)
    if caption is not None and not any(map(str.isalnum, caption)):
        return True
    if button.get("aria-expanded") is not None or button.get("aria-controls"):
        return False
    if any(str(key).endswith(("toggle", "target")) for key in button.attrib):
        return False
    if button.get("role") == "tab" or _OPENING.search(classes(button)):
        return False
    above = button.getparent()
    for _ in range(2):
        if above is None:
            break
        if above.tag in (*HEADINGS, "dt", "summary", "legend"):
            return short_text(above, _LONGEST_CAPTION) != caption  # beside the heading's words
        above = above.getparent()
    if caption is not None and _TOGGLES.search(classes(button)):
        return len(caption.split()) < _FEWEST_WORDS and not caption.endswith("?")
    return caption is not None
