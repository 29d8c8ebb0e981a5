"""Running heads and feet of PDF pages, and page numbers: told by coming again page after page."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from rag.formats.pdf.lines import Line

_LONGEST = 140
_LEAST_SHARE = 0.2  # of the pages, on which a head comes again
_NUMBERS = re.compile(r"\d+|\b[ivxlc]+\b")
_AT_AN_END = re.compile(r"^\D?(\d{1,5})\b|\b(\d{1,5})\D?$")


class RunningHeads:
    """The lines at the top or bottom of many pages."""

    def __init__(self, pages: Sequence[Sequence[Line]]) -> None:
        """Find the lines that recur at the edges of pages, and those with the page's number."""
        counts: Counter[str] = Counter()
        for lines in pages:
            counts.update({_without_numbers(line.text) for line in _edges(lines, 2)})
        least = max(3, _LEAST_SHARE * sum(bool(lines) for lines in pages))
        self._repeated = {key for key, n in counts.items() if n >= least and len(key) <= _LONGEST}
        self._numbered = _numbered(pages, least)
        self._seen: set[str] = set()

    def recurs(self, line: Line) -> bool:
        """Tell whether a line is a running head, be it the first."""
        return _without_numbers(line.text) in self._repeated or line in self._numbered

    def is_one(self, line: Line) -> bool:
        """Tell whether a line is a running head, and says what an earlier page said already."""
        key = _without_numbers(line.text)
        if key in self._repeated:
            is_new = any(map(str.isalpha, key)) and key not in self._seen
            self._seen.add(key)
            return not is_new
        return line in self._numbered


def _numbered(pages: Sequence[Sequence[Line]], least: float) -> set[Line]:
    """Return the lines at pages' edges that begin or end with the number of their page.

    A book counts from some page on: what is common is how far its numbers are from ours.
    """
    by_offset: dict[int, list[Line]] = {}
    for number, lines in enumerate(pages):
        for line in _edges(lines, 1):
            for printed in _numbers_of(line.text):
                by_offset.setdefault(printed - number, []).append(line)
    return {line for lines in by_offset.values() if len(lines) >= least for line in lines}


def _numbers_of(text: str) -> Iterator[int]:
    if len(text) <= _LONGEST:
        for match in _AT_AN_END.finditer(text):
            yield int(match[1] or match[2])


def _edges(lines: Sequence[Line], count: int) -> list[Line]:
    """Return the lowest and the highest lines of a page, and those along its sides."""
    level = [line for line in lines if line.table is None and not line.turned]
    by_height = sorted(level, key=lambda line: line.bottom)
    turned = [line for line in lines if line.turned]
    beside = turned if len(turned) <= 2 * count else []
    return [*by_height[:count], *by_height[count:][-count:], *beside]


def _without_numbers(text: str) -> str:
    return _NUMBERS.sub("#", text.lower())
