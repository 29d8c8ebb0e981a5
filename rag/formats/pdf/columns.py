"""The order in which a PDF page is read, where that is not the order in which it was written.

Most programs write a column to its end, and their order stands. Where line after line breaks off
over the same strip of the page, with running text on both sides, what lies left of the strip is
read first. A table's rows are narrower, and stay rows. Where a file jumps about the page, its lines
are taken from the top.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import mean

from rag.formats.pdf.lines import Line

_LEAST_ROWS = 6
_LEAST_LETTERS = 12  # on either side, for a line to count
_LEAST_WORDS = 3.5  # on average; a table's cells have fewer
_LEAST_UPS, _MOST_UPS = 4, 0.25  # lines above the one before; their share of a page's
_MOST_GUTTERS = 4  # of columns within columns
_MOST_CROSSING = 0.2  # of the rows, as headings over both columns are

Row = Sequence[Line]
"""What stands on one line of the page, broken at wide gaps."""


def in_reading_order(rows: Sequence[Row], *, is_reordered: bool = False) -> list[Line]:
    """Return a page's lines, columns apart if there are any, else each row whole.

    With `is_reordered` the page is read in another position than the rows were put in order for:
    they may be from the last to the first.
    """
    if _is_disordered(rows, is_reordered=is_reordered):
        rows = _sorted(rows)
    return _by_columns(rows, _MOST_GUTTERS)


def _by_columns(rows: Sequence[Row], depth: int) -> list[Line]:
    """Return lines column by column: what is left of a gutter, then what is right of it.

    Each side is looked at again, as pages have three columns and more; `depth` bounds that.
    """
    at = gutter(rows) if depth else None
    if at is None:
        return [_whole(row) for row in rows]
    ordered: list[Line] = []
    left: list[Row] = []
    right: list[Row] = []
    for row in rows:
        if any(part.left < at < part.right for part in row):
            ordered += [*_by_columns(left, depth - 1), *_by_columns(right, depth - 1), _whole(row)]
            left, right = [], []
            continue
        for side, parts in (
            (left, [part for part in row if part.right <= at]),
            (right, [part for part in row if part.left >= at]),
        ):
            if parts:
                side.append(parts)
    return [*ordered, *_by_columns(left, depth - 1), *_by_columns(right, depth - 1)]


def _is_disordered(rows: Sequence[Row], *, is_reordered: bool) -> bool:
    """Tell whether the file goes up the page again and again: no reader reads so."""
    ups = sum(
        after[0].bottom > row[0].top and after[0].left < row[-1].right
        and row[0].left < after[-1].right
        for row, after in pairwise(rows)
    )  # fmt: skip
    if is_reordered:
        return 2 * ups > len(rows) - 1
    return ups >= _LEAST_UPS and ups > _MOST_UPS * len(rows)


def _sorted(rows: Sequence[Row]) -> list[list[Line]]:
    """Return rows anew, from the top of the page: what stands at one height is a row."""
    parts = sorted((part for row in rows for part in row), key=lambda part: -part.top)
    sorted_rows: list[list[Line]] = []
    for part in parts:
        last = sorted_rows[-1][0] if sorted_rows else None
        is_table = part.table is not None or (last is not None and last.table is not None)
        if last is not None and not is_table and part.top + part.bottom > 2 * last.bottom:
            sorted_rows[-1].append(part)
        else:
            sorted_rows.append([part])
    return [sorted(row, key=lambda part: part.left) for row in sorted_rows]


def gutter(rows: Sequence[Row]) -> float | None:
    """Return where the strip between two columns is, or None where there is none."""
    gaps = [
        (one, other)
        for row in rows
        for one, other in pairwise(row)
        if min(len(one.text), len(other.text)) >= _LEAST_LETTERS
    ]
    if len(gaps) < _LEAST_ROWS:
        return None
    middles = [(one.right + other.left) / 2 for one, other in gaps]
    lefts, rights = sorted(one.right for one, _ in gaps), sorted(other.left for _, other in gaps)
    best = max(middles, key=lambda x: bisect_left(lefts, x) - bisect_right(rights, x))
    broken = [(one, other) for one, other in gaps if one.right < best < other.left]
    if len(broken) < _LEAST_ROWS:
        return None
    crossing = sum(part.left < best < part.right for row in rows for part in row)
    words = mean(len(part.text.split()) for pair in broken for part in pair)
    if words < _LEAST_WORDS or crossing > _MOST_CROSSING * (len(broken) + crossing):
        return None
    return best


def _whole(row: Row) -> Line:
    """Put the parts of a row together again."""
    if len(row) == 1:
        return row[0]
    return replace(
        max(row, key=lambda part: len(part.text)),
        text=" ".join(part.text for part in row),
        left=min(part.left for part in row),
        bottom=min(part.bottom for part in row),
        right=max(part.right for part in row),
        top=max(part.top for part in row),
        bold=all(part.bold for part in row),
        field=next((part.field for part in row if part.field), ""),
    )
