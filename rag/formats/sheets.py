"""Workbooks (.xlsx, .xls, .ods): sheet by sheet, row by row, each row with its header."""

import io
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from rag.errors import UnreadableFileError
from rag.formats.archives import Archive
from rag.formats.embedded import gather_embedded
from rag.formats.extracts import Extract, Gathering, is_header, row_text
from rag.formats.kinds import is_locked

_HEADER_WITHIN = 10  # rows; above a header stand a title and remarks


def read(data: bytes, name: str) -> Extract:
    """Read a workbook; see the module. Raises UnreadableFileError."""
    import python_calamine

    archive = _checked(data) if data.startswith(b"PK") else None
    try:
        book = python_calamine.load_workbook(io.BytesIO(data))
    except python_calamine.PasswordError as error:
        raise UnreadableFileError("a password is needed to read it") from error
    except python_calamine.CalamineError as error:
        if is_locked(data):
            raise UnreadableFileError("a password is needed to read it") from error
        raise UnreadableFileError(f"the file is damaged ({error})") from error
    gathered = Gathering()
    for sheet in book.sheet_names:
        try:
            rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        except python_calamine.WorksheetNotFound:
            continue  # a sheet that is a chart
        except python_calamine.CalamineError as error:
            gathered.could_not_read(sheet, f"the sheet is damaged ({error})")
            continue
        gather_rows(gathered, [[shown(cell) for cell in row] for row in rows], f"sheet {sheet}")
    if archive is not None:
        gather_embedded(archive, gathered)
    return gathered.extract()


def gather_rows(gathered: Gathering, rows: Sequence[Sequence[str]], where: str) -> None:
    """Gather a sheet's rows, each under its header, placed by sheet and row."""
    at = header_row(rows)
    gathered.place(where, fresh=True)
    header = row_text(rows[at]) if at is not None else ""
    for number, row in enumerate(rows, start=1):
        line = row_text(row)
        if line:
            gathered.place(f"{where}, row {number}" if where else f"row {number}")
            below = at is not None and number > at + 1
            gathered.add(line, context=header if below else "", gap="\n")


def header_row(rows: Sequence[Sequence[str]]) -> int | None:
    """Return which row is the header: the first that looks like one and is as wide as the rest."""
    width = max((sum(map(bool, row)) for row in rows[: 5 * _HEADER_WITHIN]), default=0)
    for position, row in enumerate(rows[:_HEADER_WITHIN]):
        if is_header(row) and 2 * sum(map(bool, row)) >= width and position + 1 < len(rows):
            return position
    return None


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
