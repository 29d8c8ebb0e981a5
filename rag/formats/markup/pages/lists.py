"""The numbers that a browser draws before the items of a list."""

import re
from collections.abc import Callable

from rag.formats.safe_xml import Element
from rag.formats.typesetting.numerals import NUMBERINGS

_TYPES = {"1": "decimal", "a": "lower-alpha", "A": "upper-alpha", "i": "lower-roman",
          "I": "upper-roman"}  # fmt: skip
_LATIN = {"lower-latin": "lower-alpha", "upper-latin": "upper-alpha"}
_BULLETS = {"none", "disc", "circle", "square", "disclosure-open", "disclosure-closed"}
_RULE = re.compile(r"([^{}]{1,500})\{([^{}]{0,2000})\}")
_REMARK = re.compile(r"/\*.*?\*/", re.DOTALL)
_SELECTOR = re.compile(r"(?:ol|ul)?(?:[.#][\w-]+)?")
_LONGEST_SHEET = 200_000
_STYLE = re.compile(r"list-style(?:-type)?\s*:\s*([^;]+)", re.IGNORECASE)
_LARGEST = 1_000_000_000


def numbers(root: Element, leave_out: Callable[[Element], bool]) -> dict[Element, str]:
    """Return what stands before each numbered item of a page: "7. " (HTML Standard, 4.4.8)."""
    drawn: dict[Element, str] = {}
    sheet = _sheet(root)
    for items in root.iter("ol", "ul", "menu"):
        usual = "decimal" if items.tag == "ol" else "disc"
        style = _style(items) or _of_sheet(items, sheet) or usual
        if next(items.iterancestors("nav"), None) is not None:
            continue  # a reading system draws none there (EPUB 3.3, 5.4.1)
        entries = [item for item in items if item.tag == "li" and not leave_out(item)]
        if style in _BULLETS and not any(item.get("style") for item in entries):
            continue
        is_reversed = items.get("reversed") is not None
        number = _integer(items.get("start"), len(entries) if is_reversed else 1)
        for item in entries:
            number = _integer(item.get("value"), number)
            kind = _style(item) or style
            if kind not in _BULLETS:
                drawn[item] = f"{NUMBERINGS.get(kind, str)(number)}. "
            number += -1 if is_reversed else 1
    return drawn


def _sheet(root: Element) -> dict[str, str]:
    """Return the numbering by selector that a page's own style sheets name.

    Only selectors of one element, class or id are looked at.
    """
    source = "".join(style.text or "" for style in root.getroottree().iter("style"))[
        :_LONGEST_SHEET
    ]
    sheet: dict[str, str] = {}
    for selectors, declarations in _RULE.findall(_REMARK.sub("", source)):
        kind = _named(declarations)
        for selector in selectors.split(",") if kind else ():
            if _SELECTOR.fullmatch(selector.strip()):
                sheet[selector.strip()] = kind
    return sheet


def _of_sheet(items: Element, sheet: dict[str, str]) -> str:
    if not sheet:
        return ""
    tag, named = items.tag, [f".{name}" for name in (items.get("class") or "").split()]
    for selector in (f"#{items.get('id')}", *named, ""):
        if kind := sheet.get(f"{tag}{selector}") or sheet.get(selector):
            return kind
    return ""


def _style(element: Element) -> str:
    """Return the numbering that an element's own style or type names, as CSS names it; or none."""
    if declared := _named(element.get("style") or ""):
        return declared
    kind = (element.get("type") or "").strip()
    return str(_TYPES.get(kind, kind.lower() if kind.lower() in _BULLETS else ""))


def _named(declarations: str) -> str:
    """Return the numbering that CSS declarations name, or nothing."""
    values = _STYLE.findall(declarations)
    for word in values[-1].lower().replace("!important", "").split() if values else ():
        kind = _LATIN.get(word, word)
        if kind in NUMBERINGS or kind in _BULLETS:
            return str(kind)
    return ""


def _integer(value: str | None, default: int) -> int:
    match = re.match(r"\s*([+-]?\d{1,12})", value or "")
    if match is None:
        return default
    return max(-_LARGEST, min(int(match[1]), _LARGEST))
