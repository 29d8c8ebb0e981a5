"""What the page's reader shows of one document: pages, matches, an outline, the original.

It works with the library for `ui.service.Service`, of which it is a part.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from rag.documents.lookup import document_of
from rag.documents.original import Original, open_original
from rag.documents.outline import OutlineEntry, outline_of
from rag.documents.page_images import has_pages
from rag.documents.text_search import TextMatches, find_text
from rag.errors import NotFoundError
from rag.formats.pdf.rendering import Sheet
from rag.library import Library
from ui.app_state import AppState
from vector_store.records import Contents, DocumentInfo

Result = TypeVar("Result")


class ChangedError(NotFoundError):
    """The document was read again since, and its file had other bytes."""


class DocumentReader:
    """Reads single documents. Every call takes a document's id and the digest of its file.

    Each raises NotFoundError when there is no such document, ChangedError when its digest is
    another, and, as those of `Service` do, BusyError, DeadlineExceededError, CancelledWorkError.
    """

    def __init__(self, state: AppState) -> None:
        """Read documents of the library of `state`."""
        self._state = state

    async def contents(self, id: str, sha256: str, render: Callable[[Contents], Result]) -> Result:
        """Read a whole document."""
        return await self._state.reading.run(lambda: render(self._contents(id, sha256)))

    async def find(
        self, id: str, sha256: str, query: str, render: Callable[[TextMatches], Result]
    ) -> Result:
        """Find a text in a document."""

        def work() -> Result:
            return render(find_text(self._contents(id, sha256), query))

        return await self._state.reading.run(work)

    async def outline(
        self, id: str, sha256: str, render: Callable[[Sequence[OutlineEntry]], Result]
    ) -> Result:
        """List a document's headings or parts. Raises UnreadableFileError for a PDF without file.

        The bookmarks of a PDF are in its file only.
        """

        def work() -> Result:
            contents = self._contents(id, sha256)
            document, bookmarks = contents.document, []
            if has_pages(document.path):
                bookmarks = self._state.page_images.bookmarks(document)
            return render(outline_of(contents, bookmarks))

        return await self._state.reading.run(work)

    async def sheet(
        self,
        id: str,
        sha256: str,
        page: int,
        places: Sequence[tuple[int, int]],
        *,
        tinted: bool = False,
    ) -> Sheet:
        """Draw a page of a PDF; see `PageImages.draw`. Raises UnreadableFileError."""

        def work() -> Sheet:
            contents = self._contents(id, sha256)
            return self._state.page_images.draw(contents, page, places, tinted=tinted)

        return await self._state.questions.run(work)

    async def original(self, id: str, sha256: str) -> Original:
        """Open a document's file. Raises UnreadableFileError when it is not as it was read."""

        def work() -> Original:
            with self._state.library.store.view() as view:
                info = document_of(view, id)
            _check(info, sha256)
            return open_original(info)

        return await self._state.reading.run(work)

    def _contents(self, id: str, sha256: str) -> Contents:
        info, contents = info_and_contents(self._state.library, id)
        _check(info, sha256)
        return contents


def info_and_contents(library: Library, id: str) -> tuple[DocumentInfo, Contents]:
    """Return a document's entry and its text, of one commit. Raises NotFoundError."""
    with library.store.view() as view:
        info = document_of(view, id)
        return info, view.contents(info.path)


def _check(info: DocumentInfo, sha256: str) -> None:
    if info.sha256 != sha256:
        raise ChangedError(f"{info.name} has changed.")
