"""OpenDocument spreadsheets (.ods): the text that each cell shows, which the file holds.

Such a file says how often a cell or a row is repeated, and may say so without end. A sheet that is
too large as it stands is read without its empty rows and columns, its rows keeping their numbers,
and what is repeated more than MOST_REPEATS times is read once.
"""

import io
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from lxml import etree

from rag.errors import UnreadableFileError
from rag.formats.extract import LONGEST_TEXT, Gathering, one_spaced
from rag.formats.safe_xml import Element, attribute, local
from rag.formats.safe_zip import Archive
from rag.formats.spreadsheets.sheet_details import Range, SheetDetails, column_letters
from rag.formats.spreadsheets.sheet_rows import HIDDEN_SHEET, HIDDEN_SHEETS, TOO_WIDE, gather_rows
from rag.formats.spreadsheets.xlsx_gaps import MOST_PLACES

MOST_REPEATS = 1_000
"""Of a cell or row that is not empty, in a sheet that is closed up; what has more is read once."""

_TOO_LONG = f"its cells repeat more than {LONGEST_TEXT // 1_000_000} million characters of text"
_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)
_PROLOGUE = 1 << 16
_MOST_DIGITS = 15
_MOST_COLUMNS = 16_384
_UNSHOWN = {"annotation", "frame", "custom-shape", "ruby-text", "note"}
_VALUES = ("string-value", "date-value", "time-value", "boolean-value", "value")


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell that is not empty: its first column, counted from 0, and how often it is repeated."""

    column: int
    count: int
    text: str
    rows: int = 1
    """Rows and columns that it spans."""
    columns: int = 1


@dataclass(frozen=True, slots=True)
class _Row:
    """A row that holds cells: its number, counted from 1, and how often it is repeated."""

    number: int
    count: int
    cells: tuple[_Cell, ...]
    is_hidden: bool = False


@dataclass(slots=True)
class _Sheet:
    """A sheet as far as it is read."""

    name: str
    is_hidden: bool
    rows: list[_Row] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    """The place of each note and text box, and its text."""
    hidden_columns: set[int] = field(default_factory=set)
    height: int = 0
    width: int = 0


def gather_spreadsheet(archive: Archive, gathered: Gathering) -> None:
    """Gather the sheets of a spreadsheet. Raises UnreadableFileError."""
    if archive.has("META-INF/manifest.xml"):
        manifest = archive.read("META-INF/manifest.xml")
        if b"encryption-data" in manifest:
            raise UnreadableFileError("a password is needed to read it")
    too_wide = hidden = False
    for sheet in _sheets(archive.read("content.xml")):
        if sheet.is_hidden:
            gathered.could_not_read(sheet.name, HIDDEN_SHEET)
            hidden = True
        elif not _gather(sheet, gathered):
            gathered.could_not_read(sheet.name, TOO_WIDE)
            too_wide = True
    if gathered.is_empty and (too_wide or hidden):
        raise UnreadableFileError(TOO_WIDE if too_wide else HIDDEN_SHEETS)


def _gather(sheet: _Sheet, gathered: Gathering) -> bool:
    """Gather a sheet, if it is not too wide; return whether it was. Raises UnreadableFileError."""
    rows, fits = sheet.rows, _fits(sheet.rows)
    if not fits:
        rows = _closed(rows)
        if sum(row.count for row in rows) * _width(rows) > MOST_PLACES:
            return False
    if (
        sum(row.count * sum(c.count * len(c.text) for c in row.cells) for row in rows)
        > LONGEST_TEXT
    ):
        raise UnreadableFileError(_TOO_LONG)
    laid_out = [(row.number + after, row) for row in rows for after in range(row.count)]
    numbers = [number for number, _ in laid_out]
    details = SheetDetails(
        hidden_rows=frozenset(at for at, (_, row) in enumerate(laid_out) if row.is_hidden),
        hidden_columns=frozenset(sheet.hidden_columns if fits else ()),
    )
    ranges = list(_ranges(rows, numbers)) if fits else []
    width = _width(rows)
    texts = [_texts(row, width) for _, row in laid_out]
    gather_rows(gathered, texts, f"sheet {sheet.name}", details, ranges, numbers)
    for place, text in sheet.notes:
        gathered.place(f"sheet {sheet.name}, {place}")
        gathered.add(text)
    return True


def _length(row: _Row) -> int:
    return row.count * sum(cell.count * len(cell.text) for cell in row.cells)


def _texts(row: _Row, width: int) -> list[str]:
    texts: list[str] = []
    for cell in row.cells:
        texts += [""] * (cell.column - len(texts)) + [cell.text] * cell.count
    return texts + [""] * (width - len(texts))


def _ranges(rows: Sequence[_Row], numbers: Sequence[int]) -> Iterator[Range]:
    """Give the merged cells, by the places of their rows among those that hold cells."""
    for row in rows:
        for cell in row.cells:
            if cell.rows > 1 or cell.columns > 1:
                top = bisect_left(numbers, row.number)
                bottom = bisect_right(numbers, row.number + cell.rows - 1) - 1
                yield (top, cell.column), (bottom, cell.column + cell.columns - 1)


def _sheets(content: bytes) -> Iterator[_Sheet]:
    """Give each sheet when it has been read, its elements having been let go row by row."""
    if _ENTITY.search(content[:_PROLOGUE]):
        raise UnreadableFileError("it declares XML entities, which are not expanded")
    hidden_styles: set[str] = set()
    sheet: _Sheet | None = None
    try:
        for event, element in etree.iterparse(
            io.BytesIO(content),
            events=("start", "end"),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=True,
            remove_comments=True,
            remove_pis=True,
        ):
            kind = local(element)
            if event == "start":
                if kind == "table" and sheet is None and _is_within(element, "spreadsheet"):
                    style = attribute(element, "style-name")
                    sheet = _Sheet(attribute(element, "name"), style in hidden_styles)
            elif kind == "style":
                if any(attribute(part, "display") == "false" for part in element):
                    hidden_styles.add(attribute(element, "name"))
            elif sheet is not None and kind == "table" and _is_within(element, "spreadsheet"):
                yield sheet
                sheet = None
                element.clear()
            elif sheet is not None:
                _take(element, kind, sheet)
    except etree.XMLSyntaxError as error:
        reason = " ".join(str(error).split())[:120]
        raise UnreadableFileError(
            f"the file is damaged: content.xml is no sound XML ({reason})"
        ) from error


def _is_within(element: Element, kind: str) -> bool:
    parent = element.getparent()
    return parent is not None and local(parent) == kind


def _take(element: Element, kind: str, sheet: _Sheet) -> None:
    """Take a row, a column or the shapes of a sheet; what stands in a cell of another is passed."""
    if kind not in ("table-row", "table-column", "shapes"):
        return
    tables = sum(local(above) == "table" for above in element.iterancestors())
    if tables > 1:
        return
    if kind == "shapes":
        sheet.notes += [("text box", text) for text in _boxes(element)]
    elif kind == "table-column":
        count = _number(element, "number-columns-repeated")
        if attribute(element, "visibility") in ("collapse", "filter"):
            last = min(sheet.width + count, _MOST_COLUMNS)
            sheet.hidden_columns.update(range(sheet.width, last))
        sheet.width += count
    else:
        number = sheet.height + 1
        count = _number(element, "number-rows-repeated")
        cells = tuple(_cells(element, number, sheet))
        if cells:
            is_hidden = attribute(element, "visibility") in ("collapse", "filter")
            sheet.rows.append(_Row(number, count, cells, is_hidden))
        sheet.height += count
        element.clear()


def _cells(row: Element, number: int, sheet: _Sheet) -> Iterator[_Cell]:
    """Give the cells of a row that show anything, and keep the notes that stand in them."""
    column = 0
    for element in row:
        kind = local(element)
        if kind not in ("table-cell", "covered-table-cell"):
            continue
        count = _number(element, "number-columns-repeated")
        if kind == "table-cell":
            text = _shown(element)
            if text:
                rows = _number(element, "number-rows-spanned")
                yield _Cell(column, count, text, rows, _number(element, "number-columns-spanned"))
            place = f"{column_letters(column + 1)}{number}"
            for note in element:
                if local(note) == "annotation":
                    sheet.notes.append((f"note at {place}", _paragraphs(note)))
            sheet.notes += [("text box", box) for box in _boxes(element)]
        column += count


def _shown(cell: Element) -> str:
    """Return the text that a cell shows; without one, as some programs leave it out, its value."""
    text = _paragraphs(cell)
    if text or not attribute(cell, "value-type"):
        return text
    return next((value for name in _VALUES if (value := attribute(cell, name))), "")


def _boxes(element: Element) -> list[str]:
    """Return the texts of the frames and shapes in an element."""
    shapes = (e for e in element.iter() if local(e) in ("text-box", "custom-shape"))
    return [text for shape in shapes if (text := _paragraphs(shape))]


def _paragraphs(element: Element) -> str:
    """Return the paragraphs that stand in an element itself, a line each."""
    lines = ("".join(_pieces(p)) for p in element if local(p) in ("p", "h"))
    return "\n".join(line for one in lines if (line := one_spaced(one)))


def _pieces(paragraph: Element) -> Iterator[str]:
    """Give the text of a paragraph piece by piece, without what stands beside it."""
    passed: Element | None = None
    for event, element in etree.iterwalk(paragraph, events=("start", "end")):
        if passed is not None:
            if event == "end" and element is passed:
                passed = None
                yield element.tail or ""
        elif event == "start":
            kind = local(element)
            if kind in _UNSHOWN:
                passed = element
            else:
                yield {"s": " ", "tab": "\t", "line-break": "\n"}.get(kind, "")
                yield element.text or ""
        elif element is not paragraph:
            yield element.tail or ""


def _number(element: Element, name: str) -> int:
    """Return a count, 1 where none is given."""
    digits = attribute(element, name).strip()[:_MOST_DIGITS]
    return max(1, int(digits)) if digits.isascii() and digits.isdigit() else 1


def _shortened(count: int) -> int:
    """Return how often a cell or row is read that is repeated so often."""
    return count if count <= MOST_REPEATS else 1


def _width(rows: Sequence[_Row]) -> int:
    return max((row.cells[-1].column + row.cells[-1].count for row in rows), default=0)


def _fits(rows: Sequence[_Row]) -> bool:
    """Return whether a sheet is small enough with its gaps, and each repeated row worth it."""
    height = rows[-1].number + rows[-1].count - 1 if rows else 0
    return height * _width(rows) <= MOST_PLACES and all(row.count <= MOST_REPEATS for row in rows)


def _closed(rows: Sequence[_Row]) -> list[_Row]:
    """Return rows without the empty columns between their cells, and repeated less often."""
    columns = {
        column
        for row in rows
        for cell in row.cells
        for column in range(cell.column, cell.column + _shortened(cell.count))
    }
    place_of = {column: place for place, column in enumerate(sorted(columns))}
    return [
        replace(
            row,
            count=_shortened(row.count),
            cells=tuple(
                replace(cell, column=place_of[cell.column], count=_shortened(cell.count))
                for cell in row.cells
            ),
        )
        for row in rows
    ]
