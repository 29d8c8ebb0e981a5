"""A tree of HTML to blocks: what a browser sets apart is a block, what it runs on is not."""

import re
from collections.abc import Callable

from rag.formats.extract import Gathering
from rag.formats.markup.pages.elements import (
    BLOCKS,
    EMPTY_LINE,
    HEADINGS,
    exceeds,
    holds_blocks,
    is_short,
    name,
    one_spaced,
    plain,
    styled,
)
from rag.formats.markup.pages.forms import FIELDS, is_command
from rag.formats.markup.pages.guide import Guide
from rag.formats.markup.pages.html_tables import html_grid
from rag.formats.markup.pages.mathematics import formula
from rag.formats.markup.pages.notes import is_mark, is_way_back, set_apart, with_mark
from rag.formats.markup.pages.scripts import (
    LONGEST,
    letters_of_image,
    ruby_text,
    shift_of,
    shifted,
)
from rag.formats.safe_xml import Element
from rag.formats.typesetting.raised import note_mark

_LONGEST_LIST = 1_200  # characters; a longer list is cited item by item
_LONGEST_HEADING = 200
_SPACES = re.compile(r"[ \t\n\r\f\u00a0]+")
_PREFORMATTED = re.compile(r"white-space\s*:\s*(?:pre|break-spaces)", re.IGNORECASE)
_STRUCK = re.compile(r"text-decoration(?:-line)?\s*:[^;]{0,60}line-through", re.IGNORECASE)
_DELETED = ("del", "s", "strike")
_LINE_BREAKS = re.compile(r"\n{2,}")
_WRITTEN_OUT = {"ruby": ruby_text, "img": letters_of_image}


class PageText:
    """Gathers the blocks of a tree, in order."""

    def __init__(self, gathered: Gathering, guide: Guide, *, flat: bool = False) -> None:
        """Gather into `gathered`; with `flat`, lists and tables are lines like any other."""
        self._flat = flat
        self._gathered = gathered
        self._guide = guide
        self._run: list[str] = []
        """Text that runs on, not yet a block."""
        self._term = ""
        """What a definition that has not begun yet is of."""
        self._number = ""
        """What is drawn before an item that has not begun yet."""
        self._mark = ""
        """The mark of a note that has not begun yet."""
        self._is_deleted = False
        self._keeps_spaces = self._is_code = False

    def read(self, root: Element) -> None:
        """Gather all of `root`."""
        self._inside(root)
        self._end()
        self._end_term()

    def _inside(self, element: Element) -> None:
        self._text(element.text)
        for child in element:
            self._child(child)
            self._text(child.tail)

    def _child(self, child: Element) -> None:
        guide, tag = self._guide, name(child)
        if not tag:
            self._text(getattr(child, "text", None) if child.tag is not None else None)
            return
        if guide.leave_out(child):
            return
        if child in guide.places and not self._flat:
            self._end()
            label, fresh = guide.places[child]
            self._gathered.place(label, fresh=fresh)
        if child in guide.tabs:
            self._panel(child, " ".join(plain(guide.tabs[child]).split()))
        elif tag in BLOCKS:
            self._end()
            self._apply(child, self._block)
            self._end()
        else:
            if not self._mark and (mark := guide.notes.mark(child)) and not self._before().strip():
                self._mark = mark
            self._inline(child, tag)

    def _apply(self, element: Element, read: Callable[[Element, str], None]) -> None:
        """Read a block, with what its own style says of all within."""
        outer = self._is_deleted, self._keeps_spaces, self._is_code
        if element.get("style"):
            self._is_deleted |= styled(element, _STRUCK)
            self._keeps_spaces |= styled(element, _PREFORMATTED)
        self._is_code |= element.tag == "pre"
        self._keeps_spaces |= self._is_code
        mark = self._guide.notes.mark(element)
        self._mark = mark or self._mark
        read(element, str(element.tag))
        if outer != (self._is_deleted, self._keeps_spaces, self._is_code):
            self._end()
            self._is_deleted, self._keeps_spaces, self._is_code = outer
        if mark and element.tag != "dt":
            self._end()
            self._mark = self._number = ""

    def _block(self, element: Element, tag: str) -> None:
        if tag == "pre" or tag[:1] == "h":
            self._end_term()
        if tag == "li":
            self._number += "" if self._mark else self._guide.numbers.get(element, "")
            self._inside(element)
            self._end()
            self._number = ""
        elif self._flat or tag == "pre":
            self._inside(element)
        elif tag == "table":
            self._end_term()
            self._table(element)
        elif tag == "details":
            self._end_term()
            self._details(element)
        elif tag == "dt" or (tag == "summary" and next(element.iter(*HEADINGS), None) is None):
            self._end_term()
            self._term = "" if self._mark else self._apart(element)
        elif tag in ("ul", "ol", "dl", "menu"):
            self._list(element)
        elif tag in HEADINGS:
            text = self._apart(element)
            level = int(tag[1]) if len(text) <= _LONGEST_HEADING else None
            self._add(text.replace("\n", " "), level)
        else:
            self._inside(element)

    def _list(self, element: Element) -> None:
        places = self._guide.places
        is_apart = (
            exceeds(element, 4 * _LONGEST_LIST)  # and is not rendered twice
            or element.find(".//table") is not None
            or (bool(places) and any(inner in places for inner in element.iter()))
            or any(self._guide.notes.mark(term) for term in element.iter("dt"))
        )
        lines = [] if is_apart else self._items(element)
        if not is_apart and sum(map(len, lines)) <= _LONGEST_LIST:
            self._add("\n".join(lines))
        else:
            self._inside(element)
            self._end()
            self._end_term()

    def _items(self, items: Element) -> list[str]:
        """Return a list's items, one to a line, those of lists within among them."""
        lines = (line for item in items if isinstance(item.tag, str)
                 for line in self._apart(item).split("\n"))  # fmt: skip
        return [line for line in lines if line.strip()]

    def _table(self, table: Element) -> None:
        grid = html_grid(table, self._guide.leave_out, self._apart)
        if grid is None:
            self._inside(table)
            return
        for caption in table.iter("caption"):
            self._add(self._apart(caption))
        for title in grid.titles:
            self._add(title)
        self._gathered.table(grid.rows, headers=grid.headers)

    def _panel(self, panel: Element, label: str) -> None:
        """Add what a click shows, after the words that are clicked: a tab's, a question."""
        self._end()
        self._end_term()
        heading = next(panel.iter(*HEADINGS), None)
        if is_short(panel):
            self._add(f"{label}\n{self._apart(panel)}")
        else:
            if heading is None or " ".join(plain(heading).split()) != label:
                self._term = label
            self._inside(panel)
            self._end()
            self._end_term()

    def _details(self, details: Element) -> None:
        if is_short(details):
            self._add(self._apart(details))
        else:
            self._inside(details)
            self._end()
            self._end_term()

    def _inline(self, element: Element, tag: str) -> None:
        """Add an element that runs on with the text around it."""
        guide = self._guide
        if tag == "br":
            self._run.append("\n")
        elif element in guide.notes.references:
            self._run.append(set_apart(plain(element), self._before()))
        elif is_way_back(element) or element in guide.forms.moved:
            pass
        elif shift := shift_of(element):
            self._shifted(element, shift)
        elif tag in _DELETED or styled(element, _STRUCK):
            self._deleted(element)
        elif tag in _WRITTEN_OUT:
            self._text(_WRITTEN_OUT[tag](element))
        elif tag in _REPLACED:
            _REPLACED[tag](self, element)
        elif tag in FIELDS:
            self._text(guide.forms.shown(element, self._before()))
        else:
            self._inside(element)

    def _button(self, button: Element) -> None:
        if not is_command(button):
            self._text(" ")
            self._inside(button)
            self._text(" ")

    def _shifted(self, element: Element, shift: str) -> None:
        references = self._guide.notes.references
        if holds_blocks(element) or any(link in references for link in element.iter("a")):
            self._inside(element)
            return
        text, before = self._inner(element), self._before()
        if shift == "up" and len(text) <= LONGEST and is_mark(element, text, before[-40:]):
            self._run.append(set_apart(text, before))
        else:
            self._run.append(shifted(element, text, before, shift))

    def _deleted(self, element: Element) -> None:
        """Add text that is struck out, and say so: it does not hold any more."""
        if self._is_deleted:
            self._inside(element)
        elif holds_blocks(element):
            self._end()
            self._is_deleted = True
            self._inside(element)
            self._end()
            self._is_deleted = False
        elif (text := self._inner(element)).strip():
            after = " " if text[-1:].isspace() else ""
            before = " " if text[:1].isspace() else ""
            self._run.append(f"{before}[deleted: {text.strip()}]{after}")

    def _formula(self, math: Element) -> None:
        is_apart = math.get("display") == "block"
        if is_apart:
            self._end()
        self._run.append(formula(math))
        if is_apart:
            self._end()

    def _inner(self, element: Element) -> str:
        """Return the text of an element that holds no blocks."""
        outer, self._run = self._run, []
        self._inside(element)
        text = "".join(self._run)
        self._run = outer
        return text

    def _apart(self, element: Element) -> str:
        """Return an element's text, a line for each block in it, and gather nothing."""
        if self._guide.leave_out(element):
            return ""
        apart = Gathering()
        inner = PageText(apart, self._guide, flat=True)
        if element.tag == "li":
            inner._apply(element, inner._block)
        else:
            inner._inside(element)
        inner._end()
        return _LINE_BREAKS.sub("\n", apart.extract().text)

    def _text(self, text: str | None) -> None:
        if text:
            self._run.append(text if self._keeps_spaces else _SPACES.sub(" ", text))

    def _before(self) -> str:
        """Return the end of the text that runs on."""
        return "".join(self._run[-4:])

    def _end(self) -> None:
        """Make a block of the text that ran on so far."""
        if not self._run:
            return
        whole = "".join(self._run)
        self._run = []
        if not whole.strip():
            return
        if self._is_code:
            self._add(whole)
            return
        whole = whole if self._keeps_spaces else one_spaced(whole)
        for part in EMPTY_LINE.split(whole):  # a line left empty by two breaks
            self._add(part)

    def _add(self, text: str, level: int | None = None) -> None:
        """Add a block, after what stands before it: its number, its mark, what it defines."""
        text = text.strip()
        if not text:
            return
        if self._is_deleted:
            text = f"[deleted: {text}]"
        if self._mark:
            text, mark, self._mark = with_mark(text, self._mark), note_mark(self._mark), ""
            if text.strip() == mark:
                self._number += f"{mark} "  # the note itself follows
                return
        text, self._number = self._number + text, ""
        if self._term:
            text, self._term = f"{self._term}\n{text}", ""
        self._gathered.add(text, level)

    def _end_term(self) -> None:
        """Make a block of a term that no text follows."""
        term, self._term = self._term, ""
        self._gathered.add(term)


_REPLACED: dict[str, Callable[[PageText, Element], None]] = {
    "math": PageText._formula,
    "button": PageText._button,
}
