"""A document in segments, as it is shown: its paragraphs, and the text between them."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from vector_store.records import Contents, Paragraph


@dataclass(frozen=True, slots=True)
class Segment:
    """A paragraph, or what stands between two: a heading, a rule."""

    start: int
    """In code points of the document's text."""
    end: int
    page: int | None
    """The page where it begins; None where the format has no pages."""
    paragraph: Paragraph | None
    """None for the text between paragraphs."""


def segments(contents: Contents, start: int = 0, end: int | None = None) -> Iterator[Segment]:
    """Give the segments of a document in order, without those of white space only.

    With `start` and `end`, only those between; both must lie at the bounds of paragraphs.
    """
    position, end = start, len(contents.document.text) if end is None else end
    for passage in contents.passages:
        paragraph = passage.paragraph
        if paragraph.start < start:
            continue
        if paragraph.end > end:
            break
        yield from _between(contents, position, paragraph.start)
        yield Segment(paragraph.start, paragraph.end, paragraph.page, paragraph)
        position = paragraph.end
    yield from _between(contents, position, end)


def segment_at(contents: Contents, start: int, end: int) -> Segment | None:
    """Return the segment that holds `[start, end)`; None when none holds all of it."""
    passages = contents.passages
    at = bisect_right(passages, start, key=lambda passage: passage.paragraph.start)
    if at and end <= passages[at - 1].paragraph.end:
        paragraph = passages[at - 1].paragraph
        return Segment(paragraph.start, paragraph.end, paragraph.page, paragraph)
    first = passages[at - 1].paragraph.end if at else 0
    last = passages[at].paragraph.start if at < len(passages) else len(contents.document.text)
    for segment in _between(contents, first, last):
        if segment.start <= start < end <= segment.end:
            return segment
    return None


def _between(contents: Contents, start: int, end: int) -> Iterator[Segment]:
    text = contents.document.text[start:end]
    if text.strip():
        start += len(text) - len(text.lstrip())
        page = bisect_right(contents.document.page_starts, start) or None
        yield Segment(start, start + len(text.strip()), page, None)
