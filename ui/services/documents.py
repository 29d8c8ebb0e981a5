"""The part of the service that concerns the list of documents: what it shows, and their marks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from rag.documents.listing import ListedDocument, Order, listed_one
from rag.documents.status import unknown_languages
from rag.models.registry import bundled_languages
from ui.app_state import AppState
from ui.documents.marking import MarkChange, Marked, marked, opened
from ui.documents.rows import DocumentRows
from vector_store.records import DocumentInfo, UnreadFile

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class DocumentList:
    """What is to be said of the documents of a library beside their list."""

    version: str
    """That of `DocumentListService.document_rows`."""
    unread: int
    """How many files could not be read."""
    unknown_languages: int
    """How many documents are in languages that the model does not know."""
    model: str
    can_remove: bool


class DocumentListService:
    """A base of `ui.service.Service`; its calls raise what those of that raise."""

    def __init__(self, state: AppState) -> None:
        """Work with `state`."""
        self.state = state

    async def read(self, work: Callable[[], Result]) -> Result:
        """Return the result of `work`, which reads and changes nothing."""
        return await self.state.reading.run(work)

    async def document_list(self, render: Callable[[DocumentList], Result]) -> Result:
        """Describe what is to be said of the documents beside their list."""

        def work() -> Result:
            library, can_remove = self.state.library, not self.state.served.shows_examples
            model = library.model
            known = bundled_languages(model)
            with library.store.view() as view:
                counts, version = view.counts(), self.state.rows.version(library, view)
                unknown = 0
                if known and not known.issuperset(counts.languages):
                    unknown = sum(unknown_languages(view.documents(), model).values())
            return render(DocumentList(version, counts.unread, unknown, model, can_remove))

        return await self.read(work)

    async def document_rows(self) -> DocumentRows:
        """Return all documents for the list on the page."""
        return await self.read(lambda: self.state.rows.rows(self.state.library))

    async def list_documents(
        self,
        render: Callable[[Sequence[ListedDocument]], Result],
        filters: str = "",
        *,
        find: str = "",
        order: Order = "name",
        reverse: bool = False,
    ) -> Result:
        """List documents in an order. Raises as `Library.list_documents` does."""

        def work() -> Result:
            library = self.state.library
            return render(library.list_documents(filters, find=find, order=order, reverse=reverse))

        return await self.read(work)

    def listed(self, info: DocumentInfo) -> ListedDocument:
        """Return a document as a list shows it; at once, for a `render` in its thread."""
        library = self.state.library
        with library.store.view() as view:
            return listed_one(view, library.document_marks, info)

    async def unread(self, render: Callable[[Sequence[UnreadFile]], Result]) -> Result:
        """List the files that could not be read, by path."""

        def work() -> Result:
            with self.state.library.store.view() as view:
                return render(view.unread())

        return await self.read(work)

    async def opened(self, id: str) -> Marked:
        """Record that a person has opened a document; return its mark. Raises NotFoundError."""
        return await self.read(partial(opened, self.state.library, self.state.rows, id))

    async def mark(self, id: str, change: MarkChange) -> Marked:
        """Change the status and tags of a document; return what they are then.

        Raises NotFoundError, QuestionError for an invalid tag, StoreUnwritableError.
        """
        work = partial(marked, self.state.library, self.state.rows, id, change)
        return await self.state.changing.run(work)
