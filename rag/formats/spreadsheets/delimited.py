"""Comma- or tab-separated values: the file's own lines, each row with the header and its number."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from rag.formats import tables
from rag.formats.extract import LONGEST_TEXT, Extract, one_lined
from rag.text.blocks import Block, Place
from rag.text.encodings import decode, encodable

_SAMPLE = 1 << 16
_SAMPLE_ROWS = 1_000
_DELIMITERS = "\t;|,"
"""The likelier first, of two that fit alike: commas stand in prose and in numbers too."""
_NAMED = re.compile(r"sep=(.)[ \t]*(?:\r\n|\r|\n)", re.IGNORECASE)
"""The first line of a file in which Excel is told the delimiter; Excel does not show it."""
_NO_DECIMAL = re.compile(r"(?<!\d),|,(?!\d)")


def read(data: bytes, name: str) -> Extract:
    """Read a table of values, its text as it stands. Raises UnreadableFileError."""
    text = encodable(decode(data))
    Extract("", text, ()).check_size()
    named = _NAMED.match(text)
    delimiter = named[1] if named else _delimiter(text, name)
    begin = named.end() if named else 0
    spans: list[tuple[int, int]] = []
    sample: list[list[str]] = []
    for start, end, cells in _rows(text, delimiter, begin):
        spans.append((start, end))
        if len(sample) < _SAMPLE_ROWS:
            sample.append(cells)
    names, below = _header(sample)
    blocks = (
        Block(*span, columns=names if position >= below else "")
        for position, span in enumerate(spans)
    )
    places = (Place(start, f"row {number}") for number, (start, _) in enumerate(spans, start=1))
    return Extract("", text, tuple(blocks), tuple(places))


def _header(sample: Sequence[Sequence[str]]) -> tuple[str, int]:
    """Return the columns' names, and the first row below them; lines above are titles."""
    width = _usual_width(sample)
    top = next((at for at, cells in enumerate(sample) if len(cells) >= width), 0)
    header = tables.header([one_lined(cells) for cells in sample[top:]])
    return header.names, top + header.end


def _usual_width(rows: Sequence[Sequence[str]]) -> int:
    """Return how many cells most rows have, the greater number of two as common."""
    counts = Counter(map(len, rows))
    return max(counts, key=lambda width: (counts[width], width), default=0)


def _rows(text: str, delimiter: str, start: int = 0) -> Iterator[tuple[int, int, list[str]]]:
    """Give each row's span in the text, however many lines it takes, and its cells.

    A quote that nothing closes, or that ends within a cell, would make one cell of all that
    follows: such a line is a row by itself.
    """
    csv.field_size_limit(LONGEST_TEXT)
    dialect = _dialect(delimiter)
    stream = io.StringIO(text, newline="")
    stream.seek(start)
    rows = csv.reader(iter(stream.readline, ""), dialect)
    lines = 0
    while (cells := next(rows, None)) is not None:
        end = stream.tell()
        if rows.line_num > lines + 1 and not _is_sound(text[start:end], dialect):
            stream.seek(start)
            cells = next(csv.reader([stream.readline()], dialect))
            end = stream.tell()
            rows = csv.reader(iter(stream.readline, ""), dialect)
        lines = rows.line_num
        if any(cell.strip() for cell in cells):
            yield start, end, cells
        start = end


def _is_sound(row: str, dialect: type[csv.Dialect]) -> bool:
    """Tell whether each quote that opens a cell closes it."""
    try:
        list(csv.reader(io.StringIO(row, newline=""), dialect, strict=True))
    except csv.Error:
        return False
    return True


def _dialect(mark: str) -> type[csv.Dialect]:
    class Plain(csv.excel):
        """As Excel writes it, with the delimiter that the file uses."""

        delimiter = mark

    return Plain


def _delimiter(text: str, name: str) -> str:
    """Return the mark that parts most records into as many cells as the others.

    Whole records are counted, not lines: a cell in quotation marks may hold line ends and any mark.
    """
    sample = text[:_SAMPLE]
    fits: dict[str, tuple[float, int]] = {}
    for mark in _DELIMITERS:
        rows = [cells for _, _, cells in islice(_rows(sample, mark), _SAMPLE_ROWS)]
        if len(rows) > 1 and len(text) > len(sample):
            rows.pop()  # it is cut off
        fits[mark] = _fit(rows)
    if name.lower().endswith(".tsv") and fits["\t"][0]:
        return "\t"
    best = max(_DELIMITERS, key=lambda mark: fits[mark])
    other = max(";\t|", key=lambda mark: fits[mark])
    if best == "," and fits[other][0] == fits[","][0] and not _NO_DECIMAL.search(sample):
        return other  # each comma stands within a number
    return best if fits[best][0] else ","


def _fit(rows: Sequence[Sequence[str]]) -> tuple[float, int]:
    """Return how well a delimiter fits the rows it makes, 0 if it parts none, and their width.

    That is the share of the rows that have the usual width; one more quarter for the first row,
    whose names hold no prose.
    """
    rows = [row for row in rows if any(row)]
    width = _usual_width(rows)
    wide = [len(row) for row in rows if len(row) > 1]
    if not wide:
        return 0.0, 0
    if width < 2:
        width = Counter(wide).most_common(1)[0][0]
    share = wide.count(width) / len(rows)
    return round(share + (len(rows[0]) == width) / 4, 2), width
