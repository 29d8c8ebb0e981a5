"""The part of a library that keeps a person's marks on its documents: status and tags."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from rag.documents.listing import ListedDocument, Order, listed, ordered
from rag.documents.lookup import documents_named
from rag.library_folder import LibraryFolder
from rag.marking.database import DocumentMarks
from rag.marking.marks import LoadMarks, Mark, checked_status
from rag.query.syntax import filters_of
from vector_store.base import StoreView, VectorStore


class MarkedLibrary:
    """A base of `rag.Library`; it is not used on its own."""

    _store: VectorStore
    _folder: str

    @property
    def document_marks(self) -> DocumentMarks:
        """Where the marks are kept, for programs that set them one by one."""
        return self._document_marks

    @cached_property
    def _document_marks(self) -> DocumentMarks:
        return DocumentMarks(LibraryFolder(Path(self._folder)).marks if self._folder else None)

    def mark(
        self,
        paths: str | Sequence[str],
        *,
        status: str | None = None,
        add_tags: Sequence[str] = (),
        remove_tags: Sequence[str] = (),
    ) -> int:
        """Set the status of documents and change their tags; return how many documents those are.

        Documents are named as in `where` of `ask`: by name, file, folder or pattern; or by the
        `document_id` of a citation. A status is "unseen", "read", "relevant" or "irrelevant".

        Raises QuestionError for a name that no document has, for any other status and for an
        invalid tag; StoreUnwritableError.
        """
        with self._store.view() as view:
            documents = documents_named(view, [paths] if isinstance(paths, str) else paths)
        if add_tags or remove_tags:
            self.document_marks.tag(documents, add_tags, remove_tags)
        if status is not None:
            self.document_marks.set_status(documents, checked_status(status))
        return len(documents)

    def marks(self) -> dict[str, Mark]:
        """Return the status and tags of documents by id, of those that have any."""
        with self._store.view() as view:
            return self.document_marks.of(view.documents())

    def list_documents(
        self, filters: str = "", *, find: str = "", order: Order = "name", reverse: bool = False
    ) -> list[ListedDocument]:
        """Return documents with their marks, dates and sizes, in an order.

        `filters` are those of a question, such as "type:pdf status:unseen after:2019"; `find` is
        part of a name, title, author or sender. Raises QuestionError for anything else in
        `filters`.
        """
        conditions = filters_of(filters)
        with self._store.view() as view:
            documents = listed(view, self.document_marks, conditions, find)
        return ordered(documents, order, reverse=reverse)

    def _settle_marks(self) -> None:
        """Drop the marks of documents that are gone; those of moved files move with them."""
        with self._store.view() as view:
            self.document_marks.settle(view.documents())

    def _marks_of(self, view: StoreView) -> LoadMarks:
        return lambda: self.document_marks.of(view.documents())
