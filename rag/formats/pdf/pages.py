"""One page of a PDF to lines, in the order in which they are read."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rag.formats.pdf.characters.letters import LetterRow, page_letters
from rag.formats.pdf.characters.shifted import note_marks
from rag.formats.pdf.columns import in_reading_order
from rag.formats.pdf.forms import fields_of, with_fields, without_fields
from rag.formats.pdf.lines import Line, Lines, mirrored_if_leftward
from rag.formats.pdf.tables.page_tables import may_have_tables, with_tables
from rag.formats.pdf.tables.ruled import Grid, grids
from rag.formats.pdf.tables.rules import Rules, drawn_rules

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument


def page_lines(document: "PdfDocument", number: int, form: Any = None) -> list[Line]:
    """Return the lines of page `number`, counted from 0; `form` is PDFium's handle of the form.

    Raises PdfiumError.
    """
    import pypdfium2.raw as pdfium

    page = document[number]
    fields, first = [], 0
    if _has_notes(page.raw, pdfium):
        if form is not None:
            fields = fields_of(page.raw, form, pdfium)
        if fields:
            own = page.get_textpage()
            first = own.count_chars()
            own.close()
        if pdfium.FPDFPage_Flatten(page.raw, 0):
            page.close()
            page = document[number]  # anew, with what forms and notes show as part of it
    text = page.get_textpage()
    try:
        letters = page_letters(page, text, pdfium)
        lines = Lines(text.raw, pdfium, letters.frame, note_marks(letters.rows))
        rows = letters.rows
        if fields:
            rows, contents = without_fields(rows, fields, letters.frame, first)
        parts = [lines.row(row) for row in rows]
        may_have = may_have_tables(parts)
        rules = drawn_rules(page.raw, pdfium, letters.frame) if may_have else Rules()
        ruled = list(grids(rules))
        _cut(parts, rows, ruled, lines)
        if fields:
            parts = with_fields(parts, fields, contents, lines, letters.frame)
    finally:
        text.close()
        page.close()
    ordered = mirrored_if_leftward(parts)
    if ordered is not parts:
        rules = rules.mirrored()
        ruled = list(grids(rules))
    if may_have:
        ordered = with_tables(ordered, ruled, [rule.at for rule in rules.level])
    return in_reading_order(ordered, is_reordered=letters.is_reordered)


def _cut(
    parts: list[list[Line]], rows: Sequence[LetterRow], tables: Sequence[Grid], lines: Lines
) -> None:
    """Break lines where the upright rules of tables cross them."""
    upright = [rule for grid in tables for rule in grid.upright]
    if not upright:
        return
    for at, row in enumerate(rows):
        first = row.letters[0]
        middle = (first.bottom + first.top) / 2
        cuts = [rule.at for rule in upright if rule.start < middle < rule.end]
        if cuts and not row.is_slanted:
            parts[at] = lines.row(row, cuts)


def _has_notes(page: Any, pdfium: Any) -> bool:
    """Tell whether a page has annotations that show text: fields of forms, notes, stamps."""
    for at in range(pdfium.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium.FPDFPage_GetAnnot(page, at)
        kind = pdfium.FPDFAnnot_GetSubtype(annotation)
        pdfium.FPDFPage_CloseAnnot(annotation)
        if kind not in (pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP):
            return True
    return False
