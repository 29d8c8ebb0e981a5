"""The tables of a page: found among its lines, and put in their place in the order of the page."""

from collections.abc import Sequence

from rag.formats.pdf.columns import gutter
from rag.formats.pdf.lines import Line
from rag.formats.pdf.tables.aligned import aligned_tables, visual_rows
from rag.formats.pdf.tables.cells import Table, table_line
from rag.formats.pdf.tables.ruled import Grid, ruled_tables

_LEAST_ROWS = 2
"""Rows of several lines side by side, on a page that may have a table."""
_SHORT = 30
"""Letters of a text that may be a cell's; of running text in columns a line has more."""
_MOST_GRIDS = 100


class _Taken:
    """Which lines are part of a table: by their identity, since two may be equal."""

    def __init__(self) -> None:
        self.tables: dict[int, Line] = {}

    def take(self, table: Table, lines: Sequence[Line]) -> None:
        whole = table_line(table, lines)
        self.tables.update((id(line), whole) for line in lines)

    def rest(self, lines: Sequence[Line]) -> list[Line]:
        return [line for line in lines if id(line) not in self.tables]


def may_have_tables(rows: Sequence[Sequence[Line]]) -> bool:
    """Tell whether lines stand side by side on a page, as cells do."""
    level = [line for row in rows for line in row if not line.turned]
    beside = [row for row in visual_rows(level) if len(row) > 1]
    return sum(min(len(line.text) for line in row) <= _SHORT for row in beside) >= _LEAST_ROWS


def with_tables(
    rows: Sequence[Sequence[Line]], ruled: Sequence[Grid], heights: Sequence[float]
) -> list[list[Line]]:
    """Return a page's rows, each table as one line in the place of its first.

    `ruled` are the grids that are drawn on the page, `heights` those of all its level rules.
    """
    whole = [list(row) for row in rows]
    taken = _Taken()
    level = [line for row in rows for line in row if not line.turned]
    for grid in ruled[:_MOST_GRIDS]:
        for table, lines in list(ruled_tables(grid, taken.rest(level))):
            taken.take(table, lines)
    free = [line for line in taken.rest(level) if not line.field]
    for table, lines in aligned_tables(free, heights):
        taken.take(table, lines)
    at = gutter(visual_rows(free))
    if at is not None:  # columns of text, one of which may hold a table beside the text of another
        free = taken.rest(free)
        for side in (
            [line for line in free if line.right <= at],
            [line for line in free if line.left >= at],
        ):
            for table, lines in aligned_tables(side, heights):
                taken.take(table, lines)
    return _in_place(whole, taken.tables) if taken.tables else whole


def _in_place(rows: Sequence[Sequence[Line]], tables: dict[int, Line]) -> list[list[Line]]:
    placed: set[int] = set()
    in_place = []
    for row in rows:
        others = []
        for line in row:
            table = tables.get(id(line))
            if table is None:
                others.append(line)
            elif id(table) not in placed:
                placed.add(id(table))
                in_place.append([table])
        if others:
            in_place.append(others)
    return in_place
