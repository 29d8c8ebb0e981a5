"""Web pages (.html, .xhtml): the main text, its headings, lists and tables; not the menus.

Text is left out only by signs that it is no part of the page's matter: elements meant for
navigation, and lists that are links and little else. Where that would leave little of a page,
all of it is read instead: a quote from a menu does less harm than an answer that is lost.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree, html

from rag.errors import UnreadableFileError
from rag.formats.extract import Extract, Gathering, UnreadPart
from rag.formats.markup.deep_html import shallow_page
from rag.formats.markup.html_blocks import PageText
from rag.formats.safe_xml import Element, lost
from rag.text.encodings import decode

_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_:.-]+)""")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*>")
_HEAD = 4096
_LEAST_KEPT = 0.3  # of a page's text; below this the signs misled
_MOST_OF_A_PAGE = 0.4  # what its name alone calls a side matter is not as much as this

_UNSEEN = {"script", "style", "template", "noscript", "head", "svg", "iframe", "object", "select",
           "button", "input", "textarea", "math-annotation", "datalist", "canvas"}  # fmt: skip
_SIDES = {"div", "ul", "ol", "section", "p", "table"}
_ROLES = {"navigation", "banner", "contentinfo", "search", "menu", "menubar", "complementary",
          "toolbar", "tablist", "dialog", "alertdialog"}  # fmt: skip
_NAMED = re.compile(
    r"(?:^|[\s_-])(?:nav(?:bar|igation)?|menu|breadcrumbs?|sidebar|footer|cookies?|consent|"
    r"share|social|related|toc|skip-?link|pagination|advert\w*|newsletter|subscribe)(?:$|[\s_-])",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def read(data: bytes, name: str) -> Extract:
    """Read a web page; see the module. Raises UnreadableFileError."""
    return read_text(text_of(data))


def read_text(text: str, *, whole: bool = False) -> Extract:
    """Read a page's source; with `whole`, as a chapter of a book is, menus are not looked for.

    Raises UnreadableFileError when it holds no element at all.
    """
    root, missing = _parsed(text)
    body = next(iter(root.iter("body")), root)
    gathered = _gathered(body, _is_unseen)
    if not whole:
        menus = _Menus(body)
        without = _gathered(menus.main(body), menus.is_one)
        if len(without.text) >= _LEAST_KEPT * len(gathered.text):
            gathered = without
    title = next((_plain(t) for t in root.iter("title") if _plain(t)), "")
    unread = (UnreadPart("the rest of it", missing),) if missing else ()
    return Extract(" ".join(title.split()), gathered.text, gathered.blocks, unread=unread)


def text_of(data: bytes) -> str:
    """Return a page's source in the encoding that it declares, else the one that is found."""
    declared = _DECLARED.search(data[:_HEAD])
    if declared is not None and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode(declared[1].decode("ascii"))
        except (UnicodeDecodeError, LookupError):
            pass  # what a page says of itself is often wrong
    return decode(data)


def _parsed(text: str) -> tuple[Element, str]:
    """Return a page's tree, and what its parser left out; empty when that is nothing."""
    text = _DECLARATION.sub("", text.replace("\0", ""))  # as a browser does
    parser = html.HTMLParser(
        no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root: Element = html.document_fromstring(text, parser=parser)
        if not lost(parser):
            return root, ""
    except (etree.ParserError, ValueError) as error:
        if not lost(parser):
            raise UnreadableFileError("the file contains no words") from error
    return shallow_page(text)


def _gathered(root: Element, leave_out: Callable[[Element], bool]) -> Extract:
    gathered = Gathering()
    PageText(gathered, leave_out).read(root)
    return gathered.extract()


def _is_unseen(element: Element) -> bool:
    if element.tag in _UNSEEN or element.get("hidden") is not None:
        return True
    if element.tag == "a" and "headerlink" in (element.get("class") or ""):
        return True  # the sign behind a heading that is seen under the pointer only
    return bool(_HIDDEN.search(element.get("style") or ""))


@dataclass(slots=True)
class _Weight:
    """How much an element holds: letters, links, the letters of links, a title."""

    length: int = 0
    links: int = 0
    linked: int = 0
    has_title: bool = False

    def is_all_links(self) -> bool:
        """Tell a list of links, each of a few words."""
        return self.links > 3 and 0.8 * self.length < self.linked < 30 * self.links


class _Menus:
    """Which of a page's elements are none of its matter."""

    def __init__(self, body: Element) -> None:
        """Weigh every element once, from the innermost on."""
        self.weights: dict[Element, _Weight] = {}
        for _, element in etree.iterwalk(body, events=("end",)):
            whole = _Weight(_letters(element.text))
            for child in element:
                part = self.weights.get(child, _Weight())
                whole.length += part.length + _letters(child.tail)
                whole.links += part.links
                whole.linked += part.linked
                whole.has_title |= part.has_title
            if element.tag == "a":
                whole.links, whole.linked = 1, whole.length
            if element.tag == "h1":
                whole.has_title = True
            self.weights[element] = _Weight() if _is_unseen(element) else whole
        self._all = self.weights[body].length

    def main(self, body: Element) -> Element:
        """Return the one element that says it is the page's matter, if it holds a fair part."""
        for path in (".//main", ".//*[@role='main']", ".//article"):
            found = body.findall(path)
            if len(found) == 1 and self.weights[found[0]].length >= _LEAST_KEPT * self._all:
                return found[0]
        return body

    def is_one(self, element: Element) -> bool:
        """Tell whether to leave an element out."""
        if _is_unseen(element) or element.tag in ("nav", "form") or element.get("role") in _ROLES:
            return True
        weight = self.weights.get(element, _Weight())
        if element.tag in ("header", "footer"):
            return not weight.has_title and not _is_within(element, ("article", "section"))
        named = f"{element.get('id') or ''} {element.get('class') or ''}"
        if element.tag == "aside" or (element.tag in _SIDES and _NAMED.search(named)):
            return weight.length < _MOST_OF_A_PAGE * self._all and not weight.has_title
        return element.tag in ("ul", "ol", "div") and weight.is_all_links()


def _is_within(element: Element, kinds: tuple[str, ...]) -> bool:
    return any(above.tag in kinds for above in element.iterancestors())


def _letters(text: str | None) -> int:
    return len(" ".join(text.split())) if text else 0


def _plain(element: Element) -> str:
    return "".join(map(str, element.itertext()))
