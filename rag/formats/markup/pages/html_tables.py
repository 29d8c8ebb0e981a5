"""The tables of a page: their cells, and whether they are tables or only arrange its parts."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from rag.formats.markup.pages.elements import HEADINGS
from rag.formats.markup.tables import Cell, Grid, Row
from rag.formats.safe_xml import Element

_LONGEST_CELL = 400  # characters; in a table that marks no headers, a longer one is prose
_LONGEST_MARKED_CELL = 2_000
_MOST_LINES = 3  # of a long cell; one with more is a list of its own
_SEVERAL_PARAGRAPHS = 200  # characters of a cell that holds more than one
_INNER_BLOCKS = ("p", "div", "ul", "ol", "dl", "blockquote", "section")


def html_grid(
    table: Element, leave_out: Callable[[Element], bool], text: Callable[[Element], str]
) -> Grid | None:
    """Return a table as it is to be read, or None for one that is there for the layout."""
    if table.find(".//table") is not None:
        return None
    own = [row for row in table.iter("tr") if not leave_out(row)]
    own.sort(key=lambda row: _section(row) == "tfoot")  # it is drawn below, wherever it stands
    rows: list[Row] = []
    cells: list[Element] = []
    texts: list[str] = []
    parents: list[Element | None] = []
    for row in own:
        if not parents or parents[-1] is not row.getparent():
            parents.append(row.getparent())
        inner = list(_cells(row, leave_out))
        cells += inner
        inside = list(map(text, inner))
        texts += inside
        shown = list(map(_cell, inner, inside))
        rows.append(Row(shown, len(parents), _section(row) == "thead"))
    grid = Grid.of(rows)
    if grid.headers is None and any(cell.tag == "th" for cell in cells):
        grid = replace(grid, headers=0)  # it marks the names of its rows only
    is_marked = grid.headers is not None or table.find("caption") is not None
    is_data = _is_marked_table(grid) if is_marked else _is_table(grid, cells)
    if any(len(text) > _LONGEST_CELL and text.count("\n") > _MOST_LINES for text in texts):
        return None
    return grid if is_data else None


def _cells(row: Element, leave_out: Callable[[Element], bool]) -> Iterator[Element]:
    """Give a row's cells; a form may stand around them."""
    for cell in row.iter("td", "th"):
        if next(cell.iterancestors("tr")) is row and not leave_out(cell):
            yield cell


def _cell(cell: Element, text: str) -> Cell:
    if next(cell.iter("li"), None) is not None:
        text = text.replace("\n", "; ")  # else its items are one run of words
    is_header = cell.tag == "th" and cell.get("scope") not in ("row", "rowgroup")
    return Cell(text, _count(cell.get("colspan")), _count(cell.get("rowspan")), is_header)


def _count(value: str | None) -> int:
    match = re.match(r"\s*(\d{1,6})", value or "")
    return int(match[1]) if match else 1


def _section(row: Element) -> str:
    above = row.getparent()
    return str(above.tag) if above is not None else ""


def _is_marked_table(grid: Grid) -> bool:
    """Return whether a table that marks headers holds values, and no text at length."""
    longest = max((len(cell) for row in grid.rows for cell in row), default=0)
    if grid.width < 2:
        return len(grid.rows) > 1 and longest <= _LONGEST_CELL
    return longest <= _LONGEST_MARKED_CELL


def _is_table(grid: Grid, cells: list[Element]) -> bool:
    """Return whether a table without any sign of one has rows of short values."""
    if len(grid.rows) < 2 or any(len(cell) > _LONGEST_CELL for row in grid.rows for cell in row):
        return False
    if any(next(cell.iter(*HEADINGS), None) is not None for cell in cells):
        return False
    if grid.width < 2:
        return all(next(cell.iter(*_INNER_BLOCKS), None) is None for cell in cells)
    longest = max(len(cell) for row in grid.rows for cell in row)
    return longest <= _SEVERAL_PARAGRAPHS or not any(_holds_several(cell) for cell in cells)


def _holds_several(cell: Element) -> bool:
    paragraphs = cell.iter("p")
    return next(paragraphs, None) is not None and next(paragraphs, None) is not None
