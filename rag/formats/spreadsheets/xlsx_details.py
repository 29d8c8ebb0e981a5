"""Number formats, errors and hidden rows of .xlsx sheets: ECMA-376 Part 1, 18.3 and 18.8.

calamine gives the values of cells alone. The cells' XML is searched, not parsed: only those with
a format matter, and most sheets have none.
"""

import re
from collections.abc import Iterator, Sequence
from html import unescape

from rag.formats.office.ooxml import Package
from rag.formats.safe_xml import attribute, local
from rag.formats.spreadsheets.cell_formats.number_formats import BUILT_IN, GENERAL
from rag.formats.spreadsheets.sheet_details import CellCodes, SheetDetails, column_number
from rag.formats.spreadsheets.xlsx_gaps import sheet_parts

# What a tag must hold is looked for ahead: tried only once, a tag without an end costs no time.
_MOST_ERRORS = 100_000
_WIDEST = 16_384
"""Columns of a sheet."""
_MOST_TRIED = 64
"""Styles that are told apart while searching; of more, every styled cell is looked at."""
_UNPLACED = re.compile(rb"<(?:\w+:)?c(?=[\s/>])(?![^<>]*?\sr=)")
_STYLE = re.compile(rb"""\ss=["'](\d{1,6})["']""")
_PLACE = re.compile(rb"""\sr=["']([A-Za-z]{0,3})(\d{1,7})["']""")
_ERROR = re.compile(
    rb"""<(?:\w+:)?c(?=\s[^<>]*?\bt=["']e["'])([^<>]*)>\s*"""
    rb"(?:<(?:\w+:)?f\b[^<>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*)?<(?:\w+:)?v>([^<]*)<"
)
_ANY_ERROR = re.compile(rb"""\st=["']e["']""")
_HIDDEN_ROW = re.compile(rb"""<(?:\w+:)?row(?=\s[^<>]*?\bhidden=["'](?:1|true)["'])([^<>]*)>""")
_COLUMN = re.compile(rb"<(?:\w+:)?col(\s[^<>]*)>")
_HIDDEN = re.compile(rb"""\shidden=["'](?:1|true)["']""")
_FIRST_LAST = tuple(re.compile(rb"""\s%b=["'](\d{1,5})["']""" % name) for name in (b"min", b"max"))
_ROW_OR_CELL = re.compile(rb"<(?:\w+:)?(row|c)(?=[\s/>])([^<>]*)>")


class XlsxDetails:
    """A workbook's number formats and the XML of its sheets."""

    def __init__(self, data: bytes) -> None:
        """Read the styles. Raises UnreadableFileError when they are damaged."""
        self._package = Package(data)
        self._parts = sheet_parts(data)
        self._codes = _style_codes(self._package)

    def of_sheet(self, sheet: str, height: int, width: int) -> SheetDetails:
        """Return the details of a sheet of some height and width, nothing of a missing one."""
        part = self._parts.get(sheet, "")
        if not self._package.has(part):
            return SheetDetails()
        return sheet_details(self._package.read(part), self._codes, height, width)


def _style_codes(package: Package) -> list[str]:
    """Return the number format of each style of a cell, by the style's number.

    Raises UnreadableFileError when the styles are damaged.
    """
    part = next((t for kind, t in package.related(package.main_part()) if kind == "styles"), "")
    if not package.has(part):
        return []
    root = package.tree(part)
    own = {
        attribute(e, "numFmtId"): attribute(e, "formatCode")
        for e in root.iter()
        if local(e) == "numFmt"
    }
    formats = next((e for e in root if local(e) == "cellXfs"), ())
    numbers = [attribute(e, "numFmtId") for e in formats if local(e) == "xf"]
    built_in = {str(number): code for number, code in BUILT_IN.items()}
    return [own.get(number) or built_in.get(number, GENERAL) for number in numbers]


def sheet_details(sheet: bytes, codes: Sequence[str], height: int, width: int) -> SheetDetails:
    """Return what a sheet's XML says of its cells, given each style's number format."""
    formatted = {number for number, code in enumerate(codes) if code not in (GENERAL, "@")}
    grid = CellCodes(height, width) if formatted else None
    if grid is not None:
        for row, column, style in _styled(sheet, formatted):
            grid.set(row, column, codes[style])
    if b"hidden=" not in sheet:
        return SheetDetails(grid, dict(_errors(sheet)))
    return SheetDetails(
        grid,
        dict(_errors(sheet)),
        frozenset(row for match in _HIDDEN_ROW.finditer(sheet) for row in _row(match[1])),
        frozenset(_hidden_columns(sheet)),
    )


def _styled(sheet: bytes, styles: set[int]) -> Iterator[tuple[int, int, int]]:
    """Give the row, column and style of each cell that has one of some styles."""
    if _UNPLACED.search(sheet):
        yield from _counted(sheet, styles)
        return
    numbers = rb"\d{1,6}"
    if len(styles) <= _MOST_TRIED:
        numbers = b"|".join(str(style).encode() for style in sorted(styles))
    cell = re.compile(rb"""<(?:\w+:)?c(?=\s[^<>]*?\ss=["'](?:%b)["'])([^<>]*)>""" % numbers)
    for match in cell.finditer(sheet):
        place, style = _PLACE.search(match[1]), _STYLE.search(match[1])
        if place and style and int(style[1]) in styles:
            yield int(place[2]) - 1, column_number(place[1]) - 1, int(style[1])


def _counted(sheet: bytes, styles: set[int]) -> Iterator[tuple[int, int, int]]:
    """Give cells as `_styled` does, where those without a place follow the one before."""
    row = column = -1
    for match in _ROW_OR_CELL.finditer(sheet):
        place = _PLACE.search(match[2])
        if match[1] == b"row":
            row, column = int(place[2]) - 1 if place else row + 1, -1
            continue
        column = column_number(place[1]) - 1 if place else column + 1
        style = _STYLE.search(match[2])
        if style and int(style[1]) in styles:
            yield row, column, int(style[1])


def _errors(sheet: bytes) -> Iterator[tuple[tuple[int, int], str]]:
    """Give the place of each cell that shows an error, and the error."""
    if not _ANY_ERROR.search(sheet):
        return
    for count, match in enumerate(_ERROR.finditer(sheet)):
        place = _PLACE.search(match[1])
        if place and count < _MOST_ERRORS:
            text = unescape(match[2].decode("utf-8", "replace"))
            yield (int(place[2]) - 1, column_number(place[1]) - 1), text


def _row(attributes: bytes) -> Iterator[int]:
    place = _PLACE.search(attributes)
    if place:
        yield int(place[2]) - 1


def _hidden_columns(sheet: bytes) -> Iterator[int]:
    for match in _COLUMN.finditer(sheet):
        first, last = (bound.search(match[1]) for bound in _FIRST_LAST)
        if _HIDDEN.search(match[1]) and first and last:
            yield from range(int(first[1]) - 1, min(int(last[1]), _WIDEST))
