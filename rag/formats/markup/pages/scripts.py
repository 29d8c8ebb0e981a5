"""Text that is raised, lowered, or set above other text, written out on the line."""

import re
from collections.abc import Iterator

from rag.formats.markup.pages.elements import classes, name, styled
from rag.formats.markup.pages.notes import RAISED
from rag.formats.safe_xml import Element
from rag.formats.typesetting.raised import lowered, raised

LONGEST = 24
"""Letters: longer text is raised for its looks."""
_LOWERED = re.compile(r"vertical-align\s*:\s*(?:sub|text-bottom)", re.IGNORECASE)
_NAMES_RAISED = re.compile(r"(?:^| )(?:sup|super|superscript)(?: |$)", re.IGNORECASE)
_NAMES_LOWERED = re.compile(r"(?:^| )(?:sub|subscript)(?: |$)", re.IGNORECASE)
_LAST_WORD = re.compile(r"\w+$")
_EXPONENTS = "nkxyzijpqt"  # of a number or a variable; others are ordinals' (1a, 2d, 3e, no)
_GREEK = re.compile("[\u0370-\u03ff]")
_WORDS = re.compile(r"[^\W\d]{3,}\W+[^\W\d]{3,}")
_LETTER_IMAGE = re.compile(
    r"emoji|smiley|latex|(?:^|[ _-])(?:tex|math|equation|drop-?cap|initial)", re.IGNORECASE
)
_READING = ("rt", "rtc")
_CJK = re.compile("[\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef]")


def shift_of(element: Element) -> str:
    """Return "up" or "down" for an element that raises or lowers its text, else nothing."""
    if element.tag == "sup" or styled(element, RAISED):
        return "up"
    if element.tag == "sub" or styled(element, _LOWERED):
        return "down"
    if element.tag in ("span", "em", "i", "b", "small") and element.get("class"):
        named = classes(element)
        if _NAMES_RAISED.search(named):
            return "up"
        return "down" if _NAMES_LOWERED.search(named) else ""
    return ""


def shifted(element: Element, text: str, before: str, shift: str) -> str:
    """Return an element's raised or lowered text as characters, where it has any that count."""
    bare = text.strip()
    if len(bare) > LONGEST or bare[:1] == "[" or _WORDS.search(bare):
        return text
    if shift == "down":
        is_variable = len(bare) == 1 and bare in "aehijklmnoprstuvx"
        return lowered(text, variable=is_variable or _GREEK.search(bare) is not None)
    if bare == "o" and before[-1:].isdigit():
        return "º"  # of degrees, or of an ordinal; as a letter it would read as a zero
    return raised(text.lstrip(), variable=_is_exponent(element, bare, before))


def _is_exponent(element: Element, bare: str, before: str) -> bool:
    """Return whether letters stand for a number, or for a note, rather than end an ordinal."""
    if _GREEK.search(bare):
        return True
    if len(bare) != 1 or not bare.isalpha() or not bare.isascii():
        return False
    if element.find("i") is not None or element.find("var") is not None:
        return True
    word = _LAST_WORD.search(before[-40:])
    if word is None:
        return before[-1:] in (")", "]")
    is_long = len(word[0]) > 2 and word[0].isalpha()
    return is_long or bare.lower() in _EXPONENTS


def ruby_text(ruby: Element) -> str:
    """Return a text with its reading in parentheses after it: 東京（とうきょう）."""
    base, reading = "".join(_pieces(ruby, False)), "".join(_pieces(ruby, True))
    if not _CJK.search(base + reading):
        base, reading = " ".join(base.split()), " ".join(reading.split())
        return f"{base} ({reading})" if reading else base
    base, reading = "".join(base.split()), "".join(reading.split())
    return f"{base}（{reading}）" if reading else base


def _pieces(element: Element, is_reading: bool, *, within: bool = False) -> Iterator[str]:
    """Give the text of a ruby that is its reading, or the text that it is the reading of."""
    if within == is_reading and element.text:
        yield element.text
    for child in element:
        kind = name(child)
        if kind and kind != "rp":
            yield from _pieces(child, is_reading, within=within or kind in _READING)
        if within == is_reading and child.tail:
            yield child.tail


def letters_of_image(image: Element) -> str:
    """Return the text that an image within a sentence stands for, such as an emoji; or nothing."""
    text = " ".join((image.get("alt") or "").split())
    before = image.getprevious()
    if not text or (before is not None and before.find("math") is not None):
        return ""
    if text.isdigit():
        return f" ({text})"  # as it numbers a line of a program
    is_letter = len(text) <= 2 and (text.isalpha() or ord(text[0]) > 0x2190)
    return text if is_letter or (len(text) < 200 and _LETTER_IMAGE.search(classes(image))) else ""
