"""Properties of characters and paragraphs in a Word document of the binary format.

The layout is that of Microsoft's [MS-DOC]: pages of 512 bytes (2.9.33 ChpxFkp, 2.9.174 PapxFkp)
hold lists of changes to a style (2.2.5.1 Sprm).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_PAGE = 512
_SIZES = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}
"""Bytes of an operand, by the highest three bits of its code; 6 has a length before it."""
_RAISED, _HIDDEN, _DELETED = 0x2A48, 0x083C, 0x0800
_LEVEL, _LIST = 0x260A, 0x460B
_TABLE_COLUMNS, _TABS = 0xD608, 0xC615


@dataclass(frozen=True, slots=True)
class CharacterRun:
    """Characters `[start, end)`, as bytes of the main stream, and how they stand."""

    start: int
    end: int
    shift: int
    """1 for raised, -1 for lowered text, else 0."""
    is_hidden: bool
    is_deleted: bool


@dataclass(frozen=True, slots=True)
class ParagraphRun:
    """A paragraph, up to the byte `end` of the main stream, and the list that it is in."""

    end: int
    style: int
    list_number: int | None
    """From 1; 0: none; None: that of its style."""
    level: int | None


def character_runs(stream: bytes, pages: bytes) -> Iterator[CharacterRun]:
    """Give runs that are raised, lowered, hidden or deleted; `pages` is a PlcBteChpx."""
    for page in _pages(stream, pages):
        count = page[-1]
        bounds = struct.unpack_from(f"<{count + 1}I", page)
        offsets = page[4 * (count + 1) : 4 * (count + 1) + count]
        for start, end, offset in zip(bounds, bounds[1:], offsets, strict=False):
            at = 2 * offset
            said = dict(changes(page[at + 1 : at + 1 + page[at]])) if offset else {}
            raised = {1: 1, 2: -1}.get(said.get(_RAISED, 0), 0)
            hidden, deleted = (said.get(code, 0) in (1, 0x81) for code in (_HIDDEN, _DELETED))
            if raised or hidden or deleted:
                yield CharacterRun(start, end, raised, hidden, deleted)


def paragraph_runs(stream: bytes, pages: bytes) -> Iterator[ParagraphRun]:
    """Give a document's paragraphs; `pages` is a PlcBtePapx."""
    for page in _pages(stream, pages):
        count = page[-1]
        ends = struct.unpack_from(f"<{count + 1}I", page)[1:]
        for number, end in enumerate(ends):
            at = 2 * page[4 * (count + 1) + 13 * number]
            size = 2 * page[at] - 1 if page[at] else 2 * page[at + 1]
            start = at + 1 if page[at] else at + 2
            held = page[start : start + size] if at else b""
            style = int.from_bytes(held[:2], "little")
            said = dict(changes(held[2:]))
            yield ParagraphRun(end, style, said.get(_LIST), said.get(_LEVEL))


def changes(listed: bytes) -> Iterator[tuple[int, int]]:
    """Give the codes of changes and their operands, those of up to four bytes as numbers."""
    at = 0
    while at + 2 < len(listed):
        code = int.from_bytes(listed[at : at + 2], "little")
        at += 2
        kind = code >> 13
        if kind != 6:
            size = _SIZES[kind]
        elif code == _TABLE_COLUMNS:
            size = int.from_bytes(listed[at : at + 2], "little") + 1
        elif code == _TABS and listed[at] == 255:
            return  # its length is not told, and what is asked for comes before it
        else:
            size = 1 + listed[at]
        yield code, int.from_bytes(listed[at : at + size], "little") if size <= 4 else 0
        at += size


def _pages(stream: bytes, listed: bytes) -> Iterator[bytes]:
    count = (len(listed) - 4) // 8
    for number in struct.unpack_from(f"<{count}I", listed, 4 * (count + 1)) if count > 0 else ():
        at = (number & 0x3FFFFF) * _PAGE
        page = stream[at : at + _PAGE]
        if len(page) == _PAGE:
            yield page
