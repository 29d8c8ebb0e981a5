"""Tables of OpenDocument texts: the cells of each row, in the columns that they stand in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rag.formats.office.opendocument.styles import whole
from rag.formats.safe_xml import Element, attribute, local

_MOST_COLUMNS = 1_024  # of LibreOffice's own; a file may say that a cell is there a million times
_MOST_REPEATED = 100  # rows, all the same
_LONGEST_CELL = 400  # characters; the cells of a table that is used for layout hold prose
_LONGEST_LABEL = 60
_ROWS = {"table-header-rows", "table-rows", "table-row-group"}


@dataclass(frozen=True, slots=True)
class _Merged:
    """A cell that reaches into other columns and rows."""

    text: str
    rows: int
    """That it reaches into, below its own."""
    is_first: bool
    """Whether this is the column that it begins in."""


def is_layout(table: Element) -> bool:
    """Tell whether a table only places prose on a page."""
    rows = [row for row, _ in rows_of(table)]
    return len(rows) < 2 or any(
        sum(map(len, map(str, cell.itertext()))) > _LONGEST_CELL for row in rows for cell in row
    )


def rows_of(table: Element, *, is_header: bool = False) -> Iterator[tuple[Element, bool]]:
    """Give a table's rows, each with whether the file marks it as a header."""
    for one in table:
        if local(one) == "table-row":
            yield one, is_header
        elif local(one) in _ROWS:
            marked = is_header or local(one) == "table-header-rows"
            yield from rows_of(one, is_header=marked)


def table_of(
    table: Element, text_of: Callable[[Element], str]
) -> tuple[list[list[str]], int | None]:
    """Return a table's rows and how many the file marks as headers, None where it marks none.

    A cell merged with those below it has its text in each; one merged with those beside it, once,
    but in each where it may be the header of several columns.
    """
    lines: list[list[str]] = []
    merged: dict[int, _Merged] = {}
    headers = 0
    may_head = True
    for row, is_header in rows_of(table):
        headers += is_header and headers == len(lines)
        spans = any(whole(attribute(cell, "number-columns-spanned"), 1) > 1 for cell in row)
        cells = _cells(row, merged, text_of, may_head=may_head or is_header)
        lines.append(cells)
        repeated = whole(attribute(row, "number-rows-repeated"), 1) - 1
        if any(cells):
            lines += [cells] * min(repeated, _MOST_REPEATED)
        may_head = may_head and spans
    return lines, headers if 0 < headers < len(lines) else None


def _cells(
    row: Element, merged: dict[int, _Merged], text_of: Callable[[Element], str], *, may_head: bool
) -> list[str]:
    cells: list[str] = []
    for element in row:
        if local(element) not in ("table-cell", "covered-table-cell"):
            continue
        if len(cells) >= _MOST_COLUMNS:
            break
        column = len(cells)
        repeated = whole(attribute(element, "number-columns-repeated"), 1)
        repeated = max(1, min(repeated, _MOST_COLUMNS - column))
        if local(element) == "table-cell":
            text = text_of(element)
            cells += [text] * repeated
            _merge(element, column, text, merged)
        else:
            covered = range(column, column + repeated)
            cells += [_covered(merged.get(one), may_head=may_head) for one in covered]
    for column, cell in list(merged.items()):
        if cell.rows:
            merged[column] = _Merged(cell.text, cell.rows - 1, cell.is_first)
        else:
            del merged[column]
    return cells


def _merge(cell: Element, column: int, text: str, merged: dict[int, _Merged]) -> None:
    columns = whole(attribute(cell, "number-columns-spanned"), 1)
    rows = whole(attribute(cell, "number-rows-spanned"), 1)
    if columns > 1 or rows > 1:
        for reached in range(column, min(column + columns, _MOST_COLUMNS)):
            merged[reached] = _Merged(text, max(rows - 1, 0), reached == column)


def _covered(cell: _Merged | None, *, may_head: bool) -> str:
    if cell is None:
        return ""
    is_label = may_head and len(cell.text) <= _LONGEST_LABEL
    return cell.text if cell.is_first or is_label else ""
