"""A table's cells to rows in which each value stands under its column.

A cell that spans rows or columns says its value for each of them, so its text is repeated there;
one that spans a whole row, as the title of a group does, stands once.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

MOST_COLUMNS = 1_000
"""That one cell spans (HTML Standard, 4.9.11)."""
_LONGEST_REPEATED = 200  # letters
_REPEATS_PER_CELL = 4
_REPEATS = 10_000
"""Repeats in a table beside those per cell: more are no table, but made to be large."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table as the file has it."""

    text: str
    columns: int = 1
    rows: int = 1
    """0 spans all rows to the end of the section."""
    is_header: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row as the file has it."""

    cells: Sequence[Cell]
    section: int = 0
    """No cell spans from one section into the next."""
    is_head: bool = False
    """Whether it stands in the head of the table."""

    @property
    def is_header(self) -> bool:
        """Whether the markup says that it names columns."""
        named = self.cells[1:] if not self.cells[0].text else self.cells  # an empty corner
        return self.is_head or (bool(named) and all(cell.is_header for cell in named))


@dataclass(frozen=True, slots=True)
class Grid:
    """A table, cell by cell."""

    titles: tuple[str, ...]
    """What stands across the whole table at its top."""
    rows: tuple[tuple[str, ...], ...]
    headers: int | None
    """How many rows the markup says are headers; None when it has no header cells at all."""

    @classmethod
    def of(cls, rows: Sequence[Row]) -> "Grid":
        """Lay out a table's rows; those that only hold values of the rows below are left out."""
        laid_out = _laid_out([row for row in rows if row.cells])
        rows = [row for row, _ in laid_out]
        lines = [line for _, line in laid_out]
        starts = sorted({start for line in lines for start, _, _ in line})
        cells = _spread(lines, starts)
        above = 0
        while above < len(cells) - 1 and len(cells[above]) == 1 and len(starts) > 1:
            above += 1
        marked = any(row.is_head or any(c.is_header for c in row.cells) for row in rows)
        headers = 0
        for row in rows[above:]:
            if not row.is_header:
                break
            headers += 1
        if headers == len(rows) - above and not any(row.is_head for row in rows):
            marked = False  # nothing but headers are none
        return cls(
            tuple(line[0] for line in cells[:above] if line[0]),
            tuple(cells[above:]),
            headers if marked else None,
        )

    @property
    def width(self) -> int:
        """The number of columns."""
        return max(map(len, self.rows), default=0)


_Span = tuple[int, int, str]
"""Its first column, the one after its last, and its text."""


def _laid_out(rows: Sequence[Row]) -> list[tuple[Row, list[_Span]]]:
    """Return each row with its cells and those that reach into it, from left to right."""
    allowed = _REPEATS + _REPEATS_PER_CELL * sum(len(row.cells) for row in rows)
    lines: list[tuple[Row, list[_Span]]] = []
    reaching: list[tuple[_Span, int]] = []
    section = 0
    for position, row in enumerate(rows):
        if row.section != section or allowed < 0:
            reaching, section = [], row.section
        allowed -= len(reaching)
        line, tall = _placed(row, [span for span, _ in reaching])
        is_last = position + 1 == len(rows) or rows[position + 1].section != section
        if is_last or len(tall) < len(row.cells):
            lines.append((row, line))
        reaching = [(span, left - 1) for span, left in reaching if left > 1] + tall
        reaching.sort()
    return lines


def _placed(row: Row, taken: Sequence[_Span]) -> tuple[list[_Span], list[tuple[_Span, int]]]:
    """Place a row's cells in the columns that are free; also return those that go on below."""
    line = [(start, end, text if len(text) <= _LONGEST_REPEATED else "")
            for start, end, text in taken]  # fmt: skip
    tall: list[tuple[_Span, int]] = []
    column = next_taken = 0
    for cell in row.cells:
        while next_taken < len(taken) and taken[next_taken][0] <= column:
            column = max(column, taken[next_taken][1])
            next_taken += 1
        end = column + max(1, min(cell.columns, MOST_COLUMNS))
        if next_taken < len(taken):
            end = min(end, taken[next_taken][0])
        span = (column, end, cell.text)
        line.append(span)
        if cell.rows != 1:
            tall.append((span, cell.rows - 1 if cell.rows > 1 else 1 << 30))
        column = end
    return sorted(line), tall


def _spread(lines: Sequence[Sequence[_Span]], starts: Sequence[int]) -> list[tuple[str, ...]]:
    """Return each row's texts, one to each column that begins somewhere in the table."""
    places = [[(bisect_left(starts, start), bisect_left(starts, end), text)
               for start, end, text in line] for line in lines]  # fmt: skip
    spread = sum(line[-1][1] for line in places if line)
    if spread > _REPEATS + _REPEATS_PER_CELL * sum(map(len, lines)):
        return [tuple(text for _, _, text in line) for line in places]
    return [_across(line, len(starts)) for line in places]


def _across(line: Sequence[_Span], width: int) -> tuple[str, ...]:
    if len(line) == 1 and line[0][:2] == (0, width):
        return (line[0][2],)
    cells: list[str] = []
    for first, after, text in line:
        again = text if len(text) <= _LONGEST_REPEATED else ""
        cells += [""] * (first - len(cells)) + [text] + [again] * (after - first - 1)
    return tuple(cells)
