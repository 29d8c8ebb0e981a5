"""FictionBook (.fb2): sections with their titles, chapter by chapter."""

import re
from collections.abc import Callable

from rag.errors import UnreadableFileError
from rag.formats.extract import Extract, Gathering, one_spaced
from rag.formats.markup.pages.notes import set_apart, with_mark
from rag.formats.markup.tables import Cell, Grid, Row
from rag.formats.metadata.properties import Properties
from rag.formats.safe_xml import Element, attribute, local, recovered
from rag.formats.typesetting.raised import lowered, raised
from rag.text.encoding_labels import decode_labelled

_LINES = {"p", "v", "subtitle", "text-author", "date"}
_BLOCKS = {*_LINES, "title", "section", "table", "stanza"}
_LABEL = re.compile(rb"""\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9_:.-]+)["'][^>]*\?>""")
_UNICODE = ("utf-8", "utf8", "utf-16")
_LONGEST_MARK = 12
_SHIFTS: dict[str, Callable[[str], str]] = {"sup": raised, "sub": lowered}


def read(data: bytes, name: str) -> Extract:
    """Read a book. Raises UnreadableFileError."""
    root, missing = recovered(_unicode(data), "the book")
    if local(root) != "FictionBook":
        raise UnreadableFileError("the file is damaged: it is no FictionBook")
    gathered = Gathering()
    for body in (child for child in root if local(child) == "body"):
        is_notes = attribute(body, "name") in ("notes", "comments", "footnotes")
        _Body(gathered, is_notes=is_notes).section(body, 1)
    if missing and gathered.is_empty:
        raise UnreadableFileError(missing)
    if missing:
        gathered.could_not_read("the rest of it", missing)
    return gathered.extract(gathered.describe(_properties(root)))


def _properties(root: Element) -> Properties:
    """Return the book's title, authors and the date when it was written."""
    info = next((e for e in root.iter() if local(e) == "title-info"), None)
    if info is None:
        return Properties.of(next((_text(e) for e in root.iter() if local(e) == "book-title"), ""))
    names = [
        " ".join(_text(part) for part in author if local(part).endswith("name"))
        for author in info
        if local(author) == "author"
    ]
    title = next((_text(e) for e in info if local(e) == "book-title"), "")
    dates = [attribute(e, "value") or _text(e) for e in info if local(e) == "date"]
    return Properties.of(title, names, next(iter(dates), ""))


def _unicode(data: bytes) -> bytes:
    """Return XML in UTF-8 for XML in another encoding, as the name of that is understood."""
    label = _LABEL.match(data)
    if label is None or label[1].decode("ascii").lower() in _UNICODE:
        return data
    return decode_labelled(data[label.end() :], label[1].decode("ascii")).encode("utf-8", "replace")


class _Body:
    """Gathers a body of a book: its text, or its notes."""

    def __init__(self, gathered: Gathering, *, is_notes: bool) -> None:
        """Gather into `gathered`."""
        self._gathered = gathered
        self._is_notes = is_notes
        self._mark = ""
        """The mark of a note that has not begun yet."""

    def section(self, section: Element, level: int) -> None:
        """Gather a section and those in it; level 1 is the body."""
        for child in section:
            kind = local(child)
            if kind == "title":
                self._title(child, level)
            elif kind == "section":
                self.section(child, level + 1)
                self._mark = ""
            elif kind == "table":
                self._table(child)
            elif kind in _LINES:
                self._add(_text(child))
            elif kind == "stanza":
                self._add("\n".join(_text(line) for line in child))
            elif kind not in ("image", "binary"):
                self._other(child, level)
            self._add(child.tail or "")

    def _title(self, element: Element, level: int) -> None:
        title = " ".join(_text(p) for p in element if local(p) == "p")
        if self._is_notes and level > 1 and title and len(title) <= _LONGEST_MARK:
            self._mark = title.strip("[](){}. ")
            return
        if level <= 2:
            self._gathered.place(f"chapter {title}" if title else "", fresh=level == 1)
        self._gathered.add(title, min(level, 6))

    def _table(self, table: Element) -> None:
        rows = [[_cell(cell) for cell in row if local(cell) in ("td", "th")]
                for row in table if local(row) == "tr"]  # fmt: skip
        grid = Grid.of([Row(cells) for cells in rows])
        for title in grid.titles:
            self._add(title)
        self._gathered.table(grid.rows, headers=grid.headers)

    def _other(self, element: Element, level: int) -> None:
        """Gather an element that holds paragraphs, or, as code may, none."""
        if any(local(inner) in _BLOCKS for inner in element.iter()):
            self._add(element.text or "")
            self.section(element, level)
        else:
            self._add(_text(element))

    def _add(self, text: str) -> None:
        if self._mark and text.strip():
            text, self._mark = with_mark(text, self._mark), ""
        self._gathered.add(text)


def _cell(cell: Element) -> Cell:
    columns, rows = attribute(cell, "colspan"), attribute(cell, "rowspan")
    return Cell(
        _text(cell),
        int(columns) if columns.isdecimal() and len(columns) < 6 else 1,
        int(rows) if rows.isdecimal() and len(rows) < 6 else 1,
        local(cell) == "th",
    )


def _text(element: Element) -> str:
    return one_spaced(" ".join(_run(element).split()))


def _run(element: Element) -> str:
    """Return text that runs on, with what is raised, struck out or a note's mark written out."""
    pieces = [element.text or ""]
    for child in element:
        kind, text = local(child), _run(child)
        if kind == "a" and attribute(child, "type") == "note" and len(text) <= _LONGEST_MARK:
            text = set_apart(text, pieces[-1])
        elif kind in _SHIFTS and not any(local(inner) == "a" for inner in child):
            text = _SHIFTS[kind](text)
        elif kind == "strikethrough" and text.strip():
            text = f"[deleted: {text.strip()}]"
        pieces += [text, child.tail or ""]
    return "".join(pieces)
