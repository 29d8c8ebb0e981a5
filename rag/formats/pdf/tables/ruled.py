"""Tables whose cells are parted by drawn lines."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from rag.formats.pdf.lines import Line
from rag.formats.pdf.tables.aligned import visual_rows
from rag.formats.pdf.tables.cells import Cell, Table, is_number
from rag.formats.pdf.tables.rows import logical_rows
from rag.formats.pdf.tables.rules import Rule, Rules

_NEAR = 3.0
"""Points by which rules that meet may miss each other."""
_EDGE = 8.0
"""Points: an open side of a table is at least this far from the next rule."""
_MOST_LINES = 200
"""Rows or columns of a grid; one with more is no table."""
_COVERED = 0.6
"""Share of a cell's side, for a rule to part it from the next cell."""
_LEAST_LINES = 4
"""Of a table: it has two rows of two cells at least."""
_MOST_CELLS = 40
"""Times the lines in a grid: one with more cells is a drawing, such as a chart."""
_LEAST_FILLED = 0.4
"""Share of a table's cells that hold text."""
_MOST_HEADS = 3
"""Rows of labels that span columns, at the top of a table."""
_LEAST_PARTED = 0.45
"""Share of the cells of a regular table's grid that are apart; drawings have less."""
_MOST_PARTED = 0.2
"""Share of cells that may hold several texts side by side."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the rules of a table stand: columns from left to right, rows from top to bottom."""

    across: Sequence[float]
    down: Sequence[float]
    level: Sequence[Rule]
    upright: Sequence[Rule]


def grids(rules: Rules) -> Iterator[Grid]:
    """Give the grids of rules that meet, of two rows and two columns at least."""
    for level, upright in _meeting(rules):
        if len(upright) < 1 or len(level) < 2:
            continue
        across = _places([rule.at for rule in upright], [r for x in level for r in x[1:]])
        down = _places([rule.at for rule in level], [r for x in upright for r in x[1:]])
        if 3 <= len(across) <= _MOST_LINES and 3 <= len(down) <= _MOST_LINES:
            yield Grid(across, down[::-1], level, upright)


def ruled_tables(grid: Grid, lines: Sequence[Line]) -> Iterator[tuple[Table, list[Line]]]:
    """Give the tables of a grid, each with the lines in it; none where it is something else.

    Boxes around single texts, frames of pictures and forms have too few cells with text.
    """
    inside = [
        line
        for line in lines
        if grid.across[0] - _NEAR < (line.left + line.right) / 2 < grid.across[-1] + _NEAR
        and grid.down[-1] - _NEAR < (line.bottom + line.top) / 2 < grid.down[0] + _NEAR
    ]
    count = (len(grid.across) - 1) * (len(grid.down) - 1)
    if len(inside) < _LEAST_LINES or count > _MOST_CELLS * len(inside):
        return
    regions = _regions(grid)
    cells: dict[int, list[Line]] = {}
    for line in inside:
        row, column = _row_of(grid, line), _column_of(grid, line)
        cells.setdefault(regions[row][column], []).append(line)
    for part in _alike(regions):
        numbers = {region for row in part for region in row}
        filled = [number for number in numbers if number in cells]
        rows = _filled(list(_expanded(part, cells)))
        is_regular = len(numbers) >= _LEAST_PARTED * sum(map(len, part))
        if (
            is_regular
            and len(filled) >= _LEAST_FILLED * len(numbers)
            and _is_table(rows)
            and not _is_parted([cells[number] for number in filled])
        ):
            rows = [part for row in rows for part in _unstacked(row)]
            table = Table(tuple(rows), _headers(rows))
            yield table, [line for number in filled for line in cells[number]]


def _unstacked(row: tuple[Cell, ...]) -> list[tuple[Cell, ...]]:
    """Return the rows that a row of the grid holds: rules may part columns only."""
    if not any(sum(is_number(line.text) for line in cell) > 1 for cell in row):
        return [row]
    heights = visual_rows([line for cell in row for line in cell])
    ids = [{id(line) for line in cell} for cell in row]
    cells = [[[line for line in height if id(line) in one] for one in ids] for height in heights]
    table = logical_rows(cells, 0, ())
    return [row] if table is None else list(table.rows)


def _filled(rows: Sequence[tuple[Cell, ...]]) -> list[tuple[Cell, ...]]:
    """Return rows without those, and columns, that hold nothing that others do not hold."""
    filled: list[tuple[Cell, ...]] = []
    for row in rows:
        above = filled[-1] if filled else ((),) * len(row)
        if any(cell and cell is not other for cell, other in zip(row, above, strict=True)):
            filled.append(row)
    used = [at for at in range(len(rows[0])) if any(row[at] for row in filled)]
    return [tuple(row[at] for at in used) for row in filled]


def _is_parted(cells: Sequence[Sequence[Line]]) -> bool:
    """Tell whether many cells hold texts side by side: then their columns are not drawn."""
    parted = sum(
        any(
            abs(one.bottom - other.bottom) < 0.3 * one.size
            for one, other in pairwise(sorted(cell, key=lambda line: line.bottom))
        )
        for cell in cells
    )
    return parted > _MOST_PARTED * len(cells)


def _alike(regions: Sequence[Sequence[int]]) -> Iterator[list[list[int]]]:
    """Give the tables that a grid is made of: rows that have the same columns.

    Tables one below the other may touch, a title across all columns between them.
    """
    parts: list[tuple[set[int], list[Sequence[int]]]] = []
    for row in regions:
        starts = {at for at in range(len(row)) if not at or row[at] != row[at - 1]}
        is_title = len(starts) == 1
        if not parts or (is_title and len(parts[-1][0]) > 1):
            parts.append((starts, [row]))
        else:
            parts[-1][0].update(starts)
            parts[-1][1].append(row)
    joined: list[tuple[set[int], list[Sequence[int]]]] = []
    for starts, rows in parts:
        if joined and joined[-1][0] == starts:
            joined[-1][1].extend(rows)
        else:
            joined.append((starts, rows))
    for starts, rows in joined:
        yield [[row[at] for at in sorted(starts)] for row in rows]


def _expanded(
    part: Sequence[Sequence[int]], cells: Mapping[int, list[Line]]
) -> Iterator[tuple[Cell, ...]]:
    """Give rows with the text of what spans rows in each, and of a label above columns in each."""
    whole = {region: _ordered(lines) for region, lines in cells.items()}
    spanned = [any(one == other for one, other in pairwise(row)) for row in part]
    heads = spanned.index(False) if False in spanned else len(part)
    if heads > _MOST_HEADS or 2 * heads > len(part):
        heads = 0
    for number, row in enumerate(part):
        is_head = number < heads
        yield tuple(
            whole.get(region, ()) if is_head or not at or region != row[at - 1] else ()
            for at, region in enumerate(row)
        )


def _is_table(rows: Sequence[Sequence[Cell]]) -> bool:
    """Tell whether rows have two cells with text each, two at least with texts of their own."""
    full = [row for row in rows if len({cell for cell in row if cell}) > 1]
    own = 0
    for above, row in pairwise([(), *rows]):
        own += len({cell for cell in row if cell and cell not in above}) > 1
    texts = [cell[0].text for row in rows for cell in row if cell]
    said = sum(any(map(str.isalnum, text)) for text in texts)
    return own >= 2 and 4 * len(full) >= len(rows) and said >= 0.6 * len(texts)


def _headers(rows: Sequence[Sequence[Cell]]) -> int | None:
    """Return how many rows at the top are in bold letters alone; None for none or all."""
    count = 0
    for row in rows:
        if not all(line.bold for cell in row for line in cell):
            break
        count += 1
    return count if 0 < count < len(rows) and count <= 3 else None


def _meeting(rules: Rules) -> Iterator[tuple[list[Rule], list[Rule]]]:
    """Give groups of level and upright rules that meet one another."""
    level, upright = list(rules.level), list(rules.upright)
    groups: dict[int, int] = {}

    def root(number: int) -> int:
        while groups.setdefault(number, number) != number:
            groups[number] = groups[groups[number]]
            number = groups[number]
        return number

    for number, one in enumerate(level):
        for other_number, other in enumerate(upright, start=len(level)):
            if (
                other.start - _NEAR <= one.at <= other.end + _NEAR
                and one.start - _NEAR <= other.at <= one.end + _NEAR
            ):
                groups[root(number)] = root(other_number)
    members = sorted(range(len(level) + len(upright)), key=root)
    for _, group in groupby(members, key=root):
        numbers = list(group)
        yield (
            [level[number] for number in numbers if number < len(level)],
            [upright[number - len(level)] for number in numbers if number >= len(level)],
        )


def _places(ats: Sequence[float], ends: Sequence[float]) -> list[float]:
    """Return where rules stand, and the sides where none is drawn but others end."""
    places: list[float] = []
    for at in sorted(ats):
        if not places or at - places[-1] > _NEAR:
            places.append(at)
    if ends and min(ends) < places[0] - _EDGE:
        places.insert(0, min(ends))
    if ends and max(ends) > places[-1] + _EDGE:
        places.append(max(ends))
    return places


def _regions(grid: Grid) -> list[list[int]]:
    """Return a number for each cell of the grid, the same for those that no rule parts."""
    across, down = grid.across, grid.down
    count = len(across) - 1
    upright = [_near(grid.upright, at) for at in across]
    level = [_near(grid.level, at) for at in down]
    numbers = [[row * count + at for at in range(count)] for row in range(len(down) - 1)]
    for row, cells in enumerate(numbers):
        for at in range(count):
            if at and not _is_drawn(upright[at], down[row + 1], down[row]):
                cells[at] = cells[at - 1]
            elif row and not _is_drawn(level[row], across[at], across[at + 1]):
                cells[at] = numbers[row - 1][at]
    return numbers


def _near(rules: Sequence[Rule], at: float) -> list[Rule]:
    return [rule for rule in rules if abs(rule.at - at) <= _NEAR]


def _is_drawn(rules: Sequence[Rule], start: float, end: float) -> bool:
    """Tell whether rules part two cells along the side from `start` to `end`."""
    covered = sum(max(0.0, min(rule.end, end) - max(rule.start, start)) for rule in rules)
    return covered >= _COVERED * (end - start)


def _row_of(grid: Grid, line: Line) -> int:
    middle = (line.bottom + line.top) / 2
    return next((row for row, y in enumerate(grid.down[1:]) if middle >= y), len(grid.down) - 2)


def _column_of(grid: Grid, line: Line) -> int:
    """Return the first column that a line stands in."""
    start = line.left + min(_NEAR, (line.right - line.left) / 2)
    return next((at for at, x in enumerate(grid.across[1:]) if start < x), len(grid.across) - 2)


def _ordered(lines: Sequence[Line]) -> Cell:
    return tuple(sorted(lines, key=lambda line: (-round(line.bottom), line.left)))
