"""Images of PDF pages, rendered in a sandboxed worker process."""

from pathlib import Path

from rag.errors import UnreadableFileError
from rag.formats.worker import Limits, Worker
from rag.indexing.source_files import SourceFile, load
from vector_store.records import Contents

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

    def draw(self, contents: Contents, start: int, end: int) -> bytes:
        """Return the page on which the passage `[start, end)` begins, as PNG, with it marked.

        Raises UnreadableFileError when it cannot be rendered: the file is not a PDF or has changed
        since it was indexed, or there is no such passage.
        """
        document = contents.document
        paragraphs = (passage.paragraph for passage in contents.passages)
        page = next((p.page for p in paragraphs if (p.start, p.end) == (start, end)), None)
        if page is None or not has_pages(document.path):
            raise UnreadableFileError("there is no page to show")
        file = load(SourceFile(Path(document.path), document.name))
        if file.sha256 != document.sha256:
            raise UnreadableFileError("the file has changed since it was indexed")
        return self._worker.draw(file.data, page, document.text[start:end])

    def close(self) -> None:
        """End the worker process."""
        self._worker.close()
