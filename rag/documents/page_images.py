"""Pages of PDFs as pictures, rendered in a sandboxed worker process, and their bookmarks."""

from collections.abc import Sequence
from pathlib import Path

from rag.documents.segments import segment_at
from rag.errors import NotFoundError, UnreadableFileError
from rag.formats.pdf.catalog.bookmarks import Bookmark
from rag.formats.pdf.rendering import Sheet, Span
from rag.formats.worker import Limits, Worker
from rag.indexing.source_files import SourceFile, load
from vector_store.records import Contents, Document

_TIME_LIMIT = 20.0
"""Seconds for one page."""


def has_pages(path: str) -> bool:
    """Tell whether a document has pages that can be rendered."""
    return Path(path).suffix.lower() == ".pdf"


class PageImages:
    """Renders pages, one at a time. Close it when done."""

    def __init__(self) -> None:
        """Prepare the worker; its process starts with the first page."""
        self._worker = Worker(Limits(seconds=_TIME_LIMIT))

    def draw(
        self,
        contents: Contents,
        page: int,
        places: Sequence[tuple[int, int]] = (),
        *,
        tinted: bool = False,
    ) -> Sheet:
        """Return a page, counted from 1, and where the text of each `[start, end)` stands on it.

        `tinted` marks them in the picture itself. Raises UnreadableFileError when it cannot be
        rendered: the file is not a PDF, is gone or has changed since it was indexed, or there is
        no such page; NotFoundError for a place that lies in no paragraph.
        """
        spans = [_span(contents, start, end) for start, end in places]
        return self._worker.draw(_bytes_of(contents.document), page, spans, tinted=tinted)

    def bookmarks(self, document: Document) -> list[Bookmark]:
        """Return the bookmarks of a PDF. Raises UnreadableFileError as `draw` does."""
        return self._worker.bookmarks(_bytes_of(document))

    def close(self) -> None:
        """End the worker process."""
        self._worker.close()


def _span(contents: Contents, start: int, end: int) -> Span:
    segment = segment_at(contents, start, end)
    if segment is None:
        raise NotFoundError(f"{contents.document.name} has no paragraph at {start} to {end}.")
    text = contents.document.text[segment.start : segment.end]
    return text, start - segment.start, end - segment.start


def _bytes_of(document: Document) -> bytes:
    if not has_pages(document.path):
        raise UnreadableFileError("there is no page to show")
    file = load(SourceFile(Path(document.path), document.name))
    if file.sha256 != document.sha256:
        raise UnreadableFileError("the file has changed since it was indexed")
    return file.data
