"""The header of a table: which rows name its columns, and the names they give.

Few files say which rows are a table's header, and those of spreadsheets never do. So the rows are
compared: a header is a row of short, different texts above rows of other content. Titles above it
and a second row of names below it are common; so are years and numbers as names.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

Row = Sequence[str]

_LONGEST_NAME = 60
_MOST_ROWS = 3
"""Rows of names that are looked for in one header."""
_WITHIN = 10
"""Rows from the top within which a header begins; above it stand titles and remarks."""
_SAMPLE = 20_000
"""Cells below a header that it is compared with."""
_FEWEST = 10
"""Rows below a header that it is compared with, however many columns it has."""
_FEWEST_STEPS = 3
"""Numbers that count up, such as weeks, are names from three on; years from two on."""

_CURRENCY = "[$¢£¤¥₣₤₦₩₪₫€₭₮₱₲₴₹₺₽₿]"
_NUMBER = re.compile(
    rf"[(\s]*[-+<>~≈±−–]?\s*(?:[A-Z]{{3}}\s|[A-Z]{{0,2}}{_CURRENCY})?\s*[-+−]?"
    r"\d[\d\s.,:'’/–-]*"
    rf"(?:%|‰|{_CURRENCY}|[A-Za-zµ°²³/]{{1,4}})?[)\s]*"
)
_YEAR = re.compile(r"(?:FY\s?|CY\s?)?(1[5-9]\d\d|20\d\d|21\d\d)(?:\s?[/–-]\s?\d{2,4})?(?:\s?\w)?")
_PERIOD = re.compile(r"\d[\d.]*\s?(?:[-–/:]\s?\d[\d.:/]*|\+)")
"""Of ages, months or hours: 15-64, 65+, 01/2024, 07:30."""
_COUNT = re.compile(r"\d{1,4}")
_DIGITS = re.compile(r"\d+")
_LETTERS = re.compile(r"[^\W\d_]+")
_ADDRESS = re.compile(r"\S@\S|://|^www\.")


@dataclass(frozen=True, slots=True)
class Header:
    """The rows `[start, end)` of a table that name its columns; what is above them are titles."""

    start: int
    end: int
    names: str
    """The name of each column in one line; empty where the table has no header."""


NO_HEADER = Header(0, 0, "")


def line(cells: Row) -> str:
    """Return a row of cells, none of which has a line end, as a line: "Malmö | 980 | | 1,020"."""
    filled = list(cells)
    while filled and not filled[-1]:
        filled.pop()
    return "|".join(f" {cell} " if cell else " " for cell in filled).strip()


def lines(rows: Sequence[Row], header: Header) -> list[str]:
    """Return each row of a table as a line; a label above several columns stands there once."""
    width = _width(rows)
    return [
        line(_once(row) if _is_label(number, row, header, width) else row)
        for number, row in enumerate(rows)
    ]


def _is_label(number: int, row: Row, header: Header, width: int) -> bool:
    """Return whether a row is a title, or one of names that is not the last of the header."""
    return number < header.end - 1 and (number >= header.start or _is_title(row, width))


def _once(row: Row) -> list[str]:
    return [*row[:1], *("" if right == left else right for left, right in pairwise(row))]


def header(rows: Sequence[Row], marked: int | None = None) -> Header:
    """Return the header of a table.

    `rows` hold cells without white space at either end, an empty one for one without text; a label
    that spans several columns or rows stands in each of them. `marked` is the number of rows that
    the file itself calls its header, None where it says nothing.
    """
    width = _width(rows)
    if width < 2 or len(rows) < 2 or marked == 0:
        return NO_HEADER
    if marked is not None:
        end = min(marked, len(rows))
        start = next((at for at in range(end) if not _is_title(rows[at], width)), end)
        if start < end:
            return Header(start, end, line(_names(rows[start:end])))
    best, widest = NO_HEADER, 0
    for start in range(marked or 0, min(_WITHIN, len(rows) - 1)):
        if best.end > start or _is_title(rows[start], width):
            continue
        end = _end(rows, start)
        filled = max(sum(map(bool, row)) for row in rows[start : max(end, start + 1)])
        if end and 2 * filled >= width and filled > widest:
            head = _filled(rows[start:end])
            if best is NO_HEADER or _differs(head, _below(rows, end)):
                best, widest = Header(start, end, line(_names(head))), filled
        elif 3 * filled > 2 * width:
            break  # a row of the body, and not a remark above a header
    return best


def _width(rows: Sequence[Row]) -> int:
    """Return how many cells are filled in the fullest row near the top."""
    return max((sum(map(bool, row)) for row in rows[: 5 * _WITHIN]), default=0)


def _is_title(row: Row, width: int) -> bool:
    """Return whether one text stands alone in a row, in one cell or across the whole table."""
    texts = {cell for cell in row if cell}
    filled = sum(map(bool, row))
    return not texts or (len(texts) == 1 and (filled == 1 or bool(row[0]) or filled >= width))


def _below(rows: Sequence[Row], end: int) -> Sequence[Row]:
    """Return rows below a header to compare it with, fewer where there are many columns."""
    count = max(_FEWEST, _SAMPLE // max(1, max(map(len, rows[:end]))))
    return [row for row in rows[end : end + count] if any(row)]


def _end(rows: Sequence[Row], start: int) -> int:
    """Return the row after a header that begins at `start`; 0 where none begins there."""
    end = start + 1
    while end - start < _MOST_ROWS and end + 1 < len(rows) and _goes_on(rows[end - 1], rows[end]):
        end += 1
    for candidate in range(end, start, -1):
        below = _below(rows, candidate)
        if below and _are_names(_filled(rows[start:candidate]), below):
            return candidate
    return 0


def _goes_on(row: Row, below: Row) -> bool:
    """Return whether a label of a row spans several columns, each of which may have its own."""
    return _repeats(row) or (_repeats(below) and not all(row))


def _repeats(row: Row) -> bool:
    """Return whether a label stands in several columns."""
    labels = [cell for cell in row if cell]
    return len(set(labels)) < len(labels)


def _filled(head: Sequence[Row]) -> Sequence[Row]:
    """Return rows of names, a label above each of several equal sets in each of its columns.

    Such a label often stands in the first column of its set only.
    """
    whole = []
    for row, below in zip(head, [*head[1:], ()], strict=True):
        starts = _sets(below)
        if starts and not _repeats(row) and all(at < len(row) and row[at] for at in starts):
            labels: list[str] = []
            for column, cell in enumerate(row):
                has_name = column < len(below) and bool(below[column])
                labels.append(cell or (labels[-1] if labels and has_name else ""))
            row = labels
        whole.append(row)
    return whole


def _sets(row: Row) -> list[int]:
    """Return in which columns the sets of names begin that a row repeats."""
    first = next((cell for cell in row if cell and row.count(cell) > 1), None)
    return [column for column, cell in enumerate(row) if first and cell == first]


def _are_names(head: Sequence[Row], body: Sequence[Row]) -> bool:
    """Return whether rows name the columns of those below them."""
    names = [name for name in _names(head) if name]
    if len(set(names)) < 2:
        return False
    differs = _differs(head, body)
    longest = _LONGEST_NAME * (2 if differs else 1)
    if any(len(cell) > longest or _ADDRESS.search(cell) for row in head for cell in row):
        return False
    numbered = [row for row in head if any(cell and _is_value(cell) for cell in row)]
    if not all(_count_up(row, body) for row in numbered):
        return False
    if list(head[-1]) in map(list, body):
        return len(set(names)) == len(names)  # repeated, as on each page of a print-out
    if numbered or differs:
        return not _is_like(head[-1], body)
    return len(head) == 1 and len(set(names)) == len(names) and not _recurs(head[-1], body)


def _is_value(cell: str) -> bool:
    """Return whether a cell holds a number, an amount or a date rather than words."""
    short = len(cell) <= _LONGEST_NAME
    return cell[0].isdigit() or (short and _NUMBER.fullmatch(cell) is not None)


def _column(body: Sequence[Row], column: int) -> list[str]:
    return [row[column] for row in body if column < len(row) and row[column]]


def _is_like(last: Row, body: Sequence[Row]) -> bool:
    """Return whether a row holds a record number, which most rows below have in the same form."""
    for column, cell in enumerate(last):
        if cell and _DIGITS.search(cell) and not _is_value(cell):
            below = _column(body, column)
            if 2 * sum(_shape(other) == _shape(cell) for other in below) > len(below):
                return True
    return False


def _recurs(last: Row, body: Sequence[Row]) -> bool:
    """Return whether a row is of the same kind as those below: what stands in it recurs there."""
    recurring = (cell in _column(body, column) for column, cell in enumerate(last) if cell)
    return any(recurring) or _is_like(last, body)


def _shape(cell: str) -> str:
    """Return the beginning of a cell with each word and each number made alike."""
    return _LETTERS.sub("a", _DIGITS.sub("9", cell[:_LONGEST_NAME]))


def _count_up(row: Row, body: Sequence[Row]) -> bool:
    """Return whether the numbers of a row are names: years, periods or steps, as no row below has.

    The first cell is then empty or a text.
    """
    if row[0] and _is_value(row[0]):
        return False
    if not row[0] and all(other and other[0] and not _is_value(other[0]) for other in body):
        return True  # the corner of a table with names on two sides
    values = [(column, cell) for column, cell in enumerate(row) if cell and _is_value(cell)]
    below = [cell for column, _ in values for cell in _column(body, column)]
    if all(_YEAR.fullmatch(cell) for _, cell in values):
        if 2 * sum(_YEAR.fullmatch(cell) is not None for cell in below) <= len(below):
            return True
        fewest = 2
    elif all(_PERIOD.fullmatch(cell) for _, cell in values):
        return len(values) > 1 and not {_shape(cell) for _, cell in values} & set(
            map(_shape, below)
        )
    else:
        fewest = _FEWEST_STEPS
    return len(values) >= fewest and _is_progression(row) and not any(map(_is_progression, body))


def _is_progression(row: Row) -> bool:
    """Return whether the numbers of a row count up by one, or years by any one step."""
    cells = [cell for cell in row[1:] if cell and _is_value(cell)]
    numbers = []
    for cell in dict.fromkeys(cells):
        year = _YEAR.fullmatch(cell)
        if year is None and not _COUNT.fullmatch(cell):
            return False
        numbers.append(int(year[1] if year else cell))
    steps = {after - before for before, after in pairwise(numbers)}
    return steps == {1} or (len(steps) == 1 and all(map(_YEAR.fullmatch, cells)))


def _differs(head: Sequence[Row], body: Sequence[Row]) -> bool:
    """Return whether some column has words for its name and mostly numbers below it."""
    for column, cell in enumerate(head[-1]):
        below = _column(body, column) if cell else []
        if below and 2 * sum(map(_is_value, below)) > len(below):
            return True
    return False


def _names(head: Sequence[Row]) -> list[str]:
    """Return the name of each column: its labels from top to bottom, each once."""
    columns = max(map(len, head))
    labels = ([row[column] for row in head if column < len(row)] for column in range(columns))
    return [" ".join(label for label in dict.fromkeys(one) if label) for one in labels]
