"""A PDF page to lines: characters with their places, as PDFium finds them."""

import ctypes
import math
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

HYPHEN = "\x02"
"""What PDFium puts for the hyphen that a word is broken with at a line's end."""

_LIGATURES = {
    "\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl",
    "\ufb05": "st", "\ufb06": "st",
}  # fmt: skip
_EXPANDED = str.maketrans({**_LIGATURES, "\x00": "", "\ufffe": HYPHEN})


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text and its box, in points from the lower left of the page as it is seen."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float
    """How tall its letters' boxes are: a measure of the font's size."""
    bold: bool
    turned: bool
    """Whether it is not level, as what stands along a page's edge."""

    @property
    def is_broken(self) -> bool:
        """Whether its last word goes on in the next line."""
        return self.text.endswith(HYPHEN)


def page_lines(document: "PdfDocument", number: int) -> list[Line]:
    """Return a page's lines, in the order the file has them. Raises PdfiumError."""
    import pypdfium2.raw as pdfium

    page = document[number]
    if _has_notes(page.raw, pdfium) and pdfium.FPDFPage_Flatten(page.raw, 0):
        page.close()
        page = document[number]  # anew, with what forms and notes show as part of it
    text = page.get_textpage()
    try:
        rotation, width, height = page.get_rotation(), page.get_width(), page.get_height()
        level = math.radians(rotation)
        box = pdfium.FS_RECTF()
        lines: list[Line] = []
        letters: list[tuple[str, int, float, float, float, float]] = []
        for at in range(text.count_chars()):
            letter = chr(pdfium.FPDFText_GetUnicode(text.raw, at))
            if letter in "\r\n":
                _end(lines, letters, text.raw, level, pdfium)
                continue
            pdfium.FPDFText_GetLooseCharBox(text.raw, at, box)
            seen = _turned(rotation, width, height, box.left, box.bottom, box.right, box.top)
            letters.append((letter, at, *seen))
            if letter in (HYPHEN, "\ufffe"):
                _end(lines, letters, text.raw, level, pdfium)
        _end(lines, letters, text.raw, level, pdfium)
        return lines
    finally:
        text.close()
        page.close()


def _has_notes(page: Any, pdfium: Any) -> bool:
    """Tell whether a page has annotations that show text: fields of forms, notes, stamps."""
    for at in range(pdfium.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium.FPDFPage_GetAnnot(page, at)
        kind = pdfium.FPDFAnnot_GetSubtype(annotation)
        pdfium.FPDFPage_CloseAnnot(annotation)
        if kind not in (pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP):
            return True
    return False


def _turned(
    rotation: int, width: float, height: float, *box: float
) -> tuple[float, float, float, float]:
    """Return a box as it stands on the page that is seen, which may be turned."""
    left, bottom, right, top = box
    if rotation == 90:
        return bottom, height - right, top, height - left
    if rotation == 180:
        return width - right, height - top, width - left, height - bottom
    if rotation == 270:
        return width - top, left, width - bottom, right
    return left, bottom, right, top


def _end(
    lines: list[Line],
    letters: list[tuple[str, int, float, float, float, float]],
    text: Any,
    level: float,
    pdfium: Any,
) -> None:
    """Make a line of the letters so far; `level` is the angle of level text on this page."""
    shown = [letter for letter in letters if not letter[0].isspace() and letter[0] != HYPHEN]
    if shown:
        joined = "".join(letter[0] for letter in letters).translate(_EXPANDED)
        whole = joined.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        lines.append(
            Line(
                " ".join(whole.replace("\xa0", " ").split()),
                min(letter[2] for letter in shown),
                min(letter[3] for letter in shown),
                max(letter[4] for letter in shown),
                max(letter[5] for letter in shown),
                median(letter[5] - letter[3] for letter in shown),
                all(_is_bold(text, shown[i][1], pdfium) for i in (0, len(shown) // 2, -1)),
                abs(pdfium.FPDFText_GetCharAngle(text, shown[0][1]) - level) > 0.1,
            )
        )
    letters.clear()


def _is_bold(text: Any, at: int, pdfium: Any) -> bool:
    name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    length = pdfium.FPDFText_GetFontInfo(text, at, name, len(name), flags)
    shown = name.value.lower() if 0 < length <= len(name) else b""
    if shown.endswith((b"-medi", b"-mediital", b"-demi")):
        return True
    return b"bold" in shown or b"black" in shown or b"cmbx" in shown or b"heavy" in shown
