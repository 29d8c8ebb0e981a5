"""Old workbooks (.xls) with a cell far from all others, closed up as those of .xlsx are.

The layout is that of Microsoft's published [MS-XLS]: a stream of records, each with its type and
length. Only the places that cells name are changed, so that every record keeps its length.
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from rag.formats.spreadsheets.xlsx_gaps import MOST_PLACES, Workbook

_BIFF8 = 0x0600
_BOF, _EOF, _SHEET, _DIMENSIONS = 0x0809, 0x000A, 0x0085, 0x0200
MULTIPLE = 0x00BD
"""Numbers side by side, MulRk; its last two bytes are its last column."""
_CELLS = {0x0006, 0x00D6, 0x00FD, 0x0203, 0x0204, 0x0205, 0x027E, MULTIPLE}
"""Formula, RString, LabelSst, Number, Label, BoolErr, RK, MulRk: a row, then a column."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record: its type, and where its content lies in the stream."""

    kind: int
    start: int
    end: int


def closed_up_biff(data: bytes) -> Workbook:
    """Return a workbook whose sheets are small enough; as it is, if it is damaged."""
    import olefile

    unchanged = Workbook(data, {}, frozenset())
    file = io.BytesIO(data)
    try:
        container = olefile.OleFileIO(file, write_mode=True)
        if not container.exists("Workbook"):
            return unchanged
        stream = bytearray(container.openstream("Workbook").read())
    except OSError:
        return unchanged  # calamine says what is wrong with it
    if len(stream) < 6 or struct.unpack_from("<HHH", stream)[::2] != (_BOF, _BIFF8):
        return unchanged
    parts = {name: list(records(stream, at)) for name, at in sheets(stream)}
    if sum(_places(stream, part) for part in parts.values()) <= MOST_PLACES:
        return unchanged
    numbers = {name: _close(stream, part) for name, part in parts.items()}
    container.write_stream("Workbook", bytes(stream))
    return Workbook(file.getvalue(), numbers, frozenset())


def sheets(stream: bytearray) -> Iterator[tuple[str, int]]:
    """Give each sheet's name and where its records begin."""
    for record in records(stream, 0):
        if record.kind == _SHEET and record.end - record.start > 8:
            (at,) = struct.unpack_from("<I", stream, record.start)
            length, wide = stream[record.start + 6], stream[record.start + 7] & 1
            name = bytes(stream[record.start + 8 : record.start + 8 + length * (1 + wide)])
            yield name.decode("utf-16-le" if wide else "latin-1", "replace"), at


def records(stream: bytearray, at: int) -> Iterator[Record]:
    """Give the records from a place on, up to the end of what begins there; charts left out."""
    depth = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        depth += (kind == _BOF) - (kind == _EOF)
        if depth <= 0 or at + 4 + length > len(stream):
            return
        if depth == 1:
            yield Record(kind, at + 4, at + 4 + length)
        at += 4 + length


def cells(stream: bytearray, part: list[Record]) -> Iterator[tuple[Record, int, int, int]]:
    """Give each record of cells with its row, first and last column, from 0."""
    for record in part:
        if record.kind in _CELLS and record.end - record.start >= 6:
            row, first = struct.unpack_from("<HH", stream, record.start)
            last = first
            if record.kind == MULTIPLE:
                (last,) = struct.unpack_from("<H", stream, record.end - 2)
            yield record, row, first, max(first, last)


def _places(stream: bytearray, part: list[Record]) -> int:
    """Return the size of the rectangle that holds all cells, or that the sheet says it has."""
    rows = columns = 0
    for record in part:
        if record.kind == _DIMENSIONS and record.end - record.start >= 12:
            _, rows, _, columns = struct.unpack_from("<IIHH", stream, record.start)
    for _, row, _, last in cells(stream, part):
        rows, columns = max(rows, row + 1), max(columns, last + 1)
    return rows * columns


def _close(stream: bytearray, part: list[Record]) -> list[int]:
    """Take empty rows and columns out of a sheet; return the numbers its rows had, from 1."""
    places = list(cells(stream, part))
    rows = sorted({row for _, row, _, _ in places})
    columns = {column for _, _, first, last in places for column in range(first, last + 1)}
    row_at = {row: at for at, row in enumerate(rows)}
    column_at = {column: at for at, column in enumerate(sorted(columns))}
    for record, row, first, last in places:
        struct.pack_into("<HH", stream, record.start, row_at[row], column_at[first])
        if record.kind == MULTIPLE:
            struct.pack_into("<H", stream, record.end - 2, column_at[last])
    for record in part:
        if record.kind == _DIMENSIONS:
            stream[record.start : record.end] = bytes(record.end - record.start)
    return [row + 1 for row in rows]
