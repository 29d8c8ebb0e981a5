"""Workbooks (.xlsx, .xls, .ods): sheet by sheet, row by row, each row with its header."""

import io
from collections.abc import Callable, Sequence
from typing import Any

from rag.errors import UnreadableFileError
from rag.formats.extract import Extract, Gathering
from rag.formats.metadata.properties import NOTHING
from rag.formats.office.embedded_files import gather_embedded
from rag.formats.office.ooxml import Package
from rag.formats.office.opendocument.properties import properties_of
from rag.formats.registry import is_locked
from rag.formats.safe_zip import Archive
from rag.formats.spreadsheets.cell_notes import gather_notes
from rag.formats.spreadsheets.ods import gather_spreadsheet
from rag.formats.spreadsheets.sheet_details import SheetDetails, texts
from rag.formats.spreadsheets.sheet_rows import HIDDEN_SHEET, HIDDEN_SHEETS, TOO_WIDE, gather_rows
from rag.formats.spreadsheets.xls_details import XlsDetails
from rag.formats.spreadsheets.xls_gaps import closed_up_biff
from rag.formats.spreadsheets.xlsx_details import XlsxDetails
from rag.formats.spreadsheets.xlsx_gaps import Workbook, closed_up, sheet_parts

Describe = Callable[[str, int, int], SheetDetails]
"""Tells a sheet's details by its name, height and width."""


def read(data: bytes, name: str) -> Extract:
    """Read a workbook; see the module. Raises UnreadableFileError."""
    archive = _checked(data) if data.startswith(b"PK") else None
    gathered = Gathering()
    if archive is not None and archive.has("content.xml") and not archive.has("xl/workbook.xml"):
        gather_spreadsheet(archive, gathered)
        gather_embedded(archive, gathered)
        return gathered.extract(gathered.describe(properties_of(archive)))
    workbook = Workbook(data, {}, frozenset())
    if archive is not None and archive.has("xl/workbook.xml"):
        workbook = closed_up(data, archive)
    elif archive is None:
        workbook = closed_up_biff(data)
    book = _opened(workbook.data, is_locked=is_locked(data))
    package = Package(data) if archive is not None and archive.has("xl/workbook.xml") else None
    parts = sheet_parts(data) if package is not None else {}
    details = _described(workbook, package, gathered)
    visible = _visible(book, gathered)
    for sheet in visible:
        if sheet in workbook.too_wide:
            gathered.could_not_read(sheet, TOO_WIDE)
        else:
            _sheet(book, sheet, gathered, workbook.rows.get(sheet, ()), details)
        if package is not None and parts.get(sheet):
            gather_notes(package, parts[sheet], sheet, gathered)
    if gathered.is_empty and workbook.too_wide:
        raise UnreadableFileError(TOO_WIDE)
    if archive is not None:
        gather_embedded(archive, gathered)
    if gathered.is_empty and len(visible) < len(book.sheet_names):
        raise UnreadableFileError(HIDDEN_SHEETS)
    return gathered.extract(gathered.describe(package.properties() if package else NOTHING))


def _visible(book: Any, gathered: Gathering) -> list[str]:
    """Return the names of the sheets that a reader sees; the others are recorded as not read."""
    import python_calamine

    hidden = {
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.visible != python_calamine.SheetVisibleEnum.Visible
    }
    for sheet in book.sheet_names:
        if sheet in hidden:
            gathered.could_not_read(sheet, HIDDEN_SHEET)
    return [sheet for sheet in book.sheet_names if sheet not in hidden]


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


def _described(workbook: Workbook, package: Package | None, gathered: Gathering) -> Describe:
    """Return what tells a sheet's details by its name, height and width."""
    if not workbook.data.startswith(b"PK"):
        return XlsDetails(workbook.data).of_sheet
    if package is None:
        return lambda sheet, height, width: SheetDetails()
    try:
        return XlsxDetails(workbook.data).of_sheet
    except UnreadableFileError as error:
        gathered.could_not_read("number formats", str(error))
        return lambda sheet, height, width: SheetDetails()


def _sheet(
    book: Any, sheet: str, gathered: Gathering, numbers: Sequence[int], describe: Describe
) -> None:
    """Gather a sheet; `numbers` are those of its rows, none where they are counted."""
    import python_calamine

    try:
        cells = book.get_sheet_by_name(sheet)
        values = cells.to_python(skip_empty_area=False)
    except python_calamine.WorksheetNotFound:
        kinds = {one.name: one.typ for one in book.sheets_metadata}
        if kinds.get(sheet) == python_calamine.SheetTypeEnum.WorkSheet:  # else it is a chart
            gathered.could_not_read(sheet, "the file is damaged: it lacks this sheet")
        return
    except python_calamine.CalamineError as error:
        gathered.could_not_read(sheet, f"the sheet is damaged ({error})")
        return
    details = describe(sheet, len(values), max(map(len, values), default=0))
    ranges = () if numbers else cells.merged_cell_ranges or ()
    gather_rows(gathered, texts(values, details), f"sheet {sheet}", details, ranges, numbers)


def _checked(data: bytes) -> Archive:
    """Open the archive, and refuse a bomb before a parser that unpacks by itself sees it."""
    archive = Archive(data)
    for name in archive.names():
        if name.endswith((".xml", ".rels")):
            archive.read(name)
    return archive
