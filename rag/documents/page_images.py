"""Pages of PDF documents as pictures, drawn by a worker process that may fall."""

from pathlib import Path

from rag.errors import UnreadableFileError
from rag.formats.worker import Limits, Worker
from rag.indexing.source_files import SourceFile, load
from vector_store.records import Contents

_SECONDS = 20.0


def has_pages(path: str) -> bool:
    """Tell whether the pages of a document can be drawn."""
    return Path(path).suffix.lower() == ".pdf"


class PageImages:
    """Draws pages, one at a time. Close it when done."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._worker = Worker(Limits(seconds=_SECONDS))

    def draw(self, contents: Contents, start: int, end: int) -> bytes:
        """Return the page where a passage begins, as PNG, with the passage marked.

        Raises UnreadableFileError when it cannot be drawn: the file is no PDF, has changed since
        it was indexed, or no passage stands there.
        """
        document = contents.document
        paragraphs = (passage.paragraph for passage in contents.passages)
        page = next((p.page for p in paragraphs if (p.start, p.end) == (start, end)), None)
        if page is None or not has_pages(document.path):
            raise UnreadableFileError("there is no page to draw")
        file = load(SourceFile(Path(document.path), document.name))
        if file.sha256 != document.sha256:
            raise UnreadableFileError("the file has changed since it was indexed")
        return self._worker.draw(file.data, page, document.text[start:end])

    def close(self) -> None:
        """End the worker."""
        self._worker.close()
