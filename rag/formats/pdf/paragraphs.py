"""Lines of PDF pages to paragraphs and headings, by the signs a reader sees.

A paragraph ends where the gap to the next line is wider than usual, where letters change their
size, where a line is indented or begins an item of a list, or where a short line ends a sentence.
Words broken at a line's end are put together again; a hyphen that belongs to the word is kept
when the document writes it so elsewhere.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from rag.formats.pdf.headers_footers import RunningHeads
from rag.formats.pdf.lines import HYPHEN, Line

_SENTENCE_END = re.compile(r"""[.!?…:;。！？]["'”’»)\]]*\d{0,3}$""")
_ITEM = re.compile(r"(?:[•◦▪■●‣–—*]\s|\(?\d{1,3}[.)]\s|\(?[a-zA-Z][.)]\s|\[\d{1,3}\]\s)")
_SHORT = 0.7  # of a paragraph's width: such a line was broken on purpose
_SECTION = re.compile(r"\d+((?:\.\d+)*)\.?\s")
_NUMBERED = re.compile(r"\d+(?:\.\d+)*\.?\s+[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LAST_WORD = re.compile(r"([^\W\d_]+)$")
_FIRST_WORD = re.compile(r"[^\W\d_]+")
_LEADER = re.compile(r"(?:\. ?){5,}\s*(?:\d+|[ivxlc]+)$|(?:\. ?){8,}$|…{2,}\s*\d+$")

_WIDER_GAP = 1.3  # times the usual distance of two lines
_OTHER_SIZE = 1.18  # fonts of one size differ less than this in their boxes
_LONGEST_HEADING = 140
_KNOWN = 4  # letters: shorter pieces of words are words by chance


class Paragraphs:
    """What all of a document's pages tell about any one: usual sizes, distances and words."""

    def __init__(self, pages: Sequence[Sequence[Line]]) -> None:
        """Look through every page."""
        self._words = _words(pages)
        # What stands behind a hyphen elsewhere, as "level" in "high-level", does so again.
        self._seconds = {word.rpartition("-")[2] for word in self._words if "-" in word}
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

    def of(self, lines: Sequence[Line], heads: RunningHeads) -> Iterator[tuple[str, int | None]]:
        """Give a page's paragraphs in order, each with its level if it is a heading.

        Level 0 is no paragraph: a running head, or a line of a table of contents, which names
        what stands elsewhere.
        """
        group: list[Line] = []
        is_contents, is_title = _is_contents(lines), lines is self._title
        for line in _rows(lines):
            if is_contents or heads.is_one(line):
                yield from self._made(group, is_title)
                group = []
                yield line.text, 0
            elif group and self._goes_on(group, line):
                group.append(line)
            else:
                yield from self._made(group, is_title)
                group = [line]
        yield from self._made(group, is_title)

    def _made(self, group: Sequence[Line], is_title: bool) -> Iterator[tuple[str, int | None]]:
        if group:  # a title page's large letters head nothing: they would go on to the last page
            yield self._joined(group), None if is_title else self._level(group)

    def _is_large(self, line: Line) -> bool:
        return line.size > _OTHER_SIZE * self._body

    def _goes_on(self, group: Sequence[Line], line: Line) -> bool:
        """Tell whether a line belongs to the paragraph of the lines in `group`."""
        last = group[-1]
        if last.is_broken:
            return True
        if last.turned or line.turned:
            return last.turned and line.turned
        if not _same_size(last, line):
            return False
        # A title's words may differ in weight.
        if last.bold != line.bold and not self._is_large(line) and not _is_running(last, group):
            return False
        if _ITEM.match(line.text):
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
            broken = text.endswith((HYPHEN, "-", "\xad")) and text[-2:-1].isalnum()
            if broken and line.text[0].isalnum():
                text = self._mended(text, line.text)
            else:
                text += ("\n" if _is_short(last, group) else " ") + line.text
        return text.replace(HYPHEN, "-")

    def _mended(self, text: str, following: str) -> str:
        """Put a broken word together, with its hyphen if the word has one."""
        mark, before = text[-1], text[:-1]
        first, second = _LAST_WORD.search(before), _FIRST_WORD.match(following)
        if first is None or second is None:
            return f"{before}-{following}"
        left, right = first[1].lower(), second[0].lower()
        if self._keeps_hyphen(left, right, following[0].isupper()):
            return f"{before}-{following}"
        if mark == "-" and left + right not in self._words and not second[0].islower():
            return f"{before}-{following}"
        return before + following

    def _keeps_hyphen(self, left: str, right: str, capital: bool) -> bool:
        if left + right in self._words:
            return False
        if f"{left}-{right}" in self._words or capital or len(left) == 1:
            return True
        if right in self._seconds and left in self._words:
            return True
        are_words = left in self._words and right in self._words
        return are_words and len(left) >= _KNOWN and len(right) >= _KNOWN

    def _level(self, group: Sequence[Line]) -> int | None:
        """Return a heading's level: by size, or, in bold letters of the usual size, the lowest."""
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


def _rows(lines: Sequence[Line]) -> Iterator[Line]:
    """Give lines, put together where one goes on at the same height, as after a raised number."""
    held: Line | None = None
    for line in lines:
        if held is not None and _is_beside(held, line):
            gap = line.left - held.right
            between = "" if gap < 0.12 * max(held.size, line.size) else " "
            larger = max(held, line, key=lambda part: len(part.text))
            held = replace(
                larger,
                text=f"{held.text}{between}{line.text}",
                left=min(held.left, line.left),
                right=max(held.right, line.right),
            )
            continue
        if held is not None:
            yield held
        held = line
    if held is not None:
        yield held


def _is_beside(held: Line, line: Line) -> bool:
    overlap = min(held.top, line.top) - max(held.bottom, line.bottom)
    if held.turned or line.turned:
        return False
    near = -0.5 * held.size < line.left - held.right < 2.5 * held.size
    return near and overlap > 0.4 * min(held.size, line.size) and not held.is_broken


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
        and not _ITEM.match(first.text)
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
    found: dict[int, list[float]] = {}
    for lines in pages:
        for one, other in pairwise(lines):
            pitch = one.bottom - other.bottom
            if _same_size(one, other) and 0.5 * one.size < pitch < 2.5 * one.size:
                found.setdefault(round(one.size), []).append(pitch)
    return {size: median(pitches) for size, pitches in found.items() if len(pitches) > 4}


def _words(pages: Sequence[Sequence[Line]]) -> frozenset[str]:
    """Return the words that stand whole within lines, hyphenated ones as they are."""
    return frozenset(
        word
        for lines in pages
        for line in lines
        for word in _WORD.findall(line.text.lower().rsplit(" ", 1)[0])
    )
