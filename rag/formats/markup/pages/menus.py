"""Which of a page's elements are none of its matter: menus, banners, lists of links."""

import re
from dataclasses import dataclass

from lxml import etree

from rag.formats.markup.pages.elements import HEADINGS
from rag.formats.markup.pages.visibility import Visibility
from rag.formats.safe_xml import Element

LEAST_KEPT = 0.3
"""Of a page's text; below this the signs misled."""
_MOST_OF_A_PAGE = 0.4  # a side matter is not as much as this
_LONGEST_WORD = 40  # letters

_SIDES = {"div", "ul", "ol", "section", "p", "table"}
_MENU_ROLES = {"navigation", "search", "menu", "menubar", "toolbar"}
_DIALOGS = {"dialog", "alertdialog"}
_NAMED = re.compile(
    r"(?:^|[\s_-])(?:nav(?:bar|igation)?|menu|breadcrumbs?|sidebar|footer|cookies?|consent|"
    r"share|social|related|toc|skip-?link|pagination|advert\w*|newsletter|subscribe)(?:$|[\s_-])",
    re.IGNORECASE,
)
_BANNER = re.compile(r"cookie|consent|gdpr|newsletter|subscribe", re.IGNORECASE)
_FEW_WORDS = 4  # no more than a name, or "Search this site"
_LONGEST_NAME = 60  # letters of a page's head: who owns it, and what they say of themselves
_LONGEST_CLAIM = 30  # words
_SEARCHES = {"search", "q", "query", "s", "searchword", "keywords"}


@dataclass(slots=True)
class _Weight:
    """What an element holds: letters, links and their letters, and signs of what it is."""

    length: int = 0
    words: int = 0
    links: int = 0
    linked: int = 0
    has_title: bool = False
    headed: int = 0
    """Letters of headings that are no links."""
    has_button: bool = False
    has_claim: bool = False
    """Whether a sign of copyright is in it."""
    asks: bool = False
    """Whether a field for a search is in it."""

    def add(self, part: "_Weight") -> None:
        """Count what an element within holds."""
        self.length += part.length
        self.words += part.words
        self.links += part.links
        self.linked += part.linked
        self.has_title |= part.has_title
        self.headed += part.headed
        self.has_button |= part.has_button
        self.has_claim |= part.has_claim
        self.asks |= part.asks

    def is_all_links(self) -> bool:
        """Return whether it is a list of links, each of a few words."""
        return self.links > 3 and 0.8 * self.length < self.linked < 30 * self.links

    def is_mostly_links(self) -> bool:
        """Return whether half of it or more are links, its headings apart."""
        return self.links > 0 and 2 * self.linked >= self.length - self.headed

    def says_little(self) -> bool:
        """Return whether it is links, a name, or a line on who owns the page."""
        is_claim = self.has_claim and self.words < _LONGEST_CLAIM
        return is_claim or self.words < _FEW_WORDS or self.is_mostly_links() or self.has_button

    def is_label(self) -> bool:
        """Return whether it is a word at most, as on a button: no value, and no sentence."""
        return self.words < 2 and self.length <= _LONGEST_WORD and not self.headed


class Menus:
    """Which of a page's elements are none of its matter."""

    def __init__(self, body: Element, view: Visibility) -> None:
        """Weigh every element once, from the innermost on."""
        self._view = view
        self._weights: dict[Element, _Weight] = {}
        for _, element in etree.iterwalk(body, events=("end",)):
            if isinstance(element.tag, str):
                self._weights[element] = self._weigh(element)
        self._all = self._weights[body].length

    def _weigh(self, element: Element) -> _Weight:
        whole = _Weight()
        if self._view.is_unseen(element):
            return whole
        for text in (element.text, *(child.tail for child in element)):
            if text and (words := " ".join(text.split())):
                whole.length += len(words)
                whole.has_claim |= "©" in words or "copyright" in words.lower()
                whole.words += words.count(" ") + 1
        for child in element:
            whole.add(self._weights.get(child, _Weight()))
        if element.tag == "a":
            whole.links, whole.linked = 1, whole.length
        elif element.tag in HEADINGS:
            whole.headed = whole.length - whole.linked
            whole.has_title |= element.tag == "h1"
        elif element.tag == "button":
            whole.has_button = True
        elif element.tag == "input":
            kind = (element.get("type") or "").lower()
            whole.has_button |= kind in ("submit", "button")
            whole.asks = kind == "search" or (element.get("name") or "").lower() in _SEARCHES
        return whole

    def main(self, body: Element) -> Element:
        """Return the one element that says it is the page's matter, if it holds a fair part."""
        for path in (".//main", ".//*[@role='main']", ".//article"):
            elements = body.findall(path)
            if len(elements) == 1 and self._length(elements[0]) >= LEAST_KEPT * self._all:
                return elements[0]
        return body

    def _length(self, element: Element) -> int:
        return self._weights.get(element, _Weight()).length

    def is_left_out(self, element: Element) -> bool:
        """Return whether an element is not to be read."""
        if self._view.is_unseen(element):
            return True
        tag, role = element.tag, element.get("role")
        if tag == "nav" or role in _MENU_ROLES:
            return True
        weight = self._weights.get(element)
        if weight is None:
            return False
        if tag in ("header", "footer") or role in ("banner", "contentinfo"):
            return _is_head_or_foot(element, weight)
        if tag in ("ul", "ol", "div") and weight.is_all_links():
            return True
        if weight.has_title or weight.length >= _MOST_OF_A_PAGE * self._all:
            return False
        return self._is_beside(element, weight)

    def _is_beside(self, element: Element, weight: _Weight) -> bool:
        """Return whether an element that may stand beside a page's matter is none of it."""
        tag, role = element.tag, element.get("role")
        if tag == "form":
            return weight.asks and weight.words < _FEW_WORDS
        if role in _DIALOGS or tag == "dialog":
            is_asking = weight.has_button and not self._view.is_opened(element)
            return is_asking or weight.is_mostly_links() or weight.is_label()
        if tag == "aside" or role == "complementary":
            return weight.is_mostly_links() or weight.is_label()
        return tag in _SIDES and self._is_named_menu(element, weight)

    def _is_named_menu(self, element: Element, weight: _Weight) -> bool:
        """Return whether an element is called a menu, and looks like one: a name alone misleads."""
        named = f"{element.get('id') or ''} {element.get('class') or ''}"
        if not _NAMED.search(named):
            return False
        if weight.is_mostly_links():
            return True
        if _BANNER.search(named) and weight.has_button:
            return True  # it asks for consent or for an address
        return element.tag in ("div", "section") and weight.is_label()


def _is_head_or_foot(element: Element, weight: _Weight) -> bool:
    """Return whether a header or footer is the whole page's, and says little."""
    if weight.has_title or _is_within(element, ("article", "section")):
        return False
    is_head = element.tag == "header" or element.get("role") == "banner"
    is_name = is_head and weight.length - weight.linked < _LONGEST_NAME
    return is_name or weight.says_little()


def _is_within(element: Element, kinds: tuple[str, ...]) -> bool:
    return any(above.tag in kinds for above in element.iterancestors())
