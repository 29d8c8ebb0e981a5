"""What is asked of rows of cells without rules, for them to be a table.

Prose in columns, lists with tab stops, tables of contents, equations and forms have gaps of the
same kind one below the other.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median

from rag.formats.pdf.lines import Line
from rag.formats.pdf.tables.cells import is_number

Cells = list[list[Line]]
"""The lines of a row by column."""

_LEAST_ROWS = 3
_LEAST_PAIRS = 4
"""Rows of a table of two columns, unless one of them holds numbers."""
_ALIGNED = 0.4
"""Times the height of letters, by which aligned cells may deviate."""
_LONG = 45
"""Letters on average: lines of running text."""
_PROSE_WORDS = 3.5
_PROSE_LETTERS = 9
"""Of a script without words between blanks, in a line."""
_MARKER = re.compile(r"[•◦▪■●‣–—*-]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxlcIVXLC]+)[.):]?|\[\d+\]")
_ITEM = re.compile(r"[•◦▪■●‣–—*]\s\S|\(?(?:\d{1,2}|[a-zA-Z])[.)]\s+[^\W\d_]")
_LEADER = re.compile(r"(?:[._] ?){4,}|…{2,}|^[. ]+$")
_EQUATION = re.compile(r"\(\d+(?:\.\d+)*[a-z]?\)")
COUNT = re.compile(r"\d+|[ivxlc]+")


def is_table(rows: Sequence[Cells]) -> bool:
    """Tell whether rows of cells, all of as many columns, are a table."""
    full = [row for row in rows if sum(map(bool, row)) > 1]
    if len(full) < _LEAST_ROWS or 2 * len(full) < len(rows):
        return False
    if _mean(len(line.text) for row in full for cell in row for line in cell) > _LONG:
        return False
    filled = [[row[at] for row in rows if row[at]] for at in range(len(rows[0]))]
    if any(len(column) < max(2, 0.3 * len(full)) for column in filled):
        return False
    firsts = [[cell[0].text for cell in column] for column in filled]
    lines = [[line for cell in column for line in cell] for column in filled]
    if not all(map(_is_aligned, lines)) or _is_prose(lines, firsts[0]) or _is_list(firsts):
        return False
    if any(_is_beside_prose(rows, at) for at in range(len(filled))):
        return False
    return len(filled) > 2 or _is_pair_table(rows, firsts)


def is_regular(rows: Sequence[Sequence[Line]]) -> bool:
    """Tell whether rows of lines are at like distances."""
    pitches = [one[0].bottom - other[0].bottom for one, other in pairwise(rows)]
    return not pitches or max(pitches) <= 3.5 * min(pitches)


def _mean(values: Iterable[float]) -> float:
    numbers = list(values)
    return sum(numbers) / len(numbers)


def _words(lines: Iterable[Line]) -> float:
    return _mean(len(line.text.split()) for line in lines)


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


def _is_prose(columns: Sequence[Sequence[Line]], firsts: Sequence[str]) -> bool:
    """Tell text that runs on from line to line in every column, as in a newspaper."""
    if all(_words(column) >= _PROSE_WORDS for column in columns):
        return True
    runs_on = sum(text[:1].islower() for text in firsts) > 0.3 * len(firsts)
    if runs_on and _words(columns[0]) >= 1.8:
        return True
    letters = [_mean(sum(map(_is_ideograph, line.text)) for line in column) for column in columns]
    return min(letters) >= _PROSE_LETTERS


def _is_ideograph(character: str) -> bool:
    return "\u3040" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7a3"


def _is_beside_prose(rows: Sequence[Cells], column: int) -> bool:
    """Tell whether a column is text that runs on while the others have rows of their own."""
    texts = [(row[column][0].text, sum(map(bool, row))) for row in rows if row[column]]
    running = sum(text[:1].islower() and 2 * full > len(rows[0]) for text, full in texts)
    is_wide = _mean(len(text.split()) for text, _ in texts) >= _PROSE_WORDS
    labelled = sum(bool(row[0]) for row in rows)
    return is_wide and running > 0.4 * len(texts) and labelled >= 0.75 * len(rows)


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


def _is_pair_table(rows: Sequence[Cells], texts: Sequence[Sequence[str]]) -> bool:
    """Tell whether two columns are a table: names with numbers, or short texts throughout."""
    full = [row for row in rows if all(row)]
    if len(full) < 0.7 * len(rows):
        return False
    numbers = [[is_number(text) for text in column] for column in texts]
    if all(COUNT.fullmatch(text) for text in texts[1]):
        counts = [int(text) for text in texts[1] if text.isdigit()]
        if counts == sorted(counts):  # as page numbers are
            return False
    if _mean(numbers[1]) >= 0.6:
        return not all(numbers[0])
    short = all(_mean(len(text.split()) for text in column) <= 3 for column in texts)
    gap = min(row[1][0].left - row[0][0].right for row in full)
    starts = sum(text[:1].islower() for column in texts for text in column)
    few = starts <= 0.2 * sum(map(len, texts))
    return len(full) >= _LEAST_PAIRS and short and gap > full[0][0][0].size and few
