"""What of a page a person sees: at once, or after a click on what opens it.

An element that is not displayed is read all the same where something on the page may open it, as
the answer in an accordion: a quote of what stays shut does less harm than an answer that is lost.
"""

import re
from collections.abc import Iterator

from rag.formats.markup.pages.elements import HEADINGS, classes, is_short, short_text, styled
from rag.formats.safe_xml import Element

_UNSEEN = {"script", "style", "template", "noscript", "head", "svg", "iframe", "object", "datalist",
           "canvas", "audio", "video", "annotation", "annotation-xml"}  # fmt: skip
_NOT_SHOWN = re.compile(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)", re.IGNORECASE)
_FOR_SCREEN_READERS = re.compile(
    r"(?:^| )(?:sr-only|visually-?hidden|screen-reader(?:-text|-only)?|a11y-hidden)(?: |$)"
)
_ICON_FONT = re.compile(r"(?:^| )(?:material-icons|material-symbols)[\w-]*(?: |$)")
_ICON = re.compile(r"(?:^|[ _-])(?:icons?|glyphicon|fa[srbl]?|bi|emoji-icon)(?:$|[ _-])")
_OPENS = re.compile(
    r"toggle|accordion|collaps|expand|disclos|spoiler|trigger|read-?more|show-?more|question|faq",
    re.IGNORECASE,
)
_OPENED = re.compile(
    r"accordion|collaps|tab-?(?:pane|panel|content)|answer|faq|spoiler|expand|toggle|panel|disclos"
    r"|(?:read|show|view)-?more|more-?(?:text|content)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"""["']#?([\w:.-]{1,100})["']""")
_CONTROLS = ("aria-controls", "aria-owns", "popovertarget", "commandfor")
_TABS = ("tab", "pill", "list")
_LONGEST_TITLE = 200  # letters
_LOOKED_AT = 12  # elements in what stands before something that is shut
_SIGNS = {"¶", "#", "§", "🔗", "⚓", "\uf0c1"}


class Visibility:
    """Which elements of one page are seen, and which tab shows which panel."""

    def __init__(self, root: Element) -> None:
        """Look once through the page for what opens something."""
        self._opened: set[str] = set()
        self.tabs: dict[Element, Element] = {}
        """Of each panel the tab that shows it; of a short one also the heading, or a button."""
        by_id: dict[str, Element] = {}
        tabs: list[Element] = []
        openers: list[Element] = []
        for element in root.iter():
            if not isinstance(element.tag, str):
                continue
            if own := element.get("id"):
                by_id.setdefault(own, element)
            self._opened.update(_targets(element))
            if _is_tab(element):
                tabs.append(element)
            elif element.get("aria-controls") or _is_collapser(element):
                openers.append(element)
        self._labelled: set[str] = {i for i, e in by_id.items() if _is_control(e)}
        for tab in tabs:
            panel = next((by_id[i] for i in _targets(tab) if i in by_id), None)
            if panel is not None and short_text(tab, 200):
                self.tabs.setdefault(panel, tab)
        for opener in openers:
            panel = next((by_id[i] for i in _targets(opener) if i in by_id), None)
            title = _title(opener)
            if panel is not None and title is not None and is_short(panel):
                self.tabs.setdefault(panel, title)
        self._moved = set(self.tabs.values())

    def is_unseen(self, element: Element) -> bool:
        """Return whether neither a look nor a click shows an element where it stands."""
        if element.tag in _UNSEEN or _is_decoration(element):
            return True
        if self._moved and element in self._moved:
            return True  # it is read with its panel
        return _is_shut(element) and not self._may_open(element)

    def is_opened(self, element: Element) -> bool:
        """Return whether something on the page names an element as what it opens."""
        return element.get("id") in self._opened

    def _may_open(self, element: Element) -> bool:
        above = element.getparent()
        for one in (element, above) if above is not None else (element,):
            if self.is_opened(one) or _OPENED.search(classes(one)):
                return True
        role = element.get("role") or ""
        if role == "tabpanel" or (element.get("hidden") or "").lower() == "until-found":
            return True
        if not self._labelled.isdisjoint((element.get("aria-labelledby") or "").split()):
            return True
        return _follows_a_control(element) or _stands_for_a_picture(element)


def _is_shut(element: Element) -> bool:
    return element.get("hidden") is not None or styled(element, _NOT_SHOWN)


def _is_decoration(element: Element) -> bool:
    """Return whether an element is drawn only, or only read out."""
    if element.tag == "a":
        named = classes(element)
        if "headerlink" in named or (element.get("href") or "").startswith("#"):
            return "headerlink" in named or short_text(element, 2) in _SIGNS
    if not (element.get("class") or element.get("aria-hidden")):
        return False
    named = classes(element)
    if _ICON_FONT.search(named):
        return True
    if _FOR_SCREEN_READERS.search(named):
        return element.tag not in HEADINGS and element.find(".//math") is None
    if (element.get("aria-hidden") or "").lower() != "true":
        return False
    if element.tag in ("i", "span") and _ICON.search(named):
        return short_text(element, 30) is not None
    return "katex-html" in named or _repeats_mathematics(element)


def _repeats_mathematics(element: Element) -> bool:
    """Return whether MathML beside what is drawn says the same."""
    for beside in (element.getprevious(), element.getnext()):
        if beside is None or not isinstance(beside.tag, str):
            continue
        if beside.tag == "math" or beside.find("math") is not None:
            return True
    return False


def _stands_for_a_picture(element: Element) -> bool:
    """Return whether MathML is not displayed because a picture of it is (as MediaWiki writes)."""
    beside = element.getnext()
    return beside is not None and beside.tag == "img" and element.find("math") is not None


def _targets(element: Element) -> list[str]:
    """Return the ids of what an element may open."""
    targets: list[str] = []
    for key, value in _attributes(element):
        if key in _CONTROLS:
            targets += value.split()
        elif key == "href" or key.startswith("data-"):
            if value.startswith("#") and len(value) < 200:
                targets.append(value[1:])
            elif key == "href" and value[:11].lower() == "javascript:":
                targets += _QUOTED.findall(value[:2000])
        elif key.startswith("on"):
            targets += _QUOTED.findall(value[:2000])
    return targets


def _attributes(element: Element) -> Iterator[tuple[str, str]]:
    return ((str(key), str(value)) for key, value in element.attrib.items())


def _is_tab(element: Element) -> bool:
    toggled = element.get("data-bs-toggle") or element.get("data-toggle")
    return element.get("role") == "tab" or toggled in _TABS


def _is_collapser(element: Element) -> bool:
    return "collapse" in (element.get("data-bs-toggle"), element.get("data-toggle"))


def _title(opener: Element) -> Element | None:
    """Return the heading that an opener is, or the opener itself if it has a title's words."""
    caption = short_text(opener, _LONGEST_TITLE)
    if not caption:
        return None
    above = opener.getparent()
    for _ in range(3):
        if above is None:
            break
        if above.tag in (*HEADINGS, "dt"):
            return above if short_text(above, _LONGEST_TITLE) == caption else None
        above = above.getparent()
    return opener if caption.endswith("?") or len(caption.split()) > 2 else None


def _is_control(element: Element) -> bool:
    """Return whether a click on an element does something on the page."""
    if element.tag in ("button", "summary") or element.get("onclick") is not None:
        return True
    if element.get("aria-expanded") is not None or element.get("role") in ("button", "tab"):
        return True
    if element.tag == "a":
        href = element.get("href")
        return href is not None and (href in ("", "#") or href[:11].lower() == "javascript:")
    return bool(_OPENS.search(classes(element)))


def _follows_a_control(element: Element) -> bool:
    """Return whether what stands right before an element is, or holds, what may open it."""
    before = element.getprevious()
    while before is not None and before.tag in ("script", "style", "br"):
        before = before.getprevious()
    if before is None or not isinstance(before.tag, str):
        return False
    for looked_at, one in enumerate(before.iter()):
        if looked_at >= _LOOKED_AT:
            break
        if isinstance(one.tag, str) and _is_control(one):
            return True
    return False
