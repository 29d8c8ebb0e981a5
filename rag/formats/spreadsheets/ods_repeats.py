"""Spreadsheets (.ods) that repeat a cell or a row more often than there is room for.

Such a file says how often a cell or a row is repeated. A cell in the last corner, or a count beyond
any sheet, makes a rectangle of it that calamine cannot lay out: it drops cells, or takes the whole
workbook for no workbook. So the empty rows and columns of such a sheet are taken out before it is
read, its rows keep the numbers they had, and what is repeated without end is read once.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape

from rag.formats.safe_zip import Archive
from rag.formats.spreadsheets.xlsx_gaps import MOST_PLACES, Workbook

MOST_REPEATS = 1_000
"""Of a cell or row that is not empty, in a sheet that is closed up; what has more is read once."""

_ATTRIBUTES = rb"""((?:"[^"]*"|'[^']*'|[^>"'/]|/(?!>))*)"""
_TABLE = re.compile(rb"(<table:table\s[^>]*(?<!/)>)(.*?)</table:table>", re.DOTALL)
_NAME = re.compile(rb"""\stable:name=(?:"([^"]*)"|'([^']*)')""")
_ROW = re.compile(
    rb"<table:table-row\b" + _ATTRIBUTES + rb"(?:/>|>(.*?)</table:table-row>)", re.DOTALL
)
_CELL = re.compile(
    rb"<(table:table-cell|table:covered-table-cell)\b" + _ATTRIBUTES + rb"(?:/>|>(.*?)</\1>)",
    re.DOTALL,
)
_REPEATED = re.compile(
    rb"""\stable:number-(?:rows|columns)-repeated=["']\s*([0-9]{1,15})[0-9]*\s*["']"""
)


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell that is not empty: its first column, counted from 0, and its XML without a count."""

    column: int
    width: int
    xml: bytes


@dataclass(frozen=True, slots=True)
class _Row:
    """A row that holds cells: its number, counted from 1, and how often it is repeated."""

    number: int
    count: int
    cells: tuple[_Cell, ...]


def without_gaps(data: bytes, archive: Archive) -> Workbook:
    """Return a workbook whose sheets are small enough. Raises UnreadableFileError."""
    content = archive.read("content.xml")
    numbers: dict[str, list[int]] = {}
    too_wide: set[str] = set()

    def table(found: re.Match[bytes]) -> bytes:
        rows = list(_rows(found[2]))
        if _fits(rows):
            return found[0]
        closed = _closed(rows)
        if _places(closed) > MOST_PLACES:
            too_wide.add(_name(found[1]))
            closed = []
        numbers[_name(found[1])] = [
            row.number + after for row in rows for after in range(_shortened(row.count))
        ]
        return found[1] + b"".join(map(_xml, closed)) + b"</table:table>"

    rewritten = _TABLE.sub(table, content)
    if not numbers:
        return Workbook(data, {}, frozenset())
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as new:
        for name in dict.fromkeys(archive.names()):
            if name == "content.xml":
                new.writestr(name, rewritten)
            elif name in ("mimetype", "META-INF/manifest.xml"):
                new.writestr(name, archive.read(name))
    return Workbook(made.getvalue(), numbers, frozenset(too_wide))


def _rows(table: bytes) -> Iterator[_Row]:
    """Give the rows of a sheet that hold cells."""
    number = 1
    for found in _ROW.finditer(table):
        count = _count(found[1])
        if cells := tuple(_cells(found[2] or b"")):
            yield _Row(number, count, cells)
        number += count


def _cells(row: bytes) -> Iterator[_Cell]:
    """Give the cells of a row that hold anything."""
    column = 0
    for found in _CELL.finditer(row):
        width = _count(found[2])
        if found[3] or b"office:" in found[2]:
            tag, attributes = found[1], _REPEATED.sub(b"", found[2])
            xml = b"<%b%b>%b</%b>" % (tag, attributes, found[3] or b"", tag)
            yield _Cell(column, width, xml)
        column += width


def _count(attributes: bytes) -> int:
    found = _REPEATED.search(attributes)
    return int(found[1]) if found else 1


def _shortened(count: int) -> int:
    """Return how often a cell or row is read that is repeated so often."""
    return count if count <= MOST_REPEATS else 1


def _places(rows: Sequence[_Row]) -> int:
    """Return the size of the rectangle from a sheet's first place to its last cell."""
    if not rows:
        return 0
    width = max(row.cells[-1].column + row.cells[-1].width for row in rows)
    return (rows[-1].number + rows[-1].count - 1) * width


def _fits(rows: Sequence[_Row]) -> bool:
    """Tell whether calamine can lay a sheet out as it is, and its rows are worth it."""
    repeats = max((row.count for row in rows), default=0)
    return _places(rows) <= MOST_PLACES and repeats <= MOST_REPEATS


def _closed(rows: Sequence[_Row]) -> list[_Row]:
    """Return rows as they stand when empty rows and columns are taken out."""
    taken: set[int] = set()
    for row in rows:
        for cell in row.cells:
            taken.update(range(cell.column, cell.column + _shortened(cell.width)))
    at = {column: place for place, column in enumerate(sorted(taken))}
    closed = []
    number = 1
    for row in rows:
        cells = (_Cell(at[c.column], _shortened(c.width), c.xml) for c in row.cells)
        closed.append(_Row(number, _shortened(row.count), tuple(cells)))
        number += closed[-1].count
    return closed


def _xml(row: _Row) -> bytes:
    """Return a row, as often as it is repeated, with the gaps between its cells."""
    pieces = []
    at = 0
    for cell in row.cells:
        if cell.column > at:
            gap = cell.column - at
            pieces.append(b'<table:table-cell table:number-columns-repeated="%d"/>' % gap)
        pieces.append(cell.xml * cell.width)
        at = cell.column + cell.width
    return b"<table:table-row>%b</table:table-row>" % b"".join(pieces) * row.count


def _name(opening: bytes) -> str:
    """Return a sheet's name, as its opening tag has it."""
    found = _NAME.search(opening)
    return unescape((found[1] or found[2] or b"").decode("utf-8", "replace")) if found else ""
