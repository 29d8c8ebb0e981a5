"""A tree of HTML to blocks: what a browser sets apart is a block, what it runs on is not."""

import re
from collections.abc import Callable

from rag.formats.extract import Gathering
from rag.formats.safe_xml import Element

_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main nav ol "
    "p pre section summary table tbody td tfoot th thead tr ul".split()
)
_LONGEST_LIST = 1_200  # characters; a longer list is cited item by item
_LONGEST_HEADING = 200
_LONGEST_CELL = 400
_SPACES = re.compile(r"[ \t\n\r\f\u00a0]+")


class PageText:
    """Gathers the blocks of a tree, in order, leaving out what it is told to."""

    def __init__(
        self, gathered: Gathering, leave_out: Callable[[Element], bool], *, flat: bool = False
    ) -> None:
        """Gather into `gathered` all but the elements that `leave_out` names.

        With `flat`, lists and tables are lines like any other.
        """
        self._flat = flat
        self._gathered = gathered
        self._leave_out = leave_out
        self._run: list[str] = []
        """Text that runs on, not yet a block."""
        self._term = ""
        """What a definition that has not begun yet is of."""

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
        tag = child.tag
        if not isinstance(tag, str):
            self._text(getattr(child, "text", None) if tag is not None else None)
        elif self._leave_out(child):
            pass
        elif tag == "br":
            self._run.append("\n")
        elif tag == "img":
            pass
        elif tag in _BLOCKS:
            self._end()
            self._block(child)
            self._end()
        else:
            self._inside(child)

    def _block(self, element: Element) -> None:
        tag = str(element.tag)
        if tag == "pre" or tag[:1] == "h":
            self._end_term()
        if tag == "pre":
            self._gathered.add("".join(map(str, element.itertext())).strip("\n"))
        elif self._flat:
            self._inside(element)
        elif tag == "table":
            self._end_term()
            self._table(element)
        elif tag == "dt":
            self._end_term()
            self._term = self._apart(element)
        elif tag in ("ul", "ol", "dl"):
            self._list(element)
        elif len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            text = self._apart(element)
            level = int(tag[1]) if len(text) <= _LONGEST_HEADING else None
            self._gathered.add(text.replace("\n", " "), level)
        else:
            self._inside(element)

    def _list(self, element: Element) -> None:
        lines = self._items(element)
        if sum(map(len, lines)) <= _LONGEST_LIST and element.find(".//table") is None:
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
        rows = []
        for row in table.iter("tr"):
            if next(row.iterancestors("table")) is table and not self._leave_out(row):
                cells = [c for c in row if c.tag in ("td", "th") and not self._leave_out(c)]
                rows.append([self._apart(cell) for cell in cells])
        prose = any(len(cell) > _LONGEST_CELL for row in rows for cell in row)
        if prose or len(rows) < 2 or table.find(".//table") is not None:
            self._inside(table)  # a table for layout: what stands in it is text
            return
        for caption in table.iter("caption"):
            self._gathered.add(self._apart(caption))
        self._gathered.table(rows)

    def _apart(self, element: Element) -> str:
        """Return an element's text, a line for each block in it, and gather nothing."""
        if self._leave_out(element):
            return ""
        apart = Gathering()
        inner = PageText(apart, self._leave_out, flat=True)
        inner._inside(element)
        inner._end()
        return re.sub(r"\n{2,}", "\n", apart.extract().text)

    def _text(self, text: str | None) -> None:
        if text:
            self._run.append(_SPACES.sub(" ", text))

    def _end(self) -> None:
        """Make a block of the text that ran on so far."""
        whole = re.sub(r" *\n *", "\n", re.sub(" +", " ", "".join(self._run)))
        self._run = []
        if re.search(r"\n\s*\n", whole.strip()):
            for part in re.split(r"\n\s*\n", whole):  # a line left empty by two breaks
                self._add(part)
        else:
            self._add(whole)

    def _add(self, text: str) -> None:
        """Add a block; the first of a definition stands under what it is of."""
        if self._term and text.strip():
            text, self._term = f"{self._term}\n{text.strip()}", ""
        self._gathered.add(text)

    def _end_term(self) -> None:
        """Make a block of a term that no text follows."""
        term, self._term = self._term, ""
        self._gathered.add(term)
