"""A page of a PDF as a picture, with a passage marked on it."""

import ctypes
import struct
import unicodedata
import zlib
from collections.abc import Iterator
from typing import Any

from rag.errors import UnreadableFileError

_WIDTH, _HEIGHT, _MOST_SCALE = 1200, 1800, 3.0
_SHORTEST_PIECE = 24
"""Letters by which a part of a passage is found, where it does not stand on the page in one."""
_INK = (255, 226, 120)
"""What white becomes where it is marked."""

Box = tuple[int, int, int, int]
"""Left, top, right and bottom, in dots of the picture."""


def draw(data: bytes, number: int, passage: str) -> bytes:
    """Return page `number`, counted from 1, as PNG. Raises UnreadableFileError."""
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
    boxes = list(_lines(_boxes(page, passage, bitmap.width, bitmap.height)))
    return _png(bitmap.width, _marked(rows, boxes))


def _boxes(page: Any, passage: str, width: int, height: int) -> Iterator[Box]:
    """Give where the letters of a passage stand in a picture of the page."""
    import pypdfium2.raw as pdfium

    text = page.get_textpage()
    letters, places = [], []
    for index in range(text.count_chars()):
        for letter in _letters(chr(pdfium.FPDFText_GetUnicode(text.raw, index) % 0x110000)):
            letters.append(letter)
            places.append(index)
    x, y = ctypes.c_int(), ctypes.c_int()
    for place in _located("".join(letters), places, "".join(_letters(passage))):
        left, bottom, right, top = text.get_charbox(place, loose=True)
        corners = []
        for corner in ((left, top), (right, bottom)):
            pdfium.FPDF_PageToDevice(page.raw, 0, 0, width, height, 0, *corner, x, y)
            corners.append((x.value, y.value))
        (x1, y1), (x2, y2) = corners
        yield min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def _letters(text: str) -> Iterator[str]:
    """Give what is alike however a text is broken, hyphenated, joined or spaced."""
    for letter in unicodedata.normalize("NFKC", text).casefold():
        if letter.isalnum():
            yield letter


def _located(page: str, places: list[int], passage: str) -> list[int]:
    """Return the places of a passage's letters: of all in one, else of the parts that are found."""
    at = page.find(passage)
    if passage and at >= 0:
        return sorted(set(places[at : at + len(passage)]))
    located: set[int] = set()
    for start in range(0, len(passage), _SHORTEST_PIECE):
        piece = passage[start : start + _SHORTEST_PIECE]
        at = page.find(piece)
        if at >= 0 and len(piece) > _SHORTEST_PIECE // 2:
            located.update(places[at : at + len(piece)])
    return sorted(located)


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
