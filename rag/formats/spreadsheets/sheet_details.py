"""What a sheet says of its cells beside their values: number formats, errors, what is hidden."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from rag.formats.spreadsheets.cell_formats.number_formats import GENERAL, shown

_FILLED_AT_MOST = 1_000_000
"""Places that the merged cells of a sheet are filled into."""
_LONGEST_LABEL = 200
"""Characters; a longer text of merged cells is a remark, and stands once."""

_MOST_NAMED = 5
"""Hidden columns that a citation names."""

Range = tuple[tuple[int, int], tuple[int, int]]
"""The first and the last row and column of merged cells, counted from 0."""


class CellCodes:
    """The number format of each cell of a sheet; a place counts from 0."""

    def __init__(self, height: int, width: int) -> None:
        """Begin with no format for any cell."""
        self._height, self._width = height, width
        self._numbers = array("H", bytes(2 * height * width))
        self._codes: dict[str, int] = {GENERAL: 0}
        self._by_number = [GENERAL]

    def set(self, row: int, column: int, code: str) -> None:
        """Set the format of a cell; of one outside the sheet, do nothing."""
        if row < self._height and column < self._width:
            number = self._codes.get(code)
            if number is None:
                number = self._codes[code] = len(self._by_number)
                self._by_number.append(code)
            self._numbers[row * self._width + column] = number

    def row(self, row: int) -> list[str]:
        """Return the format of each cell of a row."""
        start = row * self._width
        return [self._by_number[n] for n in self._numbers[start : start + self._width]]


@dataclass(frozen=True, slots=True)
class SheetDetails:
    """What is known of a sheet's cells; rows and columns count from 0."""

    codes: CellCodes | None = None
    errors: Mapping[tuple[int, int], str] = field(default_factory=dict)
    """Cells that show an error such as #N/A."""
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()

    def hidden(self, row: int, cells: Sequence[str]) -> str:
        """Return what a citation says of a row that is hidden, or of its hidden columns."""
        if row in self.hidden_rows:
            return " (hidden)"
        if not self.hidden_columns:
            return ""
        columns = [
            column_letters(column + 1)
            for column in sorted(self.hidden_columns)
            if column < len(cells) and cells[column]
        ]
        if not columns:
            return ""
        more = "" if len(columns) <= _MOST_NAMED else " and more"
        noun = "column" if len(columns) == 1 else "columns"
        return f" ({noun} {', '.join(columns[:_MOST_NAMED])}{more} hidden)"


def texts(values: Sequence[Sequence[Any]], details: SheetDetails) -> list[list[str]]:
    """Return the text that each cell of a sheet shows."""
    if details.codes is None:
        rows = [[shown(value) for value in row] for row in values]
    else:
        codes = details.codes
        rows = [list(map(shown, row, codes.row(at))) for at, row in enumerate(values)]
    for (row, column), error in details.errors.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = error
    return rows


def fill_merged(rows: list[list[str]], ranges: Sequence[Range], header_rows: int) -> None:
    """Repeat the label of merged cells in each row that they span, at its first column.

    Within the first `header_rows` rows it stands in each column too, as names of columns do.
    """
    left = _FILLED_AT_MOST
    for (top, first), (bottom, last) in ranges:
        if top >= len(rows) or first >= len(rows[top]):
            continue
        label = rows[top][first]
        if not label or len(label) > _LONGEST_LABEL:
            continue
        for row in range(top, min(bottom + 1, len(rows))):
            wide = min(last + 1, len(rows[row])) if row < header_rows else first + 1
            left -= max(1, wide - first)
            if left < 0:
                return
            rows[row][first:wide] = [cell or label for cell in rows[row][first:wide]]


@lru_cache(maxsize=20_000)
def column_number(letters: bytes) -> int:
    """Return a column's number, A being 1."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - ord("A") + 1
    return number


def column_letters(number: int) -> str:
    """Return a column's letters, the first being A."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
