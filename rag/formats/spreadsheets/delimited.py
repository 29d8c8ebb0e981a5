"""Comma- or tab-separated values: the file's own lines, each row with the header and its number."""

import csv
import io
from collections.abc import Iterator

from rag.formats import tables
from rag.formats.extract import LONGEST_TEXT, Extract, one_lined
from rag.text.blocks import Block, Place
from rag.text.encodings import decode, encodable

_SAMPLE = 1 << 14
_SAMPLE_ROWS = 1_000


def read(data: bytes, name: str) -> Extract:
    """Read a table of values, its text as it stands. Raises UnreadableFileError."""
    text = encodable(decode(data))
    Extract("", text, ()).check_size()
    dialect = _dialect(text, name)
    blocks: list[Block] = []
    places: list[Place] = []
    rows = list(_rows(text, dialect))
    header = tables.header([one_lined(cells) for _, _, cells in rows[:_SAMPLE_ROWS]])
    for position, (start, end, _) in enumerate(rows):
        below = position >= header.end
        blocks.append(Block(start, end, columns=header.names if below else ""))
        places.append(Place(start, f"row {position + 1}"))
    return Extract("", text, tuple(blocks), tuple(places))


def _rows(text: str, dialect: type[csv.Dialect]) -> Iterator[tuple[int, int, list[str]]]:
    """Give each row's span in the text, however many lines it takes, and its cells.

    A quote that nothing closes, or that ends within a cell, would make one cell of all that
    follows: such a line is a row by itself.
    """
    csv.field_size_limit(LONGEST_TEXT)
    stream = io.StringIO(text, newline="")
    rows = csv.reader(iter(stream.readline, ""), dialect)
    start = lines = 0
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


def _dialect(text: str, name: str) -> type[csv.Dialect]:
    class Plain(csv.excel):
        """As Excel writes it, with the delimiter that the file uses."""

    if name.lower().endswith(".tsv"):
        Plain.delimiter = "\t"
        return Plain
    first = text[:_SAMPLE].splitlines()[:20]
    counts = {mark: [line.count(mark) for line in first if line.strip()] for mark in ",;\t|"}
    Plain.delimiter = max(counts, key=lambda mark: (min(counts[mark]), sum(counts[mark])))
    return Plain
