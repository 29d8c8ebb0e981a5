"""Paragraphs without an end, as of a transcript, a log or a cell, cut to what a person will read.

A passage is quoted whole. One of 2,000 letters fills a screen; a line of a megabyte would be no
quotation but the document again, and cutting it for the model would take the memory of all of it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import regex

from rag.text.paragraphs import SAYS_SOMETHING
from rag.text.sentences import sentences
from rag.text.windows import Span
from vector_store.records import Paragraph

LONGEST = 2_000
"""Letters: some 350 words of English, a page of a book."""
_LEAST = LONGEST // 4
"""Letters that a part has at least where a sentence or a word ends behind them."""

_LINE_END = regex.compile(r"[\n\r\u2028\u2029]+")
_SPACE = regex.compile(r"\s+")
_LETTER = regex.compile(r"\X")
"""What a person takes for one letter, with its accents; see Unicode's Annex 29."""


def readable(text: str, paragraphs: Iterable[Paragraph], language: str) -> list[Paragraph]:
    """Return a document's paragraphs with those of over LONGEST letters cut, numbered anew.

    Each part keeps the headings, page and place of its paragraph; white space between two is left
    out, and so is a part without a letter or digit. `language` is an ISO 639-1 code, or empty; it
    tells where sentences end.
    """
    parts = (
        replace(paragraph, start=start, end=end)
        for paragraph in paragraphs
        for start, end in _parts(text, paragraph, language)
        if SAYS_SOMETHING.search(text, start, end)
    )
    return [replace(part, number=number) for number, part in enumerate(parts, start=1)]


def _parts(text: str, paragraph: Paragraph, language: str) -> Iterator[Span]:
    start, end = paragraph.start, paragraph.end
    while end - start > LONGEST:
        stretch = text[start : start + LONGEST + 1]
        # Parts of about one length: no last one of a few words.
        aim = (end - start) / -(-(end - start) // LONGEST)
        cut = start + _nearest_end(stretch, aim, language)
        yield _trimmed(text, start, cut)
        spaces = _SPACE.match(text, cut, end)
        start = spaces.end() if spaces else cut
    if start < end:
        yield start, end


def _nearest_end(stretch: str, aim: float, language: str) -> int:
    """Return where to cut, at most LONGEST: after a sentence, else a line, a word, or a letter."""
    ends = [end for _, end in sentences(stretch, language)][:-1]  # the last goes on behind it
    for candidates in (
        ends,
        [line.start() for line in _LINE_END.finditer(stretch)],
        [space.start() for space in _SPACE.finditer(stretch)],
    ):
        if possible := [end for end in candidates if _LEAST <= end <= LONGEST]:
            return min(possible, key=lambda end: abs(end - aim))
    whole = [letter.end() for letter in _LETTER.finditer(stretch) if letter.end() <= LONGEST]
    return whole[-1] if whole else LONGEST  # one letter with a thousand accents


def _trimmed(text: str, start: int, end: int) -> Span:
    return start, start + len(text[start:end].rstrip())
