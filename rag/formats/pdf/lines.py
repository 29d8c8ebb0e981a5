"""A PDF page to lines: characters with their places, as PDFium finds them."""

import ctypes
import math
import operator
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

HYPHEN = "\x02"
"""What PDFium puts for the hyphen that a word is broken with at a line's end."""

ENDS = ("\r", "\n", HYPHEN, "\ufffe")
"""What ends a line; the last two are the hyphen of a broken word."""

_LIGATURES = {
    "\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl",
    "\ufb05": "st", "\ufb06": "st",
}  # fmt: skip
_EXPANDED = str.maketrans({**_LIGATURES, "\x00": "", "\ufffe": HYPHEN})


class Letter(NamedTuple):
    """A character, its number on the page, and its box."""

    letter: str
    at: int
    left: float
    bottom: float
    right: float
    top: float
    is_shown: bool
    """Whether there is anything to see."""


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


def page_rows(document: "PdfDocument", number: int) -> list[list[Line]]:
    """Return a page's lines, in the order the file has them, each broken at wide gaps.

    Raises PdfiumError.
    """
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
        rows: list[list[Line]] = []
        letters: list[Letter] = []
        for at in range(text.count_chars()):
            letter = chr(pdfium.FPDFText_GetUnicode(text.raw, at))
            if letter not in "\r\n":
                pdfium.FPDFText_GetLooseCharBox(text.raw, at, box)
                seen = (box.left, box.bottom, box.right, box.top)
                if rotation:
                    seen = _turned(rotation, width, height, *seen)
                is_shown = letter != HYPHEN and not letter.isspace()
                letters.append(Letter(letter, at, *seen, is_shown))
            if letter in ENDS and letters:
                rows.append([_line(part, text.raw, level, pdfium) for part in _parts(letters)])
                letters = []
        rows.append([_line(part, text.raw, level, pdfium) for part in _parts(letters)])
        return [row for row in rows if row]
    finally:
        text.close()
        page.close()


def mirrored_if_leftward(rows: list[list[Line]]) -> list[list[Line]]:
    """Return lines as in a mirror where most letters are of a script that runs to the left.

    What is known of margins, indentations and columns then holds for them as well.
    """
    letters = [c for row in rows for line in row for c in line.text if c.isalpha()]
    leftward = sum(unicodedata.bidirectional(letter) in ("R", "AL") for letter in letters)
    if 2 * leftward <= len(letters):
        return rows
    return [[replace(line, left=-line.right, right=-line.left) for line in row] for row in rows]


def _parts(letters: Sequence[Letter]) -> list[list[Letter]]:
    """Break a line's letters where a gap is as wide as a letter is tall."""
    parts: list[list[Letter]] = [[]]
    shown: Letter | None = None
    for letter in letters:
        if letter.is_shown:
            if shown is not None:
                gap = max(letter.left - shown.right, shown.left - letter.right)
                if gap > shown.top - shown.bottom:
                    parts.append([])
            shown = letter
        parts[-1].append(letter)
    return [part for part in parts if any(letter.is_shown for letter in part)]


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


def _line(letters: Sequence[Letter], text: Any, level: float, pdfium: Any) -> Line:
    """Make a line of letters; `level` is the angle of level text on this page."""
    shown = [letter for letter in letters if letter.is_shown]
    _, ats, lefts, bottoms, rights, tops, _ = zip(*shown, strict=True)
    joined = "".join(letter.letter for letter in letters).translate(_EXPANDED)
    whole = joined.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return Line(
        " ".join(whole.replace("\xa0", " ").split()),
        min(lefts),
        min(bottoms),
        max(rights),
        max(tops),
        median(map(operator.sub, tops, bottoms)),
        all(_is_bold(text, ats[i], pdfium) for i in (0, len(ats) // 2, -1)),
        abs(pdfium.FPDFText_GetCharAngle(text, ats[0]) - level) > 0.1,
    )


def _is_bold(text: Any, at: int, pdfium: Any) -> bool:
    name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    length = pdfium.FPDFText_GetFontInfo(text, at, name, len(name), flags)
    shown = name.value.lower() if 0 < length <= len(name) else b""
    if shown.endswith((b"-medi", b"-mediital", b"-demi")):
        return True
    return b"bold" in shown or b"black" in shown or b"cmbx" in shown or b"heavy" in shown
