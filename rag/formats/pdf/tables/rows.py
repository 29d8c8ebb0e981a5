"""From what stands at one height to rows of a table: a cell of several lines is put together."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from rag.formats.pdf.tables.cells import Cell, Table, is_number, text_of
from rag.formats.pdf.tables.checks import Cells

_WIDER = 1.25
"""Times the distance of lines within a cell, from one row to the next."""

_WRAPPED = 1.4
"""Times the height of letters, from one line of a cell to the next."""


def logical_rows(rows: Sequence[Cells], above: int, rules: Sequence[float]) -> Table | None:
    """Return the table of rows that each hold what stands at one height.

    `above` is how many rows at the top hold labels that span columns; `rules` are the heights of
    level rules. None where fewer than two rows remain.
    """
    starts = _starts(rows, above, rules)
    merged = []
    for start, end in pairwise([*starts, len(rows)]):
        columns = zip(*rows[start:end], strict=True)
        merged.append(tuple(tuple(line for cell in column for line in cell) for column in columns))
    if len(merged) < 2:
        return None
    headers = header_rows(merged, above)
    ruled = [at for at in starts[above + 1 :] if _is_ruled(rows, at, rules)]
    if headers is None and ruled == starts[above + 1 : above + 2]:
        headers = above + 1  # the only rule is that below the names of the columns
    return Table(tuple(merged), headers)


def header_rows(rows: Sequence[Sequence[Cell]], above: int) -> int | None:
    """Return how many rows are a header by their bold letters, or since labels span their columns.

    `above` is how many rows at the top hold such labels; None where it is unclear.
    """
    bold = [all(line.bold for cell in row for line in cell) for row in rows]
    count = bold.index(False) if False in bold else 0
    return count or (above + 1 if above else None)


def _starts(rows: Sequence[Cells], above: int, rules: Sequence[float]) -> list[int]:
    """Return which rows begin a row of the table."""
    heads = list(range(above))
    by_rules = [at for at in range(above, len(rows)) if at == above or _is_ruled(rows, at, rules)]
    if len(by_rules) > 2 and _may_join(rows, by_rules):
        return [*heads, *by_rules]
    by_gaps = _by_gaps(rows, above)
    if by_gaps is not None and _may_join(rows, by_gaps):
        return [*heads, *by_gaps]
    return [
        *heads,
        *(at for at in range(above, len(rows)) if at == above or not _goes_on(rows, at)),
    ]


def _place(row: Cells) -> float:
    return next(cell[0].bottom for cell in row if cell)


def _is_ruled(rows: Sequence[Cells], at: int, rules: Sequence[float]) -> bool:
    """Tell whether a rule is drawn between a row and the one above."""
    size = next(cell[0].size for cell in rows[at] if cell)
    return any(_place(rows[at]) + 0.3 * size < rule <= _place(rows[at - 1]) + 1 for rule in rules)


def _by_gaps(rows: Sequence[Cells], above: int) -> list[int] | None:
    """Return where rows begin if lines of one cell are closer than rows; None if they are not."""
    body = range(above + 1, len(rows))
    pitches = [_place(rows[at - 1]) - _place(rows[at]) for at in body]
    least = min(pitches, default=0)
    wide = [pitch > _WIDER * least for pitch in pitches]
    close = [pitch for pitch, is_wide in zip(pitches, wide, strict=True) if not is_wide]
    if not any(wide) or not close or max(close) > 1.1 * median(close):
        return None
    starts = [above, *(at for at, is_wide in zip(body, wide, strict=True) if is_wide)]
    return starts if len(starts) > 2 else None


def _may_join(rows: Sequence[Cells], starts: Sequence[int]) -> bool:
    """Tell whether rows between the starts are parts of one: no number stands below another.

    Groups of rows are set apart by rules and gaps as well.
    """
    has_joined = False
    for start, end in pairwise([*starts, len(rows)]):
        if end - start > 1:
            has_joined = True
            for column in zip(*rows[start:end], strict=True):
                texts = [text_of(cell) for cell in column if cell]
                if sum(map(is_number, texts)) > 1:
                    return False
            if all(all(row) for row in rows[start:end]) and end - start > 2:
                return False
    return has_joined or len(starts) == len(rows)


def _goes_on(rows: Sequence[Cells], at: int) -> bool:
    """Tell whether a row holds further lines of cells of the row above."""
    row, last = rows[at], rows[at - 1]
    size = next(cell[0].size for cell in row if cell)
    if _place(last) - _place(row) > _WRAPPED * size:
        return False
    filled = [
        (text_of(cell), text_of(above)) for cell, above in zip(row, last, strict=True) if cell
    ]
    if any(text == above for text, above in filled):
        return False
    if any(is_number(text) and (is_number(above) or not above) for text, above in filled):
        only_label = not any(last[1:]) and bool(last[0])
        return only_label and bool(row[0]) and text_of(row[0])[:1].islower()
    if not row[0]:
        return (all(above for _, above in filled) and at > 1) or all(
            text[:1].islower() for text, _ in filled
        )
    return text_of(row[0])[:1].islower() and (not all(row) or not any(last[1:]))
