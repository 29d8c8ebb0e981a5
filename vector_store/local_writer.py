"""Changes to a library in a folder, each in one transaction of its database."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager

from vector_store.base import StoreView, VectorSource
from vector_store.records import Copy, Document, EmbeddedParagraph, UnreadFile
from vector_store.sqlite import file_paths, judgements, rows, staged_vectors
from vector_store.sqlite.database import Database


class LocalWriter:
    """A `StoreWriter` over a database, for whoever holds the writer's lock."""

    def __init__(
        self, database: Database, view: Callable[[], AbstractContextManager[StoreView]]
    ) -> None:
        """Change `database`; `view` opens a view of it."""
        self._database = database
        self._view = view
        self.has_removed = False
        """Whether data was deleted that may still be in the write-ahead log."""

    def view(self) -> AbstractContextManager[StoreView]:
        """Open a view of what has been committed so far."""
        return self._view()

    def bind(self, source: VectorSource) -> None:
        """Accept vectors of this model only."""
        with self._database.reading() as connection, self._database.reported():
            bound, has_windows = rows.select_source(connection), rows.has_windows(connection)
        if bound is None or not has_windows:
            with self._database.writing() as connection:
                rows.put_source(connection, source)
        else:
            bound.refuse_others(source)

    def replace(self, document: Document, paragraphs: Sequence[EmbeddedParagraph]) -> None:
        """Store a document in place of the one under its path."""
        with self._database.writing() as connection:
            replaced = file_paths.document_at(connection, document.path)
            file_paths.forget_path(connection, document.path)
            rows.delete_unread(connection, document.path)
            rows.insert_document(connection, document, paragraphs)
            moved = file_paths.place_of(connection, replaced)
            judgements.settle_quotes(connection, document.path, moved)
        self.has_removed |= replaced is not None

    def note_copies(self, copies: Iterable[tuple[Copy, str]]) -> None:
        """Record where else documents are."""
        copies = list(copies)
        if not copies:
            return
        with self._database.writing() as connection:
            for copy, original in copies:
                file_paths.put_copy(connection, copy, original)
                rows.delete_unread(connection, copy.path)

    def note_stamps(self, stamps: Mapping[str, str]) -> None:
        """Record what files look like from outside."""
        if stamps:
            with self._database.writing() as connection:
                file_paths.put_stamps(connection, stamps)

    def note_unread(self, files: Iterable[UnreadFile], *, readable: Iterable[str] = ()) -> None:
        """Record files that could not be read; delete notes and stamps of readable ones."""
        files, readable = list(files), list(readable)
        if not files and not readable:
            return
        with self._database.writing() as connection:
            for path in readable:
                rows.delete_unread(connection, path)
            file_paths.delete_stamps(connection, readable)
            for file in files:
                rows.put_unread(connection, file)

    def remove(self, documents: Iterable[str]) -> int:
        """Delete documents and notes by path; return how many documents there were."""
        paths = list(documents)
        if not paths:
            return 0
        with self._database.writing() as connection:
            removed = 0
            for path in paths:
                removed += file_paths.forget(connection, path)
                rows.delete_unread(connection, path)
        self.has_removed = True
        return removed

    def staged(self, source: VectorSource) -> frozenset[str]:
        """Return the paths of documents that have staged vectors of this model."""
        with self._database.writing() as connection:
            return staged_vectors.staged(connection, source)

    def stage(
        self, source: VectorSource, path: str, paragraphs: Sequence[EmbeddedParagraph]
    ) -> None:
        """Stage a document's vectors of another model."""
        with self._database.writing() as connection:
            staged_vectors.stage(connection, path, paragraphs)

    def adopt(self, source: VectorSource) -> None:
        """Replace all vectors by the staged ones."""
        with self._database.writing() as connection:
            staged_vectors.adopt(connection, source)
