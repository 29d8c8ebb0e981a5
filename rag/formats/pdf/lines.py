"""A PDF page to lines: characters with their places, put together to words."""

import ctypes
import operator
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from rag.formats.pdf.characters.letters import HYPHEN, Frame, Letter, LetterRow
from rag.formats.pdf.characters.shifted import is_uneven, shifted
from rag.formats.pdf.characters.spacing import spaced

if TYPE_CHECKING:
    from rag.formats.pdf.tables.cells import Table

_LIGATURES = {
    "\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl",
    "\ufb05": "st", "\ufb06": "st",
}  # fmt: skip
_RULE = 1.0
"""Points that are free between two letters, for a rule to part them."""
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
    field: Literal["", "filled", "empty"] = ""
    """Of a form: whether what is filled in a field stands in it, or it names an empty field."""
    table: "Table | None" = None
    """The table that stands at its place; its text is then that of all cells."""

    @property
    def is_broken(self) -> bool:
        """Whether its last word goes on in the next line."""
        return self.text.endswith(HYPHEN)


class Lines:
    """Makes lines of the characters of one page."""

    def __init__(self, text: Any, pdfium: Any, frame: Frame, notes: Collection[str] = ()) -> None:
        """Take an open text page, the position in which it is read, and the marks of its notes."""
        self._text, self._pdfium, self._frame, self._notes = text, pdfium, frame, notes
        self._name, self._flags = ctypes.create_string_buffer(128), ctypes.c_int()

    def row(self, row: LetterRow, cuts: Sequence[float] = ()) -> list[Line]:
        """Return the lines of a row: it is broken at wide gaps, and where a rule is drawn.

        `cuts` are the rules' distances from the left.
        """
        return [self.line(part, row) for part in parts(row.letters, cuts)]

    def line(self, letters: Sequence[Letter], row: LetterRow) -> Line:
        """Return the line of some letters of a row, one of which at least is seen."""
        shown = [letter for letter in letters if letter[6]]
        _, ats, lefts, bottoms, rights, tops, _ = zip(*shown, strict=True)
        box = min(lefts), min(bottoms), max(rights), max(tops)
        if row.is_slanted:
            texts: Sequence[str] = [letter[0] for letter in letters]
        else:
            texts = spaced(letters)
            if is_uneven(bottoms, tops[0] - bottoms[0]):
                texts = list(texts)
                level = shifted(letters, texts, self._notes, lambda x: self._line_of(x, row.frame))
                _, ats, _, bottoms, _, tops, _ = zip(*level, strict=True)
                box = box[0], min(bottoms), box[2], max(tops)
        whole = "".join(texts)
        if not whole.isascii() or not whole.isprintable():
            whole = whole.translate(_EXPANDED)
            whole = whole.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            whole = whole.replace("\xa0", " ")
        sizes = sorted(map(operator.sub, tops, bottoms))
        if row.frame is not self._frame:
            box = self._frame.box(*row.frame.back(*box))
        return Line(
            " ".join(whole.split()),
            *box,
            (sizes[(len(sizes) - 1) // 2] + sizes[len(sizes) // 2]) / 2,
            all(self._is_bold(ats[i]) for i in (0, len(ats) // 2, -1)),
            row.is_slanted or row.frame is not self._frame,
        )

    def _line_of(self, letter: Letter, frame: Frame) -> float:
        """Return the height of the line that a letter stands on."""
        x, y = ctypes.c_double(), ctypes.c_double()
        if not self._pdfium.FPDFText_GetCharOrigin(self._text, letter.at, x, y):
            return letter.bottom
        return frame.box(x.value, y.value, x.value, y.value)[1]

    def _is_bold(self, at: int) -> bool:
        length = self._pdfium.FPDFText_GetFontInfo(self._text, at, self._name, 128, self._flags)
        shown = self._name.value.lower() if 0 < length <= 128 else b""
        if shown.endswith((b"-medi", b"-mediital", b"-demi")):
            return True
        return b"bold" in shown or b"black" in shown or b"cmbx" in shown or b"heavy" in shown


def mirrored_if_leftward(rows: list[list[Line]]) -> list[list[Line]]:
    """Return lines as in a mirror where most letters are of a script that runs to the left.

    What is known of margins, indentations and columns then holds for them as well.
    """
    letters = [
        letter
        for row in rows
        for line in row
        if not line.text.isascii()
        for letter in line.text
        if letter.isalpha()
    ]
    leftward = sum(unicodedata.bidirectional(letter) in ("R", "AL") for letter in letters)
    if not leftward:
        return rows
    total = sum(map(str.isalpha, "".join(line.text for row in rows for line in row)))
    if 2 * leftward <= total:
        return rows
    return [[replace(line, left=-line.right, right=-line.left) for line in row] for row in rows]


def parts(letters: Sequence[Letter], cuts: Sequence[float] = ()) -> list[Sequence[Letter]]:
    """Break a row's letters where a gap is as wide as a letter is tall, and at rules.

    There is a space then: the file's, or one that PDFium puts in a gap.
    """
    starts = [0]
    for space in [at for at, letter in enumerate(letters) if not letter[6]]:
        if space + 1 == len(letters) or not letters[space + 1].is_shown:
            continue
        before = next(letter for letter in letters[space - 1 :: -1] if letter.is_shown)
        after = letters[space + 1]
        gap = max(after.left - before.right, before.left - after.right)
        is_cut = cuts and gap > _RULE and any(before.right <= cut <= after.left for cut in cuts)
        if is_cut or gap > before.top - before.bottom:
            starts.append(space + 1)
    return [letters[start:end] for start, end in pairwise([*starts, len(letters)])]
