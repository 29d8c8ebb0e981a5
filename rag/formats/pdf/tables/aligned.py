"""Tables without drawn cells: columns of short texts with clear gaps between them.

Prose in columns, lists with tab stops, tables of contents and forms have gaps of the same kind, so
much is asked of a table: three rows of two cells at least, cells that are aligned, rows at like
distances, and texts that do not run on from one row to the next as prose does.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from rag.formats.pdf.lines import Line
from rag.formats.pdf.tables.cells import Table, is_number
from rag.formats.pdf.tables.rows import logical_rows

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
_LEAST_ROWS = 3
_LEAST_PAIRS = 4
"""Rows of a table of two columns, unless one of them holds numbers."""
_ALIGNED = 0.4
"""Times the height of letters, by which aligned cells may deviate."""
_PROSE_WORDS = 3.5
_PROSE_LETTERS = 9
"""Of a script without words between blanks, in a cell."""
_LONG = 45
"""Letters on average: lines of running text."""
_MARKER = re.compile(r"[•◦▪■●‣–—*-]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxlcIVXLC]+)[.):]?|\[\d+\]")
_ITEM = re.compile(r"[•◦▪■●‣–—*]\s\S|\(?(?:\d{1,2}|[a-zA-Z])[.)]\s+[^\W\d_]")
_LEADER = re.compile(r"(?:[._] ?){4,}|…{2,}|^[. ]+$")
_EQUATION = re.compile(r"\(\d+(?:\.\d+)*[a-z]?\)")
_COUNT = re.compile(r"\d+|[ivxlc]+")


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
        block = rows[at:end]
        if len(columns) < max(map(len, block)) or not _is_table(block, columns):
            trials += 1
            at = at + 1 if trials % _TRIALS else end
            continue
        start = _with_spanning(rows, at, columns)
        cells = [
            _cells(row, columns, is_above=n < at) for n, row in enumerate(rows[start:end], start)
        ]
        table = logical_rows(cells, at - start, rules)
        if table is not None:
            yield table, [line for row in rows[start:end] for line in row]
        at = end


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
    while (
        end > start + 1 and len(rows[end - 1]) < 2 and not _continues(rows[end - 2], rows[end - 1])
    ):
        end -= 1
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


def _cells(row: Row, columns: Sequence[Span], *, is_above: bool = False) -> list[list[Line]]:
    """Return the lines of a row by column; a label above several columns stands in each."""
    if is_above:
        return _spread(row, columns)
    cells: list[list[Line]] = [[] for _ in columns]
    for line in row:
        at = next(n for n, span in enumerate(columns) if line.left <= span.right)
        cells[at].append(line)
    return cells


def _mean(values: Iterable[float]) -> float:
    numbers = list(values)
    return sum(numbers) / len(numbers)


def _is_table(block: Sequence[Row], columns: Sequence[Span]) -> bool:
    """Tell a table from what else has gaps one below the other."""
    full = [row for row in block if len(row) > 1]
    if _mean(len(line.text) for row in full for line in row) > _LONG:
        return False
    if len(full) < _LEAST_ROWS or 2 * len(full) < len(block) or not _is_regular(block):
        return False
    cells = [_cells(row, columns) for row in block]
    by_column = [[row[at][0] for row in cells if row[at]] for at in range(len(columns))]
    if any(len(column) < max(2, 0.3 * len(full)) for column in by_column):
        return False
    texts = [[line.text for line in column] for column in by_column]
    if any(_is_beside_prose(cells, at) for at in range(len(columns))):
        return False
    if not all(map(_is_aligned, by_column)) or _is_prose(texts) or _is_list(texts):
        return False
    return len(columns) > 2 or _is_pair_table(block, texts)


def _is_regular(block: Sequence[Row]) -> bool:
    """Tell whether rows are at like distances."""
    pitches = [one[0].bottom - other[0].bottom for one, other in pairwise(block)]
    return max(pitches) <= 3.5 * min(pitches)


def _is_aligned(column: Sequence[Line]) -> bool:
    """Tell whether the lines of a column begin, end or have their middle at one place."""
    if len(column) < 2 or all(is_number(line.text) for line in column[1:]):
        return True
    near = _ALIGNED * median(line.size for line in column)
    for places in (
        [line.left for line in column],
        [line.right for line in column],
        [(line.left + line.right) / 2 for line in column],
    ):
        middle = median(places)
        if sum(abs(place - middle) <= near for place in places) >= 0.75 * len(places):
            return True
    return False


def _is_prose(texts: Sequence[Sequence[str]]) -> bool:
    """Tell text that runs on from line to line in every column, as in a newspaper."""

    def words(column: Sequence[str]) -> float:
        return _mean(len(text.split()) for text in column)

    def runs_on(column: Sequence[str]) -> float:
        return sum(text[:1].islower() for text in column) / len(column)

    if sum(words(column) >= _PROSE_WORDS for column in texts) > len(texts) / 2:
        return True
    if runs_on(texts[0]) > 0.3 and words(texts[0]) >= 1.8:
        return True
    letters = [_mean(sum(map(_is_ideograph, text)) for text in column) for column in texts]
    return min(letters) >= _PROSE_LETTERS


def _is_beside_prose(cells: Sequence[Sequence[Sequence[Line]]], column: int) -> bool:
    """Tell whether a column is text that runs on while the others have rows of their own."""
    texts = [(row[column][0].text, sum(map(bool, row))) for row in cells if row[column]]
    running = sum(text[:1].islower() and 2 * full > len(cells[0]) for text, full in texts)
    is_wide = _mean(len(text.split()) for text, _ in texts) >= _PROSE_WORDS
    return (
        is_wide
        and running > 0.4 * len(texts)
        and sum(bool(row[0]) for row in cells) > 0.8 * len(cells)
    )


def _is_ideograph(character: str) -> bool:
    return "\u3040" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7a3"


def _is_list(texts: Sequence[Sequence[str]]) -> bool:
    """Tell lists with tab stops, tables of contents, and equations with their numbers."""

    def share(column: Sequence[str], pattern: re.Pattern[str]) -> float:
        return sum(pattern.fullmatch(text) is not None for text in column) / len(column)

    every = [text for column in texts for text in column]
    if sum(_LEADER.search(text) is not None for text in every) > 0.1 * len(every):
        return True
    if sum(any(map(str.isalnum, text)) for text in every) < 0.6 * len(every):
        return True
    if sum(_ITEM.match(text) is not None for text in every) > 0.4 * len(every):
        return True
    if share(texts[-1], _EQUATION) > 0.5:
        return True
    return len(texts) == 2 and share(texts[0], _MARKER) > 0.6


def _is_pair_table(block: Sequence[Row], texts: Sequence[Sequence[str]]) -> bool:
    """Tell whether two columns are a table: names with numbers, or short texts throughout."""
    full = sum(len(row) > 1 for row in block)
    if full < 0.7 * len(block):
        return False
    numbers = [[is_number(text) for text in column] for column in texts]
    if all(_COUNT.fullmatch(text) for text in texts[1]):
        counts = [int(text) for text in texts[1] if text.isdigit()]
        if counts == sorted(counts):  # as page numbers are
            return False
    if _mean(numbers[1]) >= 0.6:
        return not all(numbers[0])
    short = all(_mean(len(text.split()) for text in column) <= 3 for column in texts)
    gaps = [row[1].left - row[0].right for row in block if len(row) > 1]
    starts = sum(text[:1].islower() for column in texts for text in column)
    size = block[0][0].size
    few = starts <= 0.2 * sum(map(len, texts))
    return full >= _LEAST_PAIRS and short and min(gaps) > size and few


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
    if any(_COUNT.fullmatch(line.text) and len(line.text) < 4 for line in above):
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
