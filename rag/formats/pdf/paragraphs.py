"""Lines of PDF pages to paragraphs and headings, by the signs a reader sees.

A paragraph ends where the gap to the next line is wider than usual, where letters change their
size, where a line is indented or begins an item of a list, or where a short line ends a sentence.
What is filled in a form's field stands with its label; a table's rows stay rows.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from rag.formats.pdf.characters.letters import HYPHEN
from rag.formats.pdf.headers_footers import RunningHeads
from rag.formats.pdf.hyphens import Hyphens
from rag.formats.pdf.lines import Line
from rag.formats.pdf.tables.cells import Cell

_SENTENCE_END = re.compile(
    r"""[.!?…:;。！？]["'”’»)\]]*"""
    r"(?:\d{0,3}|\s?\[\d[\d, –-]*\]|[\u00b9\u00b2\u00b3\u2070-\u2079]+)$"
)
ITEM = re.compile(r"(?:[•◦▪■●‣–—*]\s|\(?\d{1,3}[.)]\s|\(?[a-zA-Z][.)]\s|\[\d{1,3}\]\s)")
_SHORT = 0.7  # of a paragraph's width: such a line was broken on purpose
_SECTION = re.compile(r"\d+((?:\.\d+)*)\.?\s")
_NUMBERED = re.compile(r"\d+(?:\.\d+)*\.?\s+[^\W\d_]")
_LEADER = re.compile(r"(?:\. ?){5,}\s*(?:\d+|[ivxlc]+)$|(?:\. ?){8,}$|…{2,}\s*\d+$")

_WIDER_GAP = 1.3  # times the usual distance of two lines
_OTHER_SIZE = 1.18  # fonts of one size differ less than this in their boxes
_LONGEST_HEADING = 140


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a page's text: a paragraph, a heading, a table, or what is no passage."""

    lines: tuple[Line, ...]
    text: str
    """Its last character may still be `HYPHEN`, where a word is broken at the page's end."""
    level: int | None = None
    """Of a heading."""
    rows: tuple[tuple[str, ...], ...] = ()
    """Of a table."""
    headers: int | None = None
    """How many of them name the columns, where the page shows it."""
    is_passage: bool = True
    """False for a running head, and for a line of a table of contents: it names what stands
    elsewhere."""
    is_running: bool = False
    """Whether it is a running head, a passage where it comes first."""


class Paragraphs:
    """What all of a document's pages tell about any one: usual sizes, distances and words."""

    def __init__(self, pages: Sequence[Sequence[Line]]) -> None:
        """Look through every page."""
        self._hyphens = Hyphens(pages)
        sizes: Counter[float] = Counter()
        for line in (line for lines in pages for line in lines):
            sizes[round(line.size, 1)] += len(line.text)
        self._body = _weighted_median(sizes)
        self._pitch = _usual_pitch(pages, self._body)
        self._title = pages[0] if pages and all(map(self._is_large, pages[0])) else None
        # Of two sizes the larger heads the smaller; of one size "The archive" heads "2.1 Areas".
        large = (
            line
            for lines in pages
            if lines is not self._title
            for line in lines
            if self._is_large(line)
        )
        self._ranks = sorted({_rank(line) for line in large})

    def of(self, lines: Sequence[Line], heads: RunningHeads) -> Iterator[Piece]:
        """Give a page's pieces in order."""
        group: list[Line] = []
        was_head = False
        is_contents, is_title = _is_contents(lines), lines is self._title
        for line in lines:
            is_head = line.table is None and heads.recurs(line)
            is_passage = not (is_contents or (is_head and heads.is_one(line)))
            if group and not (
                is_passage
                and line.table is None
                and is_head == was_head
                and self._goes_on(group, line)
            ):
                yield self._made(group, is_title=is_title, is_running=was_head)
                group = []
            if line.table is not None:
                rows = tuple(tuple(map(self._cell, row)) for row in line.table.rows)
                yield Piece((line,), line.text, rows=rows, headers=line.table.headers)
            elif not is_passage:
                yield Piece((line,), line.text.replace(HYPHEN, "-"), is_passage=False)
            else:
                group.append(line)
                was_head = is_head
        if group:
            yield self._made(group, is_title=is_title, is_running=was_head)

    def joined(self, one: Piece, other: Piece) -> Piece:
        """Return a paragraph with what goes on from it on the next page."""
        text = self._hyphens.joined(one.text, other.text) or f"{one.text} {other.text}"
        return Piece((*one.lines, *other.lines), text)

    def is_broken_off(self, piece: Piece) -> bool:
        """Tell whether a paragraph of the text proper does not end where its page does."""
        return not _SENTENCE_END.search(piece.text) and self.is_of_body(piece)

    def is_of_body(self, piece: Piece) -> bool:
        """Tell whether a piece is in letters of the usual size, as notes are not."""
        return abs(piece.lines[0].size - self._body) <= 0.06 * self._body

    def is_small(self, piece: Piece) -> bool:
        """Tell whether a piece is in smaller letters than the text proper, as notes are."""
        return piece.lines[0].size < 0.94 * self._body

    def _made(self, group: Sequence[Line], *, is_title: bool, is_running: bool) -> Piece:
        # a title page's large letters head nothing: they would go on to the last page
        level = None if is_title else self._level(group)
        return Piece(tuple(group), self._joined(group), level, is_running=is_running)

    def _cell(self, cell: Cell) -> str:
        text = cell[0].text if cell else ""
        for line in cell[1:]:
            text = self._hyphens.joined(text, line.text) or f"{text} {line.text}"
        return text.replace(HYPHEN, "-")

    def _is_large(self, line: Line) -> bool:
        return line.size > _OTHER_SIZE * self._body

    def _goes_on(self, group: Sequence[Line], line: Line) -> bool:
        """Tell whether a line belongs to the paragraph of the lines in `group`."""
        last = group[-1]
        if last.is_broken:
            return True
        if last.turned or line.turned:
            return last.turned and line.turned
        if not line.text[0].islower() and "filled" in (last.field, line.field):
            return False
        if not _same_size(last, line):
            return False
        # A title's words may differ in weight.
        if last.bold != line.bold and not self._is_large(line) and not _is_running(last, group):
            return False
        if ITEM.match(line.text):
            return False
        ended = bool(_SENTENCE_END.search(last.text))
        if line.bottom > last.bottom + 0.5 * last.size or last.bottom - line.top > 5 * last.size:
            # The next column, or another part of the page: a sentence goes on, nothing else does.
            return not ended and line.text[0].islower()
        pitch = last.bottom - line.bottom
        if pitch > _WIDER_GAP * self._pitch.get(round(line.size), 1.35 * line.size):
            return False
        if _is_indented(group, line):
            return False
        return not (ended and not _is_full(last, group, line))

    def _joined(self, group: Sequence[Line]) -> str:
        text = group[0].text
        for last, line in pairwise(group):
            mended = self._hyphens.joined(text, line.text)
            if mended is None:
                between = "\n" if not last.turned and _is_short(last, group) else " "
                mended = f"{text}{between}{line.text}"
            text = mended
        return f"{text[:-1].replace(HYPHEN, '-')}{text[-1:]}"

    def _level(self, group: Sequence[Line]) -> int | None:
        """Return a heading's level: by size, or, in bold letters of the usual size, the lowest."""
        if any(line.field or line.turned for line in group):
            return None
        first = group[0]
        length = sum(len(line.text) for line in group)
        if length > _LONGEST_HEADING or len(group) > 3 or not any(map(str.isalpha, first.text)):
            return None
        if self._is_large(first):
            return min(1 + sum(rank < _rank(first) for rank in self._ranks), 5)
        ended = group[-1].text[-1] in ".,;:"
        if (
            not ended
            and length > 3
            and (
                all(line.bold for line in group)
                or (
                    first.size > 1.04 * self._body
                    and len(group) == 1
                    and _NUMBERED.match(first.text)
                )
            )
        ):
            return 6
        return None


def _rank(line: Line) -> tuple[int, int]:
    """Return what puts headings in order, highest first: size, then the parts of a number."""
    section = _SECTION.match(line.text)
    return -round(line.size), section[1].count(".") if section else 0


def _is_contents(lines: Sequence[Line]) -> bool:
    """Tell a page of a table of contents by the rows of dots that lead to its page numbers."""
    led = sum(bool(_LEADER.search(line.text)) for line in lines)
    return led > 4 and 3 * led > len(lines)


def _same_size(one: Line, other: Line) -> bool:
    return max(one.size, other.size) <= _OTHER_SIZE * min(one.size, other.size)


def _is_running(last: Line, group: Sequence[Line]) -> bool:
    """Tell whether a line in another weight goes on a paragraph, rather than heads the next."""
    return len(group) > 1 and not last.bold and not _SENTENCE_END.search(last.text)


def _is_indented(group: Sequence[Line], line: Line) -> bool:
    """Tell whether a line begins a paragraph by its indentation."""
    step = line.left - group[-1].left
    if len(group) > 1:
        return 0.8 * line.size < step < 6 * line.size
    first = group[0]
    return (
        step > 0.8 * line.size
        and bool(_SENTENCE_END.search(first.text))
        and not ITEM.match(first.text)
    )


def _is_full(last: Line, group: Sequence[Line], following: Line) -> bool:
    """Tell whether the margin broke a line: the next one's first word had no room in it."""
    rights = sorted(line.right for line in _in_column((*group, following), last))
    right = rights[-1 - len(rights) // 5]  # one line that juts out is no margin
    letter = (last.right - last.left) / max(1, len(last.text))
    first = len(following.text.split(" ", 1)[0])
    return last.right + (first + 1) * letter * 1.1 >= right - 0.5 * letter


def _in_column(lines: Sequence[Line], one: Line) -> list[Line]:
    """Return the lines that stand above or below one, not beside it in another column."""
    return [line for line in lines if line.left < one.right and one.left < line.right]


def _is_short(last: Line, group: Sequence[Line]) -> bool:
    """Tell whether a line was broken on purpose, as in an address or a verse."""
    beside = _in_column(group, last)
    left, right = min(line.left for line in beside), max(line.right for line in beside)
    return last.right < left + _SHORT * (right - left)


def _weighted_median(sizes: Counter[float]) -> float:
    half, seen = sizes.total() / 2, 0
    for size, weight in sorted(sizes.items()):
        seen += weight
        if seen >= half:
            return size
    return 1.0


def _usual_pitch(pages: Sequence[Sequence[Line]], body: float) -> dict[int, float]:
    """Return the usual distance from line to line, by the size of the letters."""
    by_size: dict[int, list[float]] = {}
    for lines in pages:
        for one, other in pairwise(lines):
            pitch = one.bottom - other.bottom
            if _same_size(one, other) and 0.5 * one.size < pitch < 2.5 * one.size:
                by_size.setdefault(round(one.size), []).append(pitch)
    return {size: median(pitches) for size, pitches in by_size.items() if len(pitches) > 4}
