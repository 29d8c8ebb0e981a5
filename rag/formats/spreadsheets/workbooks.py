"""Workbooks (.xlsx, .xls, .ods): sheet by sheet, row by row, each row with its header."""

import io
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from rag.errors import UnreadableFileError
from rag.formats import tables
from rag.formats.extract import Extract, Gathering, one_lined
from rag.formats.office.embedded_files import gather_embedded
from rag.formats.office.ooxml import Package
from rag.formats.registry import is_locked
from rag.formats.safe_zip import Archive
from rag.formats.spreadsheets.cell_notes import gather_notes
from rag.formats.spreadsheets.ods_repeats import without_gaps
from rag.formats.spreadsheets.xls_gaps import closed_up_biff
from rag.formats.spreadsheets.xlsx_gaps import MOST_PLACES, Workbook, closed_up, sheet_parts

_TOO_WIDE = (
    f"it has more than {MOST_PLACES:,} places from its first cell to its last; delete what stands "
    "far from the rest (Ctrl+End goes there), or split it, and save it again"
)


def read(data: bytes, name: str) -> Extract:
    """Read a workbook; see the module. Raises UnreadableFileError."""
    archive = _checked(data) if data.startswith(b"PK") else None
    workbook = Workbook(data, {}, frozenset())
    if archive is not None and archive.has("xl/workbook.xml"):
        workbook = closed_up(data, archive)
    elif archive is not None and archive.has("content.xml"):
        workbook = without_gaps(data, archive)
    elif archive is None:
        workbook = closed_up_biff(data)
    book = _opened(workbook.data, is_locked=is_locked(data))
    gathered = Gathering()
    package = Package(data) if archive is not None and archive.has("xl/workbook.xml") else None
    parts = sheet_parts(data) if package is not None else {}
    for sheet in book.sheet_names:
        if sheet in workbook.too_wide:
            gathered.could_not_read(sheet, _TOO_WIDE)
        else:
            _sheet(book, sheet, gathered, workbook.rows.get(sheet, ()))
        if package is not None and parts.get(sheet):
            gather_notes(package, parts[sheet], sheet, gathered)
    if gathered.is_empty and workbook.too_wide:
        raise UnreadableFileError(_TOO_WIDE)
    if archive is not None:
        gather_embedded(archive, gathered)
    return gathered.extract()


def _opened(data: bytes, *, is_locked: bool) -> Any:
    """Return calamine's workbook. Raises UnreadableFileError."""
    import python_calamine

    try:
        return python_calamine.load_workbook(io.BytesIO(data))
    except python_calamine.PasswordError as error:
        raise UnreadableFileError("a password is needed to read it") from error
    except python_calamine.CalamineError as error:
        if is_locked:
            raise UnreadableFileError("a password is needed to read it") from error
        raise UnreadableFileError(f"the file is damaged ({error})") from error


def _sheet(book: Any, sheet: str, gathered: Gathering, numbers: Sequence[int]) -> None:
    """Gather a sheet; `numbers` are those of its rows, none where they are counted."""
    import python_calamine

    try:
        rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except python_calamine.WorksheetNotFound:
        kinds = {one.name: one.typ for one in book.sheets_metadata}
        if kinds.get(sheet) == python_calamine.SheetTypeEnum.WorkSheet:  # else it is a chart
            gathered.could_not_read(sheet, "the file is damaged: it lacks this sheet")
        return
    except python_calamine.CalamineError as error:
        gathered.could_not_read(sheet, f"the sheet is damaged ({error})")
        return
    gather_rows(gathered, [[shown(c) for c in row] for row in rows], f"sheet {sheet}", numbers)


def gather_rows(
    gathered: Gathering, rows: Sequence[Sequence[str]], where: str, numbers: Sequence[int] = ()
) -> None:
    """Gather a sheet's rows, each under its header, placed by sheet and row.

    `numbers` are those of the rows, from 1; none where they are counted.
    """
    cells = [one_lined(row) for row in rows]
    header = tables.header(cells)
    gathered.place(where, fresh=True)
    for position, line in enumerate(tables.lines(cells, header)):
        if line:
            number = numbers[position] if numbers else position + 1
            gathered.place(f"{where}, row {number}" if where else f"row {number}")
            below = position >= header.end
            gathered.add(line, columns=header.names if below else "", gap="\n")


def shown(value: Any) -> str:
    """Return a cell's value as a sheet shows it."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return str(value.date()) if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time | timedelta):
        return str(value)
    return str(value)


def _checked(data: bytes) -> Archive:
    """Open the archive, and refuse a bomb before a parser that unpacks by itself sees it."""
    archive = Archive(data)
    for name in archive.names():
        if name.endswith((".xml", ".rels")):
            archive.read(name)
    return archive
