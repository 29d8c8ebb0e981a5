"""Web pages (.html, .xhtml): the main text, its headings, lists and tables; not the menus.

Text is left out only by signs that it is no part of the page's matter: elements meant for
navigation, and lists that are links and little else. Where that would leave little of a page,
all of it is read instead: a quote from a menu does less harm than an answer that is lost.
"""

import re
from collections.abc import Callable

from lxml import etree, html

from rag.encodings import decode
from rag.errors import UnreadableFileError
from rag.formats.extracts import Extract, Gathering
from rag.formats.page_text import PageText
from rag.formats.trees import Element

_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_:.-]+)""")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*>")
_HEAD = 4096
_LEAST_KEPT = 0.3  # of a page's text; below this the signs misled
_MOST_OF_A_PAGE = 0.4  # what its name alone calls a side matter is not as much as this

_UNSEEN = {"script", "style", "template", "noscript", "head", "svg", "iframe", "object", "select",
           "button", "input", "textarea", "math-annotation", "datalist", "canvas"}  # fmt: skip
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
    root = _parsed(text)
    body = next(iter(root.iter("body")), root)
    gathered = _gathered(body, _is_unseen)
    if not whole:
        length = _length(body)
        main = _main(body, length)
        without = _gathered(main, lambda element: _is_menu(element, length))
        if len(without.text) >= _LEAST_KEPT * len(gathered.text):
            gathered = without
    title = next((_plain(t) for t in root.iter("title") if _plain(t)), "")
    return Extract(" ".join(title.split()), gathered.text, gathered.blocks)


def text_of(data: bytes) -> str:
    """Return a page's source in the encoding that it declares, else the one that is found."""
    declared = _DECLARED.search(data[:_HEAD])
    if declared is not None and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode(declared[1].decode("ascii"))
        except (UnicodeDecodeError, LookupError):
            pass  # what a page says of itself is often wrong
    return decode(data)


def _parsed(text: str) -> Element:
    parser = html.HTMLParser(
        no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root: Element = html.document_fromstring(_DECLARATION.sub("", text), parser=parser)
    except (etree.ParserError, ValueError) as error:
        raise UnreadableFileError("the file holds no words") from error
    return root


def _gathered(root: Element, leave_out: Callable[[Element], bool]) -> Extract:
    gathered = Gathering()
    PageText(gathered, leave_out).read(root)
    return gathered.extract()


def _main(body: Element, length: int) -> Element:
    """Return the one element that says it is the page's matter, if it holds a fair part of it."""
    for path in (".//main", ".//*[@role='main']", ".//article"):
        found = [element for element in body.findall(path) if isinstance(element.tag, str)]
        if len(found) == 1 and _length(found[0]) >= _LEAST_KEPT * length:
            return found[0]
    return body


def _is_unseen(element: Element) -> bool:
    if element.tag in _UNSEEN or element.get("hidden") is not None:
        return True
    return bool(_HIDDEN.search(element.get("style") or ""))


def _is_menu(element: Element, length: int) -> bool:
    """Tell whether an element is none of the page's matter; `length` is all of the page's."""
    if _is_unseen(element) or element.tag in ("nav", "form") or element.get("role") in _ROLES:
        return True
    if element.tag in ("header", "footer"):
        return not _has_title(element) and not _is_within(element, ("article", "section"))
    named = f"{element.get('id') or ''} {element.get('class') or ''}"
    if element.tag in ("div", "ul", "ol", "aside", "section", "p", "table") and (
        _NAMED.search(named) or element.tag == "aside"
    ):
        return _length(element) < _MOST_OF_A_PAGE * length and not _has_title(element)
    return element.tag in ("ul", "ol", "div") and _is_all_links(element)


def _is_all_links(element: Element) -> bool:
    links = element.findall(".//a")
    if len(links) < 4:
        return False
    linked = [len(" ".join(_plain(a).split())) for a in links]
    return sum(linked) > 0.8 * _length(element) and sum(linked) < 30 * len(links)


def _has_title(element: Element) -> bool:
    return element.find(".//h1") is not None


def _is_within(element: Element, kinds: tuple[str, ...]) -> bool:
    return any(above.tag in kinds for above in element.iterancestors())


def _length(element: Element) -> int:
    return len(" ".join(_plain(element).split()))


def _plain(element: Element) -> str:
    return "".join(text for text in element.itertext() if isinstance(text, str))
