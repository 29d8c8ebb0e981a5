"""Tables that go on overleaf: the columns of their further rows are named at their beginning."""

from rag.formats import tables
from rag.formats.extract import Gathering, one_lined
from rag.formats.pdf.page_breaks import Placed

_NEAR = 6.0
"""Points by which a table's sides may differ from page to page."""


class ContinuedTables:
    """Adds tables; one that stands first on a page may go on that which stood last before it."""

    def __init__(self, gathered: Gathering) -> None:
        """Begin before the first table."""
        self._gathered = gathered
        self._last: Placed | None = None
        self._names = ""

    def add(self, placed: Placed) -> None:
        """Add a table."""
        piece = placed.piece
        cells = [one_lined(row) for row in piece.rows]
        if self._names and self._goes_on(placed):
            for line in tables.lines(cells, tables.NO_HEADER):
                self._gathered.add(line, columns=self._names, gap="\n")
        else:
            self._gathered.table(piece.rows, piece.headers)
            self._names = tables.header(cells, piece.headers).names
        self._last = placed

    def end(self) -> None:
        """Note that other text follows: the next table is one of its own."""
        self._last, self._names = None, ""

    def _goes_on(self, placed: Placed) -> bool:
        last, piece = self._last, placed.piece
        if last is None or placed.first != last.last + 1 or piece.headers is not None:
            return False
        one, other = last.piece.lines[0], piece.lines[0]
        is_below = abs(one.left - other.left) <= _NEAR and abs(one.right - other.right) <= _NEAR
        width = len(last.piece.rows[0])
        repeats = one_lined(piece.rows[0]) in [one_lined(row) for row in last.piece.rows[:3]]
        return is_below and len(piece.rows[0]) == width and not repeats
