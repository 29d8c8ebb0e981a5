"""Search within one document, letter by letter, as people compare them.

Case, accents, the way a letter is composed, digits of other scripts, kinds of dashes and where
lines break make no difference. It looks for the characters, not for whole words.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from rag import deadlines
from rag.documents.segments import segments
from rag.formats.pdf.page_breaks import last_page
from rag.query.exact.literal_text import plain
from vector_store.records import Contents

MOST_LISTED = 1_000
"""Matches that are listed; all are counted."""
_CHECK_EVERY = 200
"""Segments between two looks at the deadline."""


@dataclass(frozen=True, slots=True)
class TextMatch:
    """Where a text stands in a document."""

    start: int
    """In code points of the document's text."""
    end: int
    page: int | None
    """The page on which its paragraph begins; None where the format has no pages."""
    last_page: int | None
    """The page on which its paragraph ends."""
    paragraph: int | None
    """The paragraph's number; None for a heading or other text between paragraphs."""


@dataclass(frozen=True, slots=True)
class TextMatches:
    """The places of a text in a document."""

    total: int
    listed: tuple[TextMatch, ...]
    """The first of them, in order."""


def find_text(contents: Contents, query: str) -> TextMatches:
    """Find a text in a document; a blank one is nowhere.

    Raises DeadlineExceededError, CancelledWorkError.
    """
    pattern = _folded(query).strip()
    if not pattern:
        return TextMatches(0, ())
    total = 0
    listed: list[TextMatch] = []
    for count, segment in enumerate(segments(contents)):
        if count % _CHECK_EVERY == 0:
            deadlines.check()
        text = contents.document.text[segment.start : segment.end]
        matches = _folded(text).count(pattern)
        total += matches
        if not matches or len(listed) == MOST_LISTED:
            continue
        paragraph = segment.paragraph
        last = last_page(paragraph.place) if paragraph else None
        for start, end in _spans(text, pattern):
            if len(listed) < MOST_LISTED:
                listed.append(
                    TextMatch(
                        segment.start + start,
                        segment.start + end,
                        segment.page,
                        last or segment.page,
                        paragraph.number if paragraph else None,
                    )
                )
    return TextMatches(total, tuple(listed))


def _spans(text: str, pattern: str) -> Iterator[tuple[int, int]]:
    """Give where a folded pattern stands in a text."""
    pieces: list[str] = []
    origins: list[int] = []
    for at, character in enumerate(text):
        for piece in _folded_character(character):
            if piece == " " and pieces and pieces[-1] == " ":
                continue
            pieces.append(piece)
            origins.append(at)
    folded = "".join(pieces)
    at = folded.find(pattern)
    while at >= 0:
        end = origins[at + len(pattern) - 1] + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        yield origins[at], end
        at = folded.find(pattern, at + len(pattern))


def _folded(text: str) -> str:
    """Return a text without what makes no difference, and one space for any white space."""
    if not text.isascii():
        text = "".join(map(_folded_character, text))
    return " ".join(f"|{text}|".casefold().split())[1:-1]


@lru_cache(maxsize=8_192)
def _folded_character(character: str) -> str:
    if character.isspace():
        return " "
    letters = unicodedata.normalize("NFKD", plain(character))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
