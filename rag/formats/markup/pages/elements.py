"""What several readers of a page's tree ask of an element."""

import re
from collections.abc import Iterator

from rag.formats.safe_xml import Element

BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav "
    "ol optgroup p pre search section summary table tbody td tfoot th thead tr ul".split()
)
"""Elements that a browser sets apart from what is around them (HTML Standard, 15.3)."""
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
EMPTY_LINE = re.compile(r"\n\s*\n")
_BLANKS = re.compile(" +")
_LINE_BREAK = re.compile(" ?\n ?")
_MOST_PIECES = 300  # looked at to find a short text: an element may hold a megabyte of nothing
_LONGEST_PANEL = 1_000  # letters that are read as one block


def name(element: Element) -> str:
    """Return an element's tag without a prefix, as in "m:math"; empty for what is no element."""
    tag = element.tag
    return tag.rpartition(":")[2] if isinstance(tag, str) else ""


def classes(element: Element) -> str:
    """Return the classes of an element, between single spaces."""
    return " ".join((element.get("class") or "").split())


def styled(element: Element, declaration: re.Pattern[str]) -> bool:
    """Return whether an element's own style has a declaration."""
    style = element.get("style")
    return style is not None and declaration.search(style) is not None


def plain(element: Element) -> str:
    """Return the text of an element and of all within it, as it stands in the source."""
    return "".join(map(str, element.itertext()))


def one_spaced(text: str) -> str:
    """Return text with single blanks, and none around its line breaks."""
    return _LINE_BREAK.sub("\n", _BLANKS.sub(" ", text))


def short_text(element: Element, longest: int) -> str | None:
    """Return an element's text with single spaces, or None when it is longer than `longest`."""
    text = ""
    for pieces, piece in enumerate(element.itertext()):
        text += str(piece).strip(" \t\r\n") if not text else str(piece)
        if len(text) > longest + 20 or pieces > _MOST_PIECES:
            return None
    text = " ".join(text.split())
    return text if len(text) <= longest else None


def exceeds(element: Element, longest: int) -> bool:
    """Return whether an element's text has more letters than that; little of it is looked at."""
    letters = 0
    for piece in element.itertext():
        letters += max(1, len(str(piece).strip()))
        if letters > longest:
            return True
    return False


def holds_blocks(element: Element) -> bool:
    """Return whether an element that is no block has blocks within."""
    return any(inner.tag in BLOCKS for inner in element.iterdescendants())


def nearest_block(element: Element) -> Element:
    """Return an element itself if it is a block, else the block that it runs on in."""
    while element.tag not in BLOCKS:
        above = element.getparent()
        if above is None:
            break
        element = above
    return element


def is_short(panel: Element) -> bool:
    """Return whether what a click shows is so little that it is one block with what is clicked."""
    if panel.find(".//table") is not None or panel.find(".//pre") is not None:
        return False
    headings = panel.iter(*HEADINGS)
    is_headed = any(next(h.iterancestors("summary"), None) is None for h in headings)
    return not is_headed and bool(short_text(panel, _LONGEST_PANEL))


def ids(element: Element) -> Iterator[str]:
    """Give the names by which links reach an element."""
    if own := element.get("id"):
        yield own
    if element.tag == "a" and (own := element.get("name")):
        yield own
