"""Fields of forms: what is filled in stands beside its label, as on the page.

PDFium gives the text of fields after that of the page, and boxes that are ticked as letters of a
symbol font or not at all. The nearest text on the same line is taken for a field's label, else the
text right above or below it.
"""

import ctypes
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rag.formats.pdf.characters.letters import Box, Frame, Letter, LetterRow
from rag.formats.pdf.lines import Line, Lines, parts

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

_MOST_FIELDS = 2_000
"""Of a page; the text of others stays where PDFium has it."""
_MOST_TRIALS = 500_000
"""Pairs of fields and lines that are compared on a page."""
_HIDDEN = 0x01 | 0x02 | 0x20
"""Flags of annotations that are not shown: ISO 32000-1, table 165."""
_PASSWORD = 0x2000
"""Flag of a text field: ISO 32000-1, table 228."""
_FARTHEST = 250.0
"""Points from a label to its field."""
_OVERLAP = 0.4
"""Share of the lower one's height by which a field and its label stand on one line."""
_MARKS = {"check": "☐☒", "radio": "○◉"}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form, where the file has it."""

    box: Box
    kind: str
    """"text", "check" or "radio"."""
    value: str
    """What is filled in; of a box, the character that shows its state."""
    is_drawn: bool = True
    """Whether the file says how it looks, and what is not seen there is not shown."""


@contextmanager
def form_of(document: "PdfDocument", pdfium: Any) -> Iterator[Any]:
    """Give PDFium's handle for a document's form, None where it has none."""
    if not document.get_formtype():
        yield None
        return
    callbacks = pdfium.FPDF_FORMFILLINFO(version=2)
    form = pdfium.FPDFDOC_InitFormFillEnvironment(document.raw, callbacks)
    try:
        yield form or None
    finally:
        if form:
            pdfium.FPDFDOC_ExitFormFillEnvironment(form)


def fields_of(page: Any, form: Any, pdfium: Any) -> list[Field]:
    """Return the fields of an open page that show something, before it is flattened."""
    fields = []
    pdfium.FORM_OnAfterLoadPage(page, form)  # without it, the state of boxes is not known
    for at in range(min(pdfium.FPDFPage_GetAnnotCount(page), _MOST_FIELDS)):
        annotation = pdfium.FPDFPage_GetAnnot(page, at)
        if pdfium.FPDFAnnot_GetSubtype(annotation) == pdfium.FPDF_ANNOT_WIDGET:
            field = _field(annotation, form, pdfium)
            if field is not None:
                fields.append(field)
        pdfium.FPDFPage_CloseAnnot(annotation)
    pdfium.FORM_OnBeforeClosePage(page, form)
    return fields


def _field(annotation: Any, form: Any, pdfium: Any) -> Field | None:
    rectangle = pdfium.FS_RECTF()
    is_hidden = pdfium.FPDFAnnot_GetFlags(annotation) & _HIDDEN
    if is_hidden or not pdfium.FPDFAnnot_GetRect(annotation, rectangle):
        return None
    sides = sorted((rectangle.left, rectangle.right)), sorted((rectangle.bottom, rectangle.top))
    box = sides[0][0], sides[1][0], sides[0][1], sides[1][1]
    kind = pdfium.FPDFAnnot_GetFormFieldType(form, annotation)
    if kind in (pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON):
        name = "check" if kind == pdfium.FPDF_FORMFIELD_CHECKBOX else "radio"
        return Field(box, name, _MARKS[name][bool(pdfium.FPDFAnnot_IsChecked(form, annotation))])
    if kind not in (
        pdfium.FPDF_FORMFIELD_TEXTFIELD,
        pdfium.FPDF_FORMFIELD_COMBOBOX,
        pdfium.FPDF_FORMFIELD_LISTBOX,
    ):
        return None
    is_secret = pdfium.FPDFAnnot_GetFormFieldFlags(form, annotation) & _PASSWORD
    is_secret = is_secret and kind == pdfium.FPDF_FORMFIELD_TEXTFIELD
    # as the file draws it, if it does
    is_drawn = pdfium.FPDFAnnot_GetAP(annotation, pdfium.FPDF_ANNOT_APPEARANCEMODE_NORMAL, None, 0)
    value = "" if is_secret else _value(annotation, form, pdfium)
    return Field(box, "text", value, is_drawn > 2)


def _value(annotation: Any, form: Any, pdfium: Any) -> str:
    size = pdfium.FPDFAnnot_GetFormFieldValue(form, annotation, None, 0)
    if size <= 2:
        return ""
    buffer = ctypes.create_string_buffer(size)
    units = ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort))
    pdfium.FPDFAnnot_GetFormFieldValue(form, annotation, units, size)
    return buffer.raw[: size - 2].decode("utf-16-le", "replace")


def without_fields(
    rows: Sequence[LetterRow], fields: Sequence[Field], frame: Frame, first: int
) -> tuple[list[LetterRow], list[list[LetterRow]]]:
    """Return the rows without what stands in fields, and that for each field.

    Characters before number `first` are the page's own.
    """
    boxes = [frame.box(*field.box) for field in fields]
    rest: list[LetterRow] = []
    inside: list[list[LetterRow]] = [[] for _ in fields]
    for row in rows:
        if row.letters[-1].at < first or row.frame is not frame:
            rest.append(row)
            continue
        outside: list[Letter] = []
        for part in parts(row.letters):
            at = _field_at(part, boxes) if part[0].at >= first else None
            if at is None:
                outside += part
            else:
                inside[at].append(row._replace(letters=list(part)))
        if outside:
            rest.append(row._replace(letters=outside))
    return rest, inside


def _field_at(part: Sequence[Letter], boxes: Sequence[Box]) -> int | None:
    """Return which field the middle of most of a row's part is in."""
    middles = [
        ((one.left + one.right) / 2, (one.bottom + one.top) / 2) for one in part if one.is_shown
    ]
    for at, (left, bottom, right, top) in enumerate(boxes):
        count = sum(left <= x <= right and bottom <= y <= top for x, y in middles)
        if 2 * count > len(middles):
            return at
    return None


def with_fields(
    rows: Sequence[Sequence[Line]],
    fields: Sequence[Field],
    contents: Sequence[Sequence[LetterRow]],
    lines: Lines,
    frame: Frame,
) -> list[list[Line]]:
    """Return a page's rows with what is filled in beside its label.

    `contents` are the characters that stand in each field.
    """
    filled = []
    for field, content in zip(fields, contents, strict=True):
        box = frame.box(*field.box)
        text = field.value if field.kind != "text" or not field.is_drawn else ""
        if field.kind == "text" and content:
            text = " ".join(line.text for row in content for line in lines.row(row))
            if _letters(text) and _letters(text) == _letters(
                field.value
            ):  # one letter in each box, perhaps
                text = field.value
        filled.append((box, field.kind, " ".join(text.split())))
    return _placed([list(row) for row in rows], filled)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _placed(rows: list[list[Line]], filled: Sequence[tuple[Box, str, str]]) -> list[list[Line]]:
    boxes = [box for box, _, _ in filled]
    trials = 0
    for box, kind, text in sorted(filled, key=lambda one: (-round(one[0][3]), one[0][0])):
        trials += sum(map(len, rows)) + len(boxes)
        label = _label(rows, box, kind, boxes) if trials <= _MOST_TRIALS else None
        if label is not None:
            row, at = label
            line = rows[row][at]
            if not text:
                is_beside = line.bottom < box[3] and line.top > box[1]
                if is_beside:
                    rows[row][at] = replace(line, field=line.field or "empty")
            else:
                is_before = kind != "text" and box[0] < line.left
                whole = f"{text} {line.text}" if is_before else f"{line.text} {text}"
                rows[row][at] = replace(line, text=whole, field="filled")
        elif text and kind == "text":
            left, bottom, right, top = box
            size = min(top - bottom, 12.0)
            value = Line(text, left, bottom, right, top, size, False, False, "filled")
            rows.insert(_row_above(rows, (bottom + top) / 2), [value])
    return rows


def _row_above(rows: Sequence[Sequence[Line]], height: float) -> int:
    """Return where a row at a height belongs: after the row that is next above it."""
    above = [
        (min(line.bottom for line in row), at)
        for at, row in enumerate(rows)
        if not row[0].turned and min(line.bottom for line in row) >= height
    ]
    return min(above)[1] + 1 if above else 0


def _label(
    rows: Sequence[Sequence[Line]], box: Box, kind: str, boxes: Sequence[Box]
) -> tuple[int, int] | None:
    """Return where a field's label is: its row, and its place there."""
    best: tuple[float, int, int] | None = None
    for row, lines in enumerate(rows):
        for at, line in enumerate(lines):
            distance = None if line.turned else _distance(line, box, kind, boxes)
            if distance is not None and (best is None or distance < best[0]):
                best = distance, row, at
    return best[1:] if best else None


def _distance(line: Line, box: Box, kind: str, boxes: Sequence[Box]) -> float | None:
    """Return how far a line is from a field whose label it may be, in points, else None."""
    left, bottom, right, top = box
    overlap = min(line.top, top) - max(line.bottom, bottom)
    if overlap > _OVERLAP * min(line.top - line.bottom, top - bottom):
        to_right, to_left = line.left - right, left - line.right
        if kind != "text" and -2 <= to_right < 4 * line.size:
            distance = to_right
            between = right, line.left
        elif -2 <= to_left < _FARTHEST:
            distance = to_left
            between = line.right, left
        else:
            return None
        if _is_parted(between, line, boxes):
            return None
        return max(0.0, distance) + (0.0 if kind == "text" else 1.0 * (distance == to_left))
    if kind != "text" or min(line.right, right) - max(line.left, left) <= 0:
        return None
    above, below = line.bottom - top, bottom - line.top
    # a label above a field is as near as one four letters to the left
    if -2 <= above < 1.5 * line.size:
        return 4 * line.size + max(0.0, above)
    if -2 <= below < 1.0 * line.size:
        return _FARTHEST + max(0.0, below)
    return None


def _is_parted(between: tuple[float, float], line: Line, boxes: Sequence[Box]) -> bool:
    """Tell whether another field stands between a label and a field."""
    middle = (line.bottom + line.top) / 2
    return any(
        between[0] - 2 <= (left + right) / 2 <= between[1] + 2 and bottom <= middle <= top
        for left, bottom, right, top in boxes
    )
