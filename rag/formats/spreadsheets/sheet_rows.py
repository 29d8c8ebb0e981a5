"""A sheet's rows, each under the names of its columns and placed by its number."""

from collections.abc import Sequence

from rag.formats import tables
from rag.formats.extract import Gathering, one_lined
from rag.formats.spreadsheets.sheet_details import Range, SheetDetails, fill_merged
from rag.formats.spreadsheets.xlsx_gaps import MOST_PLACES

HIDDEN_SHEET = "the sheet is hidden; to have it read, unhide it and save the file again"
HIDDEN_SHEETS = "only its hidden sheets hold text; to have them read, unhide them and save it again"
TOO_WIDE = (
    f"it has more than {MOST_PLACES:,} places from its first cell to its last; delete what stands "
    "far from the rest (Ctrl+End goes there), or split it, and save it again"
)
_HEADER_WITHIN = 15  # rows; merged labels name the columns under them there


def gather_rows(
    gathered: Gathering,
    rows: list[list[str]],
    where: str,
    details: SheetDetails,
    ranges: Sequence[Range] = (),
    numbers: Sequence[int] = (),
) -> None:
    """Gather a sheet's rows, each under its header, placed by sheet and row.

    `ranges` are those of merged cells, and `numbers` those of the rows, from 1; none where they are
    counted.
    """
    shown_rows = [one_lined(row) for row in rows]
    fill_merged(shown_rows, ranges, 0)
    named_rows = list(map(list, shown_rows[:_HEADER_WITHIN])) + shown_rows[_HEADER_WITHIN:]
    fill_merged(named_rows, ranges, _HEADER_WITHIN)
    header = tables.header(named_rows)
    gathered.place(where, fresh=True)
    for position, row in enumerate(shown_rows):
        if line := tables.line(row):
            number = numbers[position] if numbers else position + 1
            gathered.place(f"{where}, row {number}{details.hidden(position, row)}")
            below = position >= header.end
            gathered.add(line, columns=header.names if below else "", gap="\n")
