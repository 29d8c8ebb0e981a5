"""Number formats, errors and hidden rows of old sheets (.xls), which calamine does not give.

The layout of the records is that of Microsoft's published [MS-XLS], 2.4.
"""

import io
import struct
from collections.abc import Iterator

from rag.formats.spreadsheets.cell_formats.number_formats import BUILT_IN, GENERAL
from rag.formats.spreadsheets.sheet_details import CellCodes, SheetDetails
from rag.formats.spreadsheets.xls_gaps import MULTIPLE, Record, cells, records, sheets

_FORMAT, _STYLE = 0x041E, 0x00E0
_FORMULA, _TRUTH_OR_ERROR, _ROW, _COLUMNS = 0x0006, 0x0205, 0x0208, 0x007D
_ROW_HIDDEN = 0x20
_ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?",
    0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip
"""2.5.10, BErr."""


class XlsDetails:
    """A workbook's number formats and the records of its sheets."""

    def __init__(self, data: bytes) -> None:
        """Read the formats; of a workbook from before 1997, or a damaged one, nothing."""
        import olefile

        self._stream = bytearray()
        try:
            container = olefile.OleFileIO(io.BytesIO(data))
            if container.exists("Workbook"):
                self._stream = bytearray(container.openstream("Workbook").read())
        except OSError:
            return  # calamine says what is wrong with it
        self._sheets = dict(sheets(self._stream))
        own: dict[int, str] = {}
        styles: list[int] = []
        for record in records(self._stream, 0):
            if record.kind == _FORMAT and record.end - record.start >= 5:
                (number,) = struct.unpack_from("<H", self._stream, record.start)
                own[number] = self._text(record.start + 2, record.end)
            elif record.kind == _STYLE and record.end - record.start >= 4:
                styles.append(struct.unpack_from("<H", self._stream, record.start + 2)[0])
        self._codes = [own.get(number) or BUILT_IN.get(number, GENERAL) for number in styles]

    def _text(self, start: int, end: int) -> str:
        """Return a string with its length and kind before it: XLUnicodeString, 2.5.294."""
        length, is_wide = struct.unpack_from("<HB", self._stream, start)
        raw = bytes(self._stream[start + 3 : min(end, start + 3 + length * (1 + (is_wide & 1)))])
        return raw.decode("utf-16-le" if is_wide & 1 else "latin-1", "replace")

    def of_sheet(self, sheet: str, height: int, width: int) -> SheetDetails:
        """Return the details of a sheet of some height and width, nothing of a missing one."""
        if not self._stream or sheet not in self._sheets:
            return SheetDetails()
        contents = list(records(self._stream, self._sheets[sheet]))
        codes = CellCodes(height, width)
        for row, column, style in self._styles(contents):
            if style < len(self._codes) and self._codes[style] not in (GENERAL, "@"):
                codes.set(row, column, self._codes[style])
        hidden_rows = frozenset(self._hidden_rows(contents))
        hidden_columns = frozenset(self._hidden_columns(contents))
        return SheetDetails(codes, dict(self._errors(contents)), hidden_rows, hidden_columns)

    def _styles(self, contents: list[Record]) -> Iterator[tuple[int, int, int]]:
        """Give the row, column and style of each cell."""
        for record, row, first, last in cells(self._stream, contents):
            if record.kind != MULTIPLE:
                yield row, first, struct.unpack_from("<H", self._stream, record.start + 4)[0]
                continue
            for at in range(min(last - first + 1, (record.end - record.start - 6) // 6)):
                place = record.start + 4 + 6 * at
                yield row, first + at, struct.unpack_from("<H", self._stream, place)[0]

    def _errors(self, contents: list[Record]) -> Iterator[tuple[tuple[int, int], str]]:
        """Give the place of each cell that shows an error, and the error."""
        for record in contents:
            size = record.end - record.start
            if record.kind == _TRUTH_OR_ERROR and size >= 8:
                row, column, _, code, is_error = struct.unpack_from(
                    "<HHHBB", self._stream, record.start
                )
            elif record.kind == _FORMULA and size >= 14:
                row, column, _, kind, _, code, _, mark = struct.unpack_from(
                    "<HHHBBB3sH", self._stream, record.start
                )
                is_error = kind == 2 and mark == 0xFFFF
            else:
                continue
            if is_error and code in _ERRORS:
                yield (row, column), _ERRORS[code]

    def _hidden_rows(self, contents: list[Record]) -> Iterator[int]:
        for record in contents:
            if record.kind == _ROW and record.end - record.start >= 16:
                row, flags = struct.unpack_from("<H10xI", self._stream, record.start)
                if flags & _ROW_HIDDEN:
                    yield row

    def _hidden_columns(self, contents: list[Record]) -> Iterator[int]:
        for record in contents:
            if record.kind == _COLUMNS and record.end - record.start >= 10:
                first, last, _, _, flags = struct.unpack_from("<5H", self._stream, record.start)
                if flags & 1:
                    yield from range(first, min(last, 255) + 1)
