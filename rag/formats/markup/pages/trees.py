"""A page's source to its tree; of one nested deeper than libxml2 goes, all text, side by side.

Old mails and editors' pages open an element for every paragraph and close none. libxml2 ends such
a page at its 257th level (with `huge_tree`, at its 2,049th) and drops what follows, but only where
it builds the tree: its events go on. From them a tree is built in which what lies too deep stands
side by side.
"""

import re

from lxml import etree, html

from rag.errors import UnreadableFileError
from rag.formats.safe_xml import Element, lost

DEEPEST = 150
"""Levels of the tree; below libxml2's 256, and so few that a walk may recurse."""

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*>")
_FRAMES = 3  # one page in another, by its source


def page_tree(text: str) -> tuple[Element, str]:
    """Return the tree of a page's source, and what was left out; empty when that is nothing.

    Pages that stand in it by their source (`<iframe srcdoc>`) are part of the tree. Raises
    UnreadableFileError when it holds no element at all.
    """
    root, missing = _parsed(text)
    for _ in range(_FRAMES):
        frames = [frame for frame in root.iter("iframe") if frame.get("srcdoc")]
        for frame in frames:
            _place(frame)
        if not frames:
            break
    return root, missing


def _parsed(text: str) -> tuple[Element, str]:
    text = _DECLARATION.sub("", text.replace("\0", ""))  # as a browser does
    parser = html.HTMLParser(
        no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root: Element = html.document_fromstring(text, parser=parser)
        if not lost(parser) and _depth(root) <= DEEPEST:
            return root, ""
    except (etree.ParserError, ValueError) as error:
        if not lost(parser):
            raise UnreadableFileError("the file contains no words") from error
    return _shallow_page(text)


def _depth(root: Element) -> int:
    deepest = depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    return deepest


def _place(frame: Element) -> None:
    """Put a page in place of the frame that it stands in, or nothing if it holds nothing."""
    source = frame.attrib.pop("srcdoc")
    above = frame.getparent()
    try:
        page, _ = _parsed(str(source))
    except UnreadableFileError:
        return
    body = next(iter(page.iter("body")), None)
    if above is None or body is None:
        return
    depth = sum(1 for _ in frame.iterancestors()) + _depth(body)
    body.tag, body.tail = "div", None
    if depth <= DEEPEST:
        frame.addprevious(body)
    else:
        for outermost in frame.iterancestors("body"):
            outermost.append(body)


def _shallow_page(text: str) -> tuple[Element, str]:
    """Return the tree of a page's source, and what was left out; empty when that is nothing.

    Raises UnreadableFileError when it holds no element at all.
    """
    parser = etree.HTMLParser(
        target=_Shallow(), no_network=True, huge_tree=True, remove_comments=True, remove_pis=True
    )
    root: Element | None = etree.fromstring(text, parser)
    if root is None:
        raise UnreadableFileError("the file contains no words")
    return root, lost(parser)


class _Shallow:
    """Builds a tree no deeper than `DEEPEST` from a parser's events."""

    def __init__(self) -> None:
        self._builder = etree.TreeBuilder()
        self._tags: list[str | bytes] = []
        """Of the elements that are open in the page, outermost first."""
        self._deepest_open = 0
        """How many elements were open when the one at the deepest level was; 0 for none."""
        self._is_begun = False

    def start(self, tag: str | bytes, attributes: dict[str | bytes, str | bytes]) -> None:
        """Open an element, in place of the one at the deepest level if that is open."""
        self._is_begun = True
        if self._deepest_open:
            self._builder.end(self._tags[self._deepest_open - 1])
            self._deepest_open = 0
        self._tags.append(tag)
        self._builder.start(tag, attributes)
        if len(self._tags) >= DEEPEST:
            self._deepest_open = len(self._tags)

    def end(self, tag: str | bytes) -> None:
        """Close the innermost element, unless another took its place in the tree."""
        if len(self._tags) < DEEPEST or self._deepest_open == len(self._tags):
            self._builder.end(tag)
            self._deepest_open = 0
        self._tags.pop()

    def data(self, text: str | bytes) -> None:
        """Take text; that of an element that was closed in the tree follows what closed it."""
        self._builder.data(text)

    def comment(self, text: str | bytes) -> None:
        """Leave a comment out."""

    def close(self) -> Element | None:
        """Return the root, or None when there was no element."""
        return self._builder.close() if self._is_begun else None
