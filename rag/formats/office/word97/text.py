"""The text of a Word document of the binary format as it is shown ([MS-DOC] 2.4.1).

Characters are counted over the parts of the text one after the other: the main text, its footnotes,
heads, comments, endnotes and text boxes.
"""

import re
import struct
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from rag.formats.office.typeset import LOWERED, RAISED, Piece, typeset
from rag.formats.office.word97.lists import counting, place, styles
from rag.formats.office.word97.properties import CharacterRun, character_runs, paragraph_runs
from rag.formats.typesetting.numerals import roman
from rag.formats.typesetting.raised import note_mark

_STYLES, _FOOTNOTES, _FOOTNOTE_TEXTS = 1, 2, 3
_CHARACTERS, _PARAGRAPHS = 12, 13
_ENDNOTES, _ENDNOTE_TEXTS = 46, 47
_LIST_DEFINITIONS, _LISTS = 73, 74
_NOT_IN_A_LIST = "0"
_WORDS = re.compile("[^\x00-\x1f]+")
_ENDS = re.compile("[\r\x07\x0c]")


@dataclass(frozen=True, slots=True)
class TextPiece:
    """Characters `[start, end)` of a text, and where the main stream has them."""

    start: int
    end: int
    offset: int
    width: int
    """Bytes of a character."""


@dataclass(slots=True)
class Shown:
    """The text of a document as it is shown, and what is hidden in it."""

    text: str
    hidden: list[str] = field(default_factory=list)


class Tables:
    """The tables that the header of the main stream names by numbers ([MS-DOC] 2.5.6)."""

    def __init__(self, stream: bytes, table: bytes) -> None:
        """Read from the main stream and the table stream."""
        self.stream = stream
        self._table = table

    def __getitem__(self, number: int) -> bytes:
        """Return the bytes of a table."""
        at, size = struct.unpack_from("<II", self.stream, 154 + 8 * number)
        return self._table[at : at + size]

    def onward(self, number: int) -> bytes:
        """Return the bytes of a table, with all that is behind it."""
        at, size = struct.unpack_from("<II", self.stream, 154 + 8 * number)
        return self._table[at:] if size else b""

    def lengths(self) -> tuple[int, ...]:
        """Return the lengths of the main text, its footnotes, heads, macros, comments, endnotes."""
        return struct.unpack_from("<6I", self.stream, 76)


def shown(text: str, pieces: list[TextPiece], tables: Tables) -> Shown:
    """Return a text as it is shown. Raises struct.error or IndexError for what is damaged."""
    instead = dict(_note_marks(text, tables))
    runs = sorted(_placed(pieces, character_runs(tables.stream, tables[_CHARACTERS])))
    deleted = [(start, end) for start, end, run in runs if run.is_deleted]
    before = dict(_numbers(text, pieces, tables, deleted))
    changed = sorted({*instead, *before})
    result = Shown("")
    line: list[str] = []
    at = 0

    def plain(start: int, end: int, shift: int) -> str:
        """Return characters with marks and numbers between them."""
        parts: list[str] = []
        for position in changed[bisect_left(changed, start) : bisect_left(changed, end)]:
            parts.append(_shifted(text[start:position], shift))
            parts.append(before.get(position, ""))
            start = position + (position in instead)
            parts.append(instead.get(position, ""))
        return "".join([*parts, _shifted(text[start:end], shift)])

    for start, end, run in runs:
        if start < at:
            continue  # a character has one run; this is damaged
        line.append(plain(at, start, 0))
        if run.is_hidden and not run.is_deleted:
            result.hidden.append(text[start:end])
            line.append("".join(_ENDS.findall(text[start:end])))
        elif not run.is_deleted:
            line.append(plain(start, end, run.shift))
        at = end
    result.text = "".join([*line, plain(at, len(text), 0)])
    return result


def _shifted(text: str, shift: int) -> str:
    if not shift:
        return text
    moved = RAISED if shift > 0 else LOWERED
    return _WORDS.sub(lambda words: typeset([Piece(words[0], moved)]), text)


def _placed(
    pieces: list[TextPiece], runs: Iterator[CharacterRun]
) -> Iterator[tuple[int, int, CharacterRun]]:
    """Give the characters of each run; runs are told by bytes."""
    by_offset = sorted(pieces, key=lambda piece: piece.offset)
    offsets = [piece.offset for piece in by_offset]
    for run in runs:
        first = max(0, bisect_right(offsets, run.start) - 1)
        for piece in by_offset[first : bisect_left(offsets, run.end)]:
            last = piece.offset + (piece.end - piece.start) * piece.width
            start, end = max(run.start, piece.offset), min(run.end, last)
            if start < end:
                yield (
                    piece.start + (start - piece.offset) // piece.width,
                    piece.start + (end - piece.offset) // piece.width,
                    run,
                )


def _note_marks(text: str, tables: Tables) -> Iterator[tuple[int, str]]:
    """Give the marks of notes, by the character that stands for each."""
    main, feet, heads, macros, comments, _ = tables.lengths()
    texts = {_FOOTNOTES: main, _ENDNOTES: main + feet + heads + macros + comments}
    for kind, start in texts.items():
        references = tables[kind]
        count = (len(references) - 4) // 6
        if count < 1:
            continue
        positions = struct.unpack_from(f"<{count}I", references)
        kinds = struct.unpack_from(f"<{count}H", references, 4 * (count + 1))
        bodies = tables[_FOOTNOTE_TEXTS if kind == _FOOTNOTES else _ENDNOTE_TEXTS]
        begins = struct.unpack_from(f"<{min(count, len(bodies) // 4)}I", bodies)
        number = 0
        for order, (position, is_drawn) in enumerate(zip(positions, kinds, strict=True)):
            if not is_drawn:
                continue  # its mark is typed
            number += 1
            mark = note_mark(str(number) if kind == _FOOTNOTES else roman(number))
            if text[position : position + 1] == "\x02":
                yield position, mark
            if order < len(begins):
                begin = start + begins[order]
                if text[begin : begin + 1] == "\x02":
                    yield begin, f"{mark} "


def _numbers(
    text: str, pieces: list[TextPiece], tables: Tables, deleted: list[tuple[int, int]]
) -> Iterator[tuple[int, str]]:
    """Give the numbers of lists, by the first character of the paragraph behind each."""
    if not tables[_LISTS]:
        return
    lists = counting(tables.onward(_LIST_DEFINITIONS), tables.onward(_LISTS))
    known = styles(tables[_STYLES])
    runs = sorted(paragraph_runs(tables.stream, tables[_PARAGRAPHS]), key=lambda run: run.end)
    ends = [run.end for run in runs]
    starts = [piece.start for piece in pieces]
    gone = [start for start, _ in deleted]
    begin = 0
    for mark in _ENDS.finditer(text, 0, min(tables.lengths()[0], len(text))):
        start, begin = begin, mark.end()
        piece = pieces[max(0, bisect_right(starts, mark.start()) - 1)]
        at = piece.offset + (mark.start() - piece.start) * piece.width
        run = runs[bisect_right(ends, at)] if at < (ends[-1] if ends else 0) else None
        if run is None:
            continue
        list_id, level = place(known, run.style, run.list_number, run.level)
        around = bisect_right(gone, start) - 1
        is_gone = around >= 0 and mark.start() < deleted[around][1]
        if list_id == _NOT_IN_A_LIST or list_id not in lists.lists or is_gone:
            continue
        number = lists.next(list_id, level)
        if text[start : mark.start()].strip():
            yield start, number
