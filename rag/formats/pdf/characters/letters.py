"""The characters of a PDF page with their boxes, as PDFium finds them, row by row.

PDFium gives characters in the order in which the file draws them, and ends a row where the next
character stands elsewhere. Text may be turned: on a sheet that is scanned or printed sideways all
of it is, along the edge of a figure only a label. The boxes of a row are those of a page turned so
that the row is level; `Frame` turns them back.
"""

import ctypes
import math
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise, takewhile
from typing import Any, NamedTuple

HYPHEN = "\x02"
"""What PDFium puts for the hyphen that a word is broken with at a line's end."""

_ENDS = frozenset(("\r", "\n", HYPHEN, "\ufffe"))
"""What ends a row; the last two are the hyphen of a broken word."""
_UNSEEN = frozenset((*_ENDS, "\0"))
_LEVEL_SHARE = 0.6
"""Of a page's characters: as many turned alike are what the page is turned for."""
_LONGEST_WORD = 40
_WORD_GAP = 0.12
"""Times the height of letters: a gap between words."""
_COPY_SHIFT, _COPY_RISE = 0.5, 0.1
"""Times a letter's width and height: how far from it its shadow may stand."""
_RECENT = 50
"""Rows of the same text that one is compared with."""
_SLANT = 0.1
"""Radians; more is not level in any position of the page."""

_NEAREST = 6
"""Letters at a row's end, raised and level ones, that tell its height."""

Box = tuple[float, float, float, float]
"""Left, bottom, right, top, in points from the lower left."""


class Letter(NamedTuple):
    """A character, its number on the page, and its box.

    The box is as wide as the character's advance and as tall as its font.
    """

    letter: str
    at: int
    left: float
    bottom: float
    right: float
    top: float
    is_shown: bool
    """Whether there is anything to see."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A page turned clockwise by a number of degrees, a multiple of 90."""

    rotation: int
    width: float
    """Points, of the page as the file has it, before it is turned."""
    height: float

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        """Return a box of the page as the file has it where it stands on the turned page."""
        if self.rotation == 90:
            return bottom, self.width - right, top, self.width - left
        if self.rotation == 180:
            return self.width - right, self.height - top, self.width - left, self.height - bottom
        if self.rotation == 270:
            return self.height - top, left, self.height - bottom, right
        return left, bottom, right, top

    def back(self, left: float, bottom: float, right: float, top: float) -> Box:
        """Return a box of the turned page where it stands on the page as the file has it."""
        sideways = self.rotation in (90, 270)
        across, up = (self.height, self.width) if sideways else (self.width, self.height)
        return Frame(-self.rotation % 360, across, up).box(left, bottom, right, top)


class LetterRow(NamedTuple):
    """Characters that stand side by side, with boxes as `frame` turns them."""

    letters: list[Letter]
    frame: Frame
    is_slanted: bool


@dataclass(frozen=True, slots=True)
class PageLetters:
    """A page's characters, and how the page has to be turned to read most of them."""

    rows: list[LetterRow]
    frame: Frame
    is_reordered: bool
    """Whether the page is read in another position than PDFium supposed for its order."""


def page_letters(page: Any, text: Any, pdfium: Any) -> PageLetters:
    """Return the characters of an open page and its text page, in the file's order."""
    rotation = page.get_rotation()
    across, up = page.get_width(), page.get_height()
    width, height = (up, across) if rotation in (90, 270) else (across, up)
    frames = [Frame(-90 * quarter % 360, width, height) for quarter in range(4)]
    upright = -rotation // 90 % 4
    raw = []
    weights: Counter[int] = Counter()
    for row in _once(_raw_rows(text.raw, text.count_chars(), pdfium)):
        angle = pdfium.FPDFText_GetCharAngle(text.raw, row[0][1])
        is_slanted = abs(math.remainder(angle, math.pi / 2)) > _SLANT
        quarter = _quarter(row, angle)
        raw.append((row, quarter, is_slanted))
        if not is_slanted:
            weights[quarter] += len(row)
    level = upright
    if weights:
        [(usual, weight)] = weights.most_common(1)
        level = usual if weight > _LEVEL_SHARE * weights.total() else upright
    rows = []
    for row, quarter, is_slanted in raw:
        frame = frames[level if is_slanted else quarter]
        if frame.rotation:
            row = [Letter(one[0], one[1], *frame.box(*one[2:6]), one[6]) for one in row]
        if quarter != upright and not is_slanted:
            row = _left_to_right(row)
        rows.append(LetterRow(row, frame, is_slanted))
    whole = _first_to_last(_whole_rows(rows), frames[level])
    return PageLetters(whole, frames[level], level != upright)


def _left_to_right(row: list[Letter]) -> list[Letter]:
    """Put the words of a turned row in order: PDFium may have the last one first."""
    lefts = [letter.left for letter in row if letter.is_shown]
    if all(one <= other for one, other in pairwise(lefts)) or _is_leftward(row):
        return row
    ordered = sorted((one for one in row if one.is_shown), key=lambda letter: letter.left)
    spaced = ordered[:1]
    for last, letter in pairwise(ordered):
        if letter.left - last.right > _WORD_GAP * (letter.top - letter.bottom):
            spaced.append(
                Letter(" ", letter.at, last.right, last.bottom, letter.left, last.top, False)
            )
        spaced.append(letter)
    return spaced


def _quarter(row: Sequence[Letter], angle: float) -> int:
    """Return by how many quarters of a circle a row is turned clockwise.

    Its letters may be drawn one by one and each upright, as a layer of recognised text has them:
    where they run the other way than the font says, the font is wrong, or the script runs so.
    """
    quarter = round(angle / (math.pi / 2)) % 4
    word = list(takewhile(lambda letter: letter.is_shown, row[:_LONGEST_WORD]))
    x, y = word[-1].left - word[0].left, word[-1].bottom - word[0].bottom
    along = (x, -y, -x, y)[quarter]
    if along > -0.2 * (word[0].top - word[0].bottom) or _is_leftward(row):
        return quarter
    return (quarter + 2) % 4


def _is_leftward(row: Sequence[Letter]) -> bool:
    return any(unicodedata.bidirectional(letter.letter) in ("R", "AL") for letter in row)


def _raw_rows(text: Any, count: int, pdfium: Any) -> Iterator[list[Letter]]:
    """Give rows with boxes as the file has them, each beginning with what is seen."""
    box_of, box = pdfium.FPDFText_GetLooseCharBox, pdfium.FS_RECTF()
    reference, sides = ctypes.byref(box), memoryview(box).cast("B").cast("f")
    new = tuple.__new__  # the class itself would be called a million times
    row: list[Letter] = []
    for at, letter in enumerate(_characters(text, count, pdfium)):
        if letter not in "\r\n":
            is_shown = " " < letter < "\x7f" or not (letter.isspace() or letter in _UNSEEN)
            if is_shown or row:
                box_of(text, at, reference)
                left, top, right, bottom = sides
                row.append(new(Letter, (letter, at, left, bottom, right, top, is_shown)))
        if row and letter in _ENDS:
            yield row
            row = []
    if row:
        yield row


def _once(rows: Iterable[list[Letter]]) -> Iterator[list[Letter]]:
    """Give rows without the second copy of letters that are drawn twice, a little apart.

    Such is a shadow, or bold type made of a lighter one. PDFium leaves out only exact copies.
    """
    firsts: dict[str, list[Letter]] = {}
    for row in rows:
        if any(map(_is_copy, row, row[1:])):
            row = [row[0], *(one for last, one in pairwise(row) if not _is_copy(last, one))]
        same = firsts.setdefault("".join(letter.letter for letter in row), [])
        if not any(_is_copy(first, row[0]) for first in same[-_RECENT:]):
            same.append(row[0])
            yield row


def _is_copy(first: Letter, second: Letter) -> bool:
    if first.letter != second.letter or not second.is_shown:
        return False
    width, height = first.right - first.left, first.top - first.bottom
    return (
        abs(second.left - first.left) < _COPY_SHIFT * width
        and abs(second.bottom - first.bottom) < _COPY_RISE * height
        and abs(second.top - second.bottom - height) < _COPY_RISE * height
    )


def _characters(text: Any, count: int, pdfium: Any) -> Sequence[str]:
    """Return a page's characters by their number.

    At once, if PDFium's text has one for each: it leaves out some that no font has a code for, and
    has U+FFFE for others and for the hyphen of a broken word.
    """
    code = pdfium.FPDFText_GetUnicode
    units = (ctypes.c_ushort * (2 * max(0, count) + 1))()
    length = pdfium.FPDFText_GetText(text, 0, count, units) if count > 0 else 0
    raw = ctypes.string_at(units, 2 * max(0, length - 1))
    whole = raw.decode("utf-16-le", "surrogatepass")
    if len(whole) != count:
        return [chr(code(text, at)) for at in range(count)]
    if "\ufffe" not in whole:
        return whole
    return [chr(code(text, at)) if one == "\ufffe" else one for at, one in enumerate(whole)]


def _whole_rows(rows: Sequence[LetterRow]) -> list[LetterRow]:
    """Put rows together where one goes on at the same height, as after a raised digit."""
    whole: list[LetterRow] = []
    for row in rows:
        if whole and _goes_on(whole[-1], row):
            last, first = whole[-1].letters[-1], row.letters[0]
            if last.is_shown and first.left - last.right > _WORD_GAP * (last.top - last.bottom):
                space = Letter(" ", first.at, last.right, last.bottom, first.left, last.top, False)
                whole[-1].letters.append(space)
            whole[-1].letters.extend(row.letters)
        else:
            whole.append(row)
    return whole


def _first_to_last(rows: Sequence[LetterRow], level: Frame) -> list[LetterRow]:
    """Put in order what is turned otherwise than the page: PDFium may have the last row first."""
    ordered: list[LetterRow] = []
    for frame, run in groupby(rows, key=lambda row: row.frame):
        turned = list(run)
        if frame is not level:
            pairs = pairwise(row.letters[0].bottom for row in turned)
            ups = sum(1 if after > before else -1 for before, after in pairs)
            turned = turned[::-1] if ups > 0 else turned
        ordered += turned
    return ordered


def _goes_on(row: LetterRow, following: LetterRow) -> bool:
    if row.frame is not following.frame or row.is_slanted or following.is_slanted:
        return False
    if row.letters[-1].letter in _ENDS:
        return False
    last = [letter for letter in row.letters[-_NEAREST:] if letter.is_shown]
    first = following.letters[0]
    sizes = last[-1].top - last[-1].bottom, first.top - first.bottom
    overlap = min(max(letter.top for letter in last), first.top) - max(
        min(letter.bottom for letter in last), first.bottom
    )
    near = -0.5 * max(sizes) < first.left - last[-1].right < 2.5 * max(sizes)
    return near and overlap > 0.4 * min(sizes)
