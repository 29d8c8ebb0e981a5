"""A table on a page: rows of cells, each of which holds the lines that stand in it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag.formats.pdf.lines import Line

Cell = tuple[Line, ...]

_NUMBER = re.compile(
    r"[(\[]?[-+−–±~<>≤≥]?\s?(?:[A-Z]{3}\s?)?[$€£¥₹₽%]?\s?[-+−–]?\d[\d\s.,:'’/–-]*[%‰)\]*†‡]*"
    r"(?:\s?[^\W\d_]{1,3}\.?|\s?[$€£¥₹₽%])?(?:\s?\[\d+\])?|[-–—−]|n/?a\.?"
)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of as many cells each; what spans several rows or columns stands in all of them."""

    rows: tuple[tuple[Cell, ...], ...]
    headers: int | None
    """How many rows name the columns, where the page shows it; None where the texts have to."""


def table_line(table: Table, lines: Sequence[Line]) -> Line:
    """Return the line that stands for a table in the order of a page; `lines` are all of it."""
    first = lines[0]
    return Line(
        " ".join(line.text for line in lines),
        min(line.left for line in lines),
        min(line.bottom for line in lines),
        max(line.right for line in lines),
        max(line.top for line in lines),
        first.size,
        bold=False,
        turned=False,
        table=table,
    )


def text_of(cell: Iterable[Line]) -> str:
    """Return a cell's text in short, as it is compared with others."""
    return " ".join(line.text for line in cell)


def is_number(text: str) -> bool:
    """Return whether a cell's text is a number, an amount, a date, or a mark for none."""
    return len(text) <= 40 and _NUMBER.fullmatch(text.strip()) is not None
