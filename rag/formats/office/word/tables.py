"""Tables of Word: the cells of each row, in the columns that they stand in."""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass

from rag.formats.office.word.shown import child, is_on, number, value
from rag.formats.safe_xml import Element, attribute, local

_MOST_COLUMNS = 63  # of Word's own; a file may say that a cell spans a million
_LONGEST_CELL = 400  # characters; the cells of a table that is used for layout hold prose
_LONGEST_LABEL = 60
_SKIPPED = {"tbl", "p", "tblPr", "tblGrid", "trPr", "tcPr", "sdtPr"}


@dataclass(frozen=True, slots=True)
class Table:
    """A table of cells' texts."""

    rows: list[list[str]]
    headers: int | None
    """The rows that the file marks as headers; None where it marks none."""


def is_layout(table: Element) -> bool:
    """Tell whether a table only places prose on a page."""
    rows = children(table, "tr")
    return len(rows) == 1 or any(
        sum(len(one.text or "") for one in cell.iter() if local(one) == "t") > _LONGEST_CELL
        for row in rows
        for cell in children(row, "tc")
    )


def table_of(table: Element, text_of: Callable[[Element], str]) -> Table:
    """Return a table, each merged cell with its text in every row that it reaches into.

    `text_of` gives the text of a cell. Over several columns, a text stands in each of them where
    it may be a header's; in rows further down it stands once.
    """
    elements = children(table, "tr")
    headers = 0
    while headers < len(elements) and _is_header(elements[headers]):
        headers += 1
    marked = headers if 0 < headers < len(elements) else None
    rows: list[_Row] = []
    for element in elements:
        rows.append(_row(element, rows[-1] if rows else {}, text_of))
    columns = sorted(max(rows, key=lambda row: len(list(row)), default={}))
    lines: list[list[str]] = []
    may_head = True
    for position, row in enumerate(rows):
        lines.append(_aligned(row, columns, may_head=may_head and len(row) > 1))
        # Labels over several columns are above the names of these, from the top on.
        spans = any(cell.end > cell.start + 1 for cell in row.values())
        may_head = position + 1 < (marked or 0) or (may_head and spans)
    return Table(lines, marked)


def children(parent: Element, kind: str) -> list[Element]:
    """Return children of a kind, also those in content controls, not those of tables within."""
    elements = []
    for one in parent:
        name = local(one)
        if name == kind:
            elements.append(one)
        elif name not in _SKIPPED:
            elements += children(one, kind)
    return elements


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell in the columns `[start, end)` of a table's grid."""

    start: int
    end: int
    text: str


_Row = dict[int, _Cell]
"""A row's cells, by the column of the grid that each begins in."""


def _row(row: Element, above: _Row, text_of: Callable[[Element], str]) -> _Row:
    cells: _Row = {}
    start = _span(child(row, "trPr"), "gridBefore", least=0)
    for element in children(row, "tc"):
        properties = child(element, "tcPr")
        end = start + _span(properties, "gridSpan", least=1)
        merged = child(properties, "vMerge")
        text = text_of(element)
        if merged is not None and attribute(merged, "val") in ("", "continue") and not text:
            text = above[start].text if start in above else ""
        cells[start] = _Cell(start, end, text)
        start = end
    return cells


def _aligned(row: _Row, columns: list[int], *, may_head: bool) -> list[str]:
    """Return a row's texts under the columns that the row with the most cells has.

    A row whose cells begin elsewhere, as in a form, has no columns in common with it.
    """
    places = {start: bisect_left(columns, start) for start in row}
    if any(columns[at : at + 1] != [start] for start, at in places.items()):
        return [cell.text for cell in row.values()]
    texts: list[str] = []
    for start, cell in row.items():
        texts += [""] * (places[start] - len(texts))
        texts.append(cell.text)
        if may_head and len(cell.text) <= _LONGEST_LABEL:
            texts += [cell.text] * (bisect_left(columns, cell.end) - places[start] - 1)
    return texts


def _span(properties: Element | None, kind: str, *, least: int) -> int:
    return min(max(number(value(properties, kind)) or least, least), _MOST_COLUMNS)


def _is_header(row: Element) -> bool:
    marked = child(child(row, "trPr"), "tblHeader")
    return marked is not None and is_on(marked)
