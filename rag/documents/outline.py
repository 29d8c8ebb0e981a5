"""The outline of a document: its headings, or else its sheets, slides, chapters or pages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from rag import deadlines
from rag.formats.pdf.catalog.bookmarks import Bookmark
from vector_store.records import Contents, Passage

MOST_ENTRIES = 2_000
_CHECK_EVERY = 500
"""Paragraphs between two looks at the deadline."""


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """A heading, or a part of the file such as a sheet, and where it begins."""

    title: str
    """Empty for a page, which has a number only."""
    level: int
    """0 for the outermost."""
    start: int
    """Of its first paragraph, in code points of the document's text."""
    page: int | None
    place: str = ""
    """Of its first paragraph, as a citation says it."""


def outline_of(contents: Contents, bookmarks: Sequence[Bookmark] = ()) -> list[OutlineEntry]:
    """Return the outline, 2,000 entries at most: of a PDF with bookmarks, these.

    Raises DeadlineExceededError, CancelledWorkError.
    """
    if bookmarks:
        return _of_bookmarks(contents, bookmarks)
    entries = _of_parts(contents.passages)
    return list(islice(entries, MOST_ENTRIES)) or list(
        islice(_of_pages(contents.passages), MOST_ENTRIES)
    )


def _of_bookmarks(contents: Contents, bookmarks: Sequence[Bookmark]) -> list[OutlineEntry]:
    starts = contents.document.page_starts
    return [
        OutlineEntry(one.title, one.level, starts[one.page - 1], one.page)
        for one in bookmarks[:MOST_ENTRIES]
        if one.page <= len(starts)
    ]


def _of_parts(passages: Sequence[Passage]) -> Iterator[OutlineEntry]:
    """Give each heading where it first stands above a paragraph, and each part of the file."""
    trail: tuple[str, ...] = ()
    for count, passage in enumerate(passages):
        if count % _CHECK_EVERY == 0:
            deadlines.check()
        paragraph = passage.paragraph
        part = "" if paragraph.page is not None else _part(paragraph.place)
        headings = paragraph.headings
        if part and part not in headings:
            headings = (part, *headings)
        common = next(
            (
                at
                for at, pair in enumerate(zip(trail, headings, strict=False))
                if pair[0] != pair[1]
            ),
            min(len(trail), len(headings)),
        )
        for level in range(common, len(headings)):
            yield OutlineEntry(
                headings[level], level, paragraph.start, paragraph.page, paragraph.place
            )
        trail = headings


def _part(place: str) -> str:
    """Return the part of a file in which a place lies: "sheet Rates" of "sheet Rates, row 3"."""
    sheet, row, _ = place.rpartition(", row ")
    return sheet if row else place.partition(", ")[0]


def _of_pages(passages: Sequence[Passage]) -> Iterator[OutlineEntry]:
    page = None
    for passage in passages:
        paragraph = passage.paragraph
        if paragraph.page is not None and paragraph.page != page:
            page = paragraph.page
            yield OutlineEntry("", 0, paragraph.start, page, paragraph.place)
