"""Workbooks (.xlsx) with a cell far from all others, as a slip of the keyboard makes.

calamine lays a sheet out as a rectangle from its first cell to its last; one cell at XFD1048576
takes 17 billion places. So the empty rows and columns of such a sheet are taken out before
calamine reads it, and its rows keep the numbers they had.
"""

import io
import re
import zipfile
from dataclasses import dataclass

from rag.formats.office.ooxml import Package
from rag.formats.safe_xml import attribute, local
from rag.formats.safe_zip import Archive
from rag.formats.spreadsheets.sheet_details import column_letters, column_number

MOST_PLACES = 4_000_000
"""Of a sheet's rectangle. calamine takes some 30 bytes a place, and a worker has 1.5 GiB."""

_CELL = re.compile(rb"""(<(?:\w+:)?c\s[^>]*?\br=["'])([A-Za-z]{1,3})([0-9]{1,7})(?=["'])""")
_ROW = re.compile(rb"""(<(?:\w+:)?row\s[^>]*?\br=["'])([0-9]{1,7})(?=["'])""")
_DIMENSION = re.compile(rb"<(?:\w+:)?dimension\s[^>]*/>")


@dataclass(frozen=True, slots=True)
class Workbook:
    """A workbook's bytes for calamine, and what was done to its sheets."""

    data: bytes
    rows: dict[str, list[int]]
    """Of each sheet that was closed up, by name: the true number of each of its rows."""
    too_wide: frozenset[str]
    """Names of the sheets that are too large even so; calamine must not be asked for them."""


def closed_up(data: bytes, archive: Archive) -> Workbook:
    """Return a workbook whose sheets are small enough. Raises UnreadableFileError."""
    parts = {part: archive.read(part) for part in sheet_parts(data).values() if archive.has(part)}
    sparse = {part: content for part, content in parts.items() if _places(content) > MOST_PLACES}
    if not sparse:
        return Workbook(data, {}, frozenset())
    closed = {part: _closed(content) for part, content in sparse.items()}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as rewritten:
        for name in dict.fromkeys(archive.names()):
            if name.endswith((".xml", ".rels")):
                rewritten.writestr(name, closed[name][0] if name in closed else archive.read(name))
    names = {name: part for name, part in sheet_parts(data).items() if part in closed}
    return Workbook(
        made.getvalue(),
        {name: closed[part][1] for name, part in names.items()},
        frozenset(n for n, part in names.items() if _places(closed[part][0]) > MOST_PLACES),
    )


def sheet_parts(data: bytes) -> dict[str, str]:
    """Return the part of each sheet, by the sheet's name."""
    package = Package(data)
    main = package.main_part()
    targets = {identity: target for identity, _, target in package.relations(main)}
    sheets = (e for e in package.tree(main).iter() if local(e) == "sheet")
    return {attribute(e, "name"): targets.get(attribute(e, "id"), "") for e in sheets}


def _places(sheet: bytes) -> int:
    """Return the size of the rectangle that holds all cells of a sheet."""
    columns, rows = _taken(sheet)
    if not rows:
        return 0
    return (max(rows) - min(rows) + 1) * (max(columns) - min(columns) + 1)


def _taken(sheet: bytes) -> tuple[set[int], set[int]]:
    """Return the columns and the rows that hold cells, both counted from 1."""
    columns, rows = set(), set()
    for cell in _CELL.finditer(sheet):
        columns.add(column_number(cell[2]))
        rows.add(int(cell[3]))
    return columns, rows


def _closed(sheet: bytes) -> tuple[bytes, list[int]]:
    """Return a sheet without its empty rows and columns, and the numbers its rows had."""
    columns, rows = _taken(sheet)
    rows.update(int(match[2]) for match in _ROW.finditer(sheet))
    column_at = {column: at for at, column in enumerate(sorted(columns), start=1)}
    row_at = {row: at for at, row in enumerate(sorted(rows), start=1)}

    def cell(match: re.Match[bytes]) -> bytes:
        column = column_letters(column_at[column_number(match[2])]).encode()
        return match[1] + column + str(row_at[int(match[3])]).encode()

    def row(match: re.Match[bytes]) -> bytes:
        return match[1] + str(row_at[int(match[2])]).encode()

    closed = _ROW.sub(row, _CELL.sub(cell, _DIMENSION.sub(b"", sheet)))
    return closed, sorted(rows)
