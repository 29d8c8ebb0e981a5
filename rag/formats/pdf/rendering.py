"""A page of a PDF as a picture, and where on it a text stands."""

import ctypes
import struct
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rag.errors import UnreadableFileError
from rag.formats.pdf.page_breaks import printed_label

_WIDTH, _HEIGHT, _MOST_SCALE = 1200, 1800, 3.0
_SHORTEST_PIECE = 24
"""Letters by which a part of a passage is found, where it does not stand on the page in one."""
_INK = (255, 226, 120)
"""What white becomes where it is marked."""

Box = tuple[int, int, int, int]
"""Left, top, right and bottom, in dots of the picture."""
Span = tuple[str, int, int]
"""A paragraph, and the start and end of the part of it to mark, in code points."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of a PDF, drawn."""

    number: int
    """Counted from 1."""
    pages: int
    """How many the document has."""
    label: str
    """The number printed on the page, as the file gives it; empty if it gives none."""
    width: int
    """Dots."""
    height: int
    marks: tuple[tuple[Box, ...], ...]
    """Where each span stands, a box for each line; none for a span that is not on the page."""
    png: bytes


def draw(data: bytes, number: int, spans: Sequence[Span], *, tinted: bool) -> Sheet:
    """Return page `number`, counted from 1, and where spans stand on it.

    `tinted` marks them in the picture itself. Raises UnreadableFileError.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
        if not 1 <= number <= len(document):
            raise UnreadableFileError(f"it has no page {number}")
        page = document[number - 1]
        width, height = page.get_size()
        if not (width > 0 and height > 0):
            raise UnreadableFileError(f"page {number} has no size")
        scale = min(_WIDTH / width, _HEIGHT / height, _MOST_SCALE)
        bitmap = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=False)
    except pypdfium2.PdfiumError as error:
        raise UnreadableFileError(f"page {number} cannot be drawn ({error})") from error
    rows = [
        bytes(bitmap.buffer[at : at + bitmap.width * 3])
        for at in range(0, bitmap.stride * bitmap.height, bitmap.stride)
    ]
    letters = _PageLetters(page) if spans else None
    marks = tuple(
        tuple(_lines(letters.boxes(span, bitmap.width, bitmap.height)) if letters else ())
        for span in spans
    )
    if tinted:
        rows = _marked(rows, [box for boxes in marks for box in boxes])
    return Sheet(
        number=number,
        pages=len(document),
        label=printed_label(document, number),
        width=bitmap.width,
        height=bitmap.height,
        marks=marks,
        png=_png(bitmap.width, rows),
    )


class _PageLetters:
    """The letters and digits of a page, in the order in which the file has them."""

    def __init__(self, page: Any) -> None:
        import pypdfium2.raw as pdfium

        self._page = page
        self._text = page.get_textpage()
        letters = []
        self._indexes: list[int] = []
        """By letter: the index of its character in PDFium's text of the page."""
        for index in range(self._text.count_chars()):
            code = pdfium.FPDFText_GetUnicode(self._text.raw, index) % 0x110000
            for letter in _letters(chr(code)):
                letters.append(letter)
                self._indexes.append(index)
        self._letters = "".join(letters)

    def boxes(self, span: Span, width: int, height: int) -> Iterator[Box]:
        """Give where the letters of a span stand in a picture of this size."""
        import pypdfium2.raw as pdfium

        text, start, end = span
        letters, origins = [], []
        for at, character in enumerate(text):
            for letter in _letters(character):
                letters.append(letter)
                origins.append(at)
        located = self._located("".join(letters))
        inside = {
            index
            for index, origin in zip(located, origins, strict=True)
            if index is not None and start <= origin < end
        }
        x, y = ctypes.c_int(), ctypes.c_int()
        for index in sorted(inside):
            left, bottom, right, top = self._text.get_charbox(index, loose=True)
            corners = []
            for corner in ((left, top), (right, bottom)):
                pdfium.FPDF_PageToDevice(self._page.raw, 0, 0, width, height, 0, *corner, x, y)
                corners.append((x.value, y.value))
            (x1, y1), (x2, y2) = corners
            yield min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)

    def _located(self, paragraph: str) -> list[int | None]:
        """Return the index of each letter of a paragraph; None for those that are not found.

        All are found in one, or the parts of it that stand on the page.
        """
        at = self._letters.find(paragraph)
        if at >= 0:
            return [*self._indexes[at : at + len(paragraph)]]
        located: list[int | None] = [None] * len(paragraph)
        for start in range(0, len(paragraph), _SHORTEST_PIECE):
            piece = paragraph[start : start + _SHORTEST_PIECE]
            at = self._letters.find(piece)
            if at >= 0 and len(piece) > _SHORTEST_PIECE // 2:
                located[start : start + len(piece)] = self._indexes[at : at + len(piece)]
        return located


def _letters(text: str) -> Iterable[str]:
    """Return what is alike however a text is broken, hyphenated, joined, spaced or composed."""
    return filter(str.isalnum, unicodedata.normalize("NFKD", text).casefold())


def _lines(boxes: Iterator[Box]) -> Iterator[Box]:
    """Give one box for letters that stand side by side."""
    last: Box | None = None
    for box in boxes:
        if last is not None and _is_beside(last, box):
            last = (
                min(last[0], box[0]),
                min(last[1], box[1]),
                max(last[2], box[2]),
                max(last[3], box[3]),
            )
            continue
        if last is not None:
            yield last
        last = box
    if last is not None:
        yield last


def _is_beside(one: Box, other: Box) -> bool:
    overlap = min(one[3], other[3]) - max(one[1], other[1])
    height = max(1, min(one[3] - one[1], other[3] - other[1]))
    gap = max(one[0], other[0]) - min(one[2], other[2])
    return 2 * overlap > height and gap < 2 * height


def _marked(rows: list[bytes], boxes: list[Box]) -> list[bytes]:
    """Return rows of dots with what lies in the boxes tinted, once where boxes overlap."""
    tints = [bytes(value * ink // 255 for value in range(256)) for ink in _INK]
    marked = []
    for y, row in enumerate(rows):
        drawn = bytearray(row)
        for left, top, right, bottom in boxes:
            if top <= y < bottom:
                first, last = max(0, left) * 3, max(0, right) * 3
                for colour, tint in enumerate(tints):
                    part = slice(first + colour, last, 3)
                    drawn[part] = row[part].translate(tint)
        marked.append(bytes(drawn))
    return marked


def _png(width: int, rows: list[bytes]) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", width, len(rows), 8, 2, 0, 0, 0)
    dots = zlib.compress(b"".join(b"\0" + row for row in rows), 6)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", dots) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts
