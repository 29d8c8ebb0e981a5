"""Tables without drawn cells: columns of short texts with clear gaps between them.

Rows are told from lines of one cell by the gaps between them, as wide above and below all cells,
or, where all lines are at one distance, by what the lines say.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from rag.formats.pdf.lines import Line
from rag.formats.pdf.tables.cells import Table, is_number
from rag.formats.pdf.tables.checks import COUNT, Cells, is_regular, is_table
from rag.formats.pdf.tables.rows import header_rows, logical_rows

_MOST_LINES = 3_000
"""Of a page; one with more is a drawing."""
_TRIALS = 3
"""Rows from which a table is sought in lines that are none from the first on."""
_SAME_ROW = 0.35
"""Times the height of letters, by which what stands in one row may stand higher or lower."""
_WIDEST_GAP = 2.0
"""Times the height of letters, from one row to the next."""
_LEAST_GAP = 0.55
"""Times the height of letters, between two columns."""
_LONG = 45
"""Letters: a line of running text."""
_LABELLED = 0.8
"""Share of rows of several lines that have a first cell; those of running text have not."""
_TOUCHING = 0.02
_JUMP, _TIMES = 0.2, 1.6
"""Times the height of letters and times the gap between lines of a cell, by which the gap between
rows is wider."""


class Span(NamedTuple):
    """Where a column stands, from left to right."""

    left: float
    right: float


Row = list[Line]


def aligned_tables(
    lines: Sequence[Line], rules: Sequence[float] = ()
) -> Iterator[tuple[Table, list[Line]]]:
    """Give the tables among a page's lines, each with its lines.

    `rules` are the heights of level rules, which part rows.
    """
    if len(lines) > _MOST_LINES:
        return
    rows = visual_rows(lines)
    at = trials = 0
    while at < len(rows):
        if len(rows[at]) < 2 or min(len(line.text) for line in rows[at]) > _LONG:
            at += 1
            continue
        end, columns = _block(rows, at)
        made = None
        block = rows[at:end]
        letters = [len(line.text) for row in block for line in row]
        if len(columns) >= max(map(len, block)) and sum(letters) <= _LONG * len(letters):
            start = _with_spanning(rows, at, columns)
            labels = [_spread(row, columns) for row in rows[start:at]]
            made = _of_bands(block, columns, labels) or _of_rows(block, columns, labels, rules)
        if made is None:
            trials += 1
            at = at + 1 if trials % _TRIALS else end
            continue
        table, count = made
        yield table, list({id(x): x for row in table.rows for cell in row for x in cell}.values())
        at += count


def _of_bands(
    block: Sequence[Row], columns: Sequence[Span], labels: list[Cells]
) -> tuple[Table, int] | None:
    """Return the table of lines in bands that are apart, and how many rows of lines it takes."""
    bands = _bands([line for row in block for line in row])
    while len(bands) > 1 and len(_filled(bands[-1], columns)) < 2:
        bands.pop()
    if len(bands) < 3 or len(bands) >= len(block):
        return None
    cells = [_cells(band, columns) for band in bands]
    stacked = any(sum(is_number(line.text) for line in cell) > 1 for row in cells for cell in row)
    labelled = sum(bool(row[0]) for row in cells)
    if stacked or labelled < _LABELLED * len(cells) or not is_table(cells):
        return None
    rows = [tuple(map(tuple, row)) for row in [*labels, *cells]]
    count = sum(len(visual_rows(band)) for band in bands)
    return Table(tuple(rows), header_rows(rows, len(labels))), count


def _filled(band: Row, columns: Sequence[Span]) -> set[int]:
    return {_column(line, columns) for line in band}


def _of_rows(
    block: Sequence[Row], columns: Sequence[Span], labels: list[Cells], rules: Sequence[float]
) -> tuple[Table, int] | None:
    """Return the table of rows of lines, and how many of them it takes."""
    end = len(block)
    while end > 1 and len(block[end - 1]) < 2 and not _continues(block[end - 2], block[end - 1]):
        end -= 1
    cells = [_cells(row, columns) for row in block[:end]]
    if not is_regular(block[:end]) or not is_table(cells):
        return None
    table = logical_rows([*labels, *cells], len(labels), rules)
    return None if table is None else (table, end)


def _bands(lines: Sequence[Line]) -> list[Row]:
    """Return lines by the bands in which they stand, from the top, with clear gaps between them."""
    atoms: list[Row] = []
    gaps: list[float] = []
    bottom = 0.0
    for line in sorted(lines, key=lambda line: -line.top):
        if atoms and bottom - line.top <= _TOUCHING * line.size:
            atoms[-1].append(line)
            bottom = min(bottom, line.bottom)
        else:
            if atoms:
                gaps.append(bottom - line.top)
            atoms.append([line])
            bottom = line.bottom
    widest = _narrow(gaps, lines[0].size)
    bands = atoms[:1]
    for gap, atom in zip(gaps, atoms[1:], strict=True):
        if gap <= widest:
            bands[-1] = bands[-1] + atom
        else:
            bands.append(atom)
    return [sorted(band, key=lambda line: (-round(line.bottom), line.left)) for band in bands]


def _narrow(gaps: Sequence[float], size: float) -> float:
    """Return the widest gap within a cell; 0 where all gaps are alike."""
    ordered = sorted(gaps)
    jumps = [
        (other - one, one)
        for one, other in pairwise(ordered)
        if other - one > _JUMP * size and other > _TIMES * one
    ]
    return min(jumps, key=lambda jump: jump[1])[1] if jumps else 0.0


def visual_rows(lines: Sequence[Line]) -> list[Row]:
    """Return lines that stand at one height, from the top, each row from left to right."""
    rows: list[Row] = []
    for line in sorted(lines, key=lambda line: -line.bottom):
        if rows and rows[-1][0].bottom - line.bottom < _SAME_ROW * min(rows[-1][0].size, line.size):
            rows[-1].append(line)
        else:
            rows.append([line])
    for row in rows:
        row.sort(key=lambda line: line.left)
    return rows


def _block(rows: Sequence[Row], start: int) -> tuple[int, list[Span]]:
    """Return where the rows end that share the columns of the row at `start`, and these columns."""
    columns = [Span(line.left, line.right) for line in rows[start]]
    end = start + 1
    while end < len(rows):
        above, row = rows[end - 1], rows[end]
        size = max(line.size for line in above)
        gap = min(line.bottom for line in above) - max(line.top for line in row)
        if gap > _WIDEST_GAP * size:
            break
        wider = _merged(columns, row)
        if len(wider) < len(columns):
            break
        columns = wider
        end += 1
    return end, columns


def _continues(above: Row, row: Row) -> bool:
    """Tell whether a row of one line goes on a cell of the row above."""
    return row[0].text[:1].islower() and len(above) > 1


def _merged(columns: Sequence[Span], row: Row) -> list[Span]:
    """Return the columns that remain when the lines of a row are laid over them."""
    least = _LEAST_GAP * row[0].size
    merged: list[Span] = []
    for span in sorted([*columns, *[Span(line.left, line.right) for line in row]]):
        if merged and span.left < merged[-1].right + least:
            if span.right > merged[-1].right:
                merged[-1] = Span(merged[-1].left, span.right)
        else:
            merged.append(span)
    return merged


def _column(line: Line, columns: Sequence[Span]) -> int:
    return next(n for n, span in enumerate(columns) if line.left <= span.right)


def _cells(row: Row, columns: Sequence[Span]) -> Cells:
    """Return the lines of a row by column."""
    cells: Cells = [[] for _ in columns]
    for line in row:
        cells[_column(line, columns)].append(line)
    return cells


def _with_spanning(rows: Sequence[Row], start: int, columns: Sequence[Span]) -> int:
    """Return where a table begins with a row of labels that span several of its columns."""
    if not start:
        return start
    above, first = rows[start - 1], rows[start]
    size = first[0].size
    gap = min(line.bottom for line in above) - max(line.top for line in first)
    if gap > 0.8 * size or len(columns) < 3:
        return start
    if any(len(line.text) > 40 or line.right < columns[1].left for line in above):
        return start
    spread = _spread(above, columns)
    if any(COUNT.fullmatch(line.text) and len(line.text) < 4 for line in above):
        return start  # as a page's number
    is_label = all(
        line.left >= columns[0].right and _is_centred(line, spread, columns) for line in above
    )
    return start - 1 if is_label and sum(map(bool, spread[1:])) > len(above) else start


def _is_centred(label: Line, spread: Sequence[Sequence[Line]], columns: Sequence[Span]) -> bool:
    """Tell whether a label stands over the middle, or the beginning, of the columns it spans."""
    spanned = [span for span, lines in zip(columns, spread, strict=True) if label in lines]
    if not spanned:
        return False
    left, right = spanned[0].left, spanned[-1].right
    off = abs((label.left + label.right) / 2 - (left + right) / 2)
    return off < max(2 * label.size, 0.1 * (right - left)) or abs(label.left - left) < label.size


def _spread(row: Row, columns: Sequence[Span]) -> list[list[Line]]:
    """Return labels by column, each in all columns that are nearer to it than to the next one."""
    cells: list[list[Line]] = [[] for _ in columns]
    for at, span in enumerate(columns):
        middle = (span.left + span.right) / 2
        if at == 0 and all(line.left > span.right for line in row):
            continue
        nearest = min(row, key=lambda line: abs((line.left + line.right) / 2 - middle))
        cells[at] = [nearest]
    return cells
