"""Marks of notes in a page, the notes that they belong to, and the ways back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from rag.formats.markup.pages.elements import classes, ids, short_text, styled
from rag.formats.safe_xml import Element
from rag.formats.safe_zip import beside
from rag.formats.typesetting.raised import note_mark

RAISED = re.compile(r"vertical-align\s*:\s*(?:super|text-top)", re.IGNORECASE)
_LONGEST_MARK = 12
_MARK = re.compile(
    r"[\[({]?\s*(?:\d{1,4}[a-z]?|[a-z]{1,2}|[ivxlc]{1,7}|[*†‡§¶#‖]{1,4}"
    r"|(?:n|nb|note|fn)\.? ?\d{1,3})\s*[\])}.]?",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"[\[(]?\d{1,3}(?:\s*[,;–-]\s*\d{1,3})+[\])]?")
_NUMBER = re.compile(r"[1-9]\d{0,2}")
_NO_BASE = re.compile(r"(?:(?<![\d.,])(?:1[4-9]|20)\d\d|[^\W\d_]{4}|[^\W\d_][.,;:!?”»’\"])$")
_UNIT = re.compile(
    r"(?:met(?:re|er|ro)s?|m[èe]tres?|feet|foot|inch(?:es)?|miles?|yards?|zoll|fu[sß]{1,2}|second[sa]?"
    r"|pieds?|metri)$",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"\[[^\[\]]{1,12}\]")
_SAYS_NOTE = re.compile(r"foot-?note|end-?note|note-?(?:ref|anchor|call)|fn-?ref|fnanchor", re.I)
_SAYS_REFERENCE = re.compile(r"(?:^| )(?:reference|citation|cite)(?: |$)")
_BACK = re.compile(
    r"foot-?note-?back|back-?(?:link|ref)|footnote-return|reverse-?footnote|mw-cite-backlink", re.I
)
_ARROWS = re.compile(r"[\s↩↪⮌⤴↑⇑▲^←⏎«‹\ufe0e\ufe0f]+")
_BEGIN = re.compile(r"\s*([\[(]?)\s*([^\s\[\]().:]{1,12})\s*((?:\s*[\])])?[.:]?)(?=\s|$|\w)")
_SMALL = re.compile(r"\s*[⁰¹²³⁴⁵⁶⁷⁸⁹]+\s*")
_SMALL_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes of one page; with `elsewhere`, of a book that consists of several."""

    marks: Mapping[str, str]
    """The mark of each note, by its id."""
    references: frozenset[Element] = field(default_factory=frozenset)
    """Links that are the mark of a note in a text, or its number before the note."""

    @classmethod
    def of(
        cls, root: Element, page: str = "", elsewhere: dict[str, dict[str, str]] | None = None
    ) -> "Notes":
        """Find the notes of a page; of one in a book, `page` is the entry in its archive.

        `elsewhere` has, by entry and id, the marks of the notes in other pages that the pages
        before this one refer to; those that this one refers to are added.
        """
        positions: dict[str, int] = {}
        links: list[tuple[int, Element]] = []
        for position, element in enumerate(root.iter()):
            if isinstance(element.tag, str):
                for own in ids(element):
                    positions.setdefault(own, position)
                if element.tag == "a" and element.get("href") and is_reference(element):
                    links.append((position, element))
        marks: dict[str, str] = {}
        for position, link in links:
            target, _, fragment = (link.get("href") or "").partition("#")
            mark = (short_text(link, _LONGEST_MARK) or "").strip("[](){}. ")
            entry = beside(page, unquote(target)) if target else page
            if entry == page:
                if positions.get(fragment, -1) > position:  # a way back leads up
                    marks.setdefault(fragment, mark)
            elif elsewhere is not None:
                elsewhere.setdefault(entry, {}).setdefault(fragment, mark)
        for fragment, mark in (elsewhere or {}).get(page, {}).items():
            marks.setdefault(fragment, mark)
        return cls(marks, frozenset(link for _, link in links))

    def mark(self, element: Element) -> str:
        """Return the mark of the note that an element is, or begins; else nothing."""
        return next((self.marks[i] for i in ids(element) if i in self.marks), "")


def is_reference(link: Element) -> bool:
    """Return whether a link is the mark of a note."""
    text = short_text(link, _LONGEST_MARK)
    if not text or not _MARK.fullmatch(text):
        return False
    return _is_declared(link) or _is_raised(link)


def _is_declared(link: Element) -> bool:
    kind = f"{link.get('epub:type') or ''} {link.get('role') or ''} {link.get('rel') or ''}"
    if any(word in ("noteref", "doc-noteref", "footnote") for word in kind.split()):
        return True
    above = link.getparent()
    named = classes(link)
    return bool(_SAYS_NOTE.search(named)) or (
        above is not None and above.tag in ("sup", "span") and _says_note(above)
    )


def _is_raised(link: Element) -> bool:
    """Return whether a link stands in raised text, or holds nothing else."""
    if styled(link, RAISED):
        return True
    above = link.getparent()
    for _ in range(3):
        if above is None:
            break
        if above.tag == "sup" or styled(above, RAISED):
            return True
        above = above.getparent()
    inner = link
    while len(inner) == 1 and not (inner.text or "").strip():
        inner = inner[0]
        if (inner.tail or "").strip():
            return False
        if inner.tag == "sup" or styled(inner, RAISED):
            return True
    return False


def _says_note(element: Element) -> bool:
    named = f"{classes(element)} {element.get('role') or ''}"
    return bool(_SAYS_NOTE.search(named) or _SAYS_REFERENCE.search(named))


def is_mark(element: Element, text: str, before: str) -> bool:
    """Return whether raised text without a link is the mark of a note, or of several.

    `before` is the end of the text before it: nobody raises a year, a word of four letters or a
    full stop to a power, unless the word is a unit.
    """
    bare = text.strip()
    if _SEVERAL.fullmatch(bare):
        return not before[-1:].isdigit() or _says_note(element)
    if _BRACKETED.fullmatch(bare):
        return True
    if _NUMBER.fullmatch(bare) and _NO_BASE.search(before):
        return _UNIT.search(before) is None
    return _says_note(element) and _MARK.fullmatch(bare) is not None


def is_way_back(link: Element) -> bool:
    """Return whether a link only leads from a note back to its mark."""
    kind = f"{classes(link)} {link.get('role') or ''} {link.get('epub:type') or ''}"
    is_declared = bool(_BACK.search(kind))
    if not is_declared and not (link.tag == "a" and "#" in (link.get("href") or "")):
        return False
    text = short_text(link, 200)
    if text is None:
        return False
    if not text or _ARROWS.fullmatch(text):
        return bool(text)
    return is_declared and (not _MARK.fullmatch(text) or link.tag != "a")


def set_apart(text: str, before: str) -> str:
    """Return a note's mark as it is written after `before`: in brackets, unless it has them.

    After a number it stands apart by a space as well: "in 1628 [1]".
    """
    bare = text.strip()
    if bare[:1] in ("[", "(") or before.rstrip()[-1:] in ("[", "("):
        return bare
    return f"{' ' if before[-1:].isdigit() else ''}{note_mark(bare)}"


def with_mark(text: str, mark: str) -> str:
    """Return a note's text after its mark in brackets, unless its text begins with its mark.

    A sign such as an asterisk, which many notes have, is not added.
    """
    if small := _SMALL.match(text):
        own, is_bare, rest = small[0].strip().translate(_SMALL_DIGITS), True, text[small.end() :]
    else:
        begin = _BEGIN.match(text)
        own, is_bare = (begin[2], not begin[1] and not begin[3]) if begin else ("", False)
        rest = text[begin.end() :] if begin else ""
    if own != mark:
        return f"{note_mark(mark)} {text}" if mark[:1].isalnum() else text
    return f"{note_mark(mark)} {rest.lstrip()}" if is_bare else text
