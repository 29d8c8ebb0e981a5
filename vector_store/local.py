"""A library in a folder: SQLite holds everything; FAISS and tantivy are derived from it.

A search first brings the derived indexes up to the newest commit, whoever made it; the writer
saves them as a snapshot when it lets go. Snapshots only save time: without them, or with
damaged ones, the answers are the same.
"""

import contextlib
import logging
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import filelock
import numpy as np
from numpy.typing import NDArray

from vector_store.analysis.analyzer import Forms
from vector_store.base import VectorSource
from vector_store.errors import StoreBusyError, StoreUnwritableError
from vector_store.folder_names import SNAPSHOTS, WRITER_LOCK
from vector_store.indexes import current
from vector_store.indexes.current import Indexes
from vector_store.indexes.threads import cores
from vector_store.records import (
    Contents,
    Copy,
    Counts,
    DenseSearch,
    Document,
    DocumentInfo,
    EmbeddedParagraph,
    Feedback,
    Match,
    Passage,
    PassageInPlace,
    Sentences,
    UnreadFile,
    Vectors,
)
from vector_store.sqlite import (
    checksums as seals,
    documents as kept,
    file_paths as paths,
    judgements,
    rows,
    staged_vectors as staging,
)
from vector_store.sqlite.database import Database
from vector_store.sqlite.metadata import Commit, last_commit

_log = logging.getLogger("quoth")


class LocalStore:
    """A `VectorStore` in a folder; see the module. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        """Open the store in `folder`, made when missing.

        Raises StoreUnwritableError, StoreVersionError or StoreDamagedError.
        """
        self.folder = folder
        self._database = Database(folder)
        self._snapshots = folder / SNAPSHOTS
        self._refreshing = threading.Lock()
        self._indexes: Indexes | None = None
        self._counted: tuple[Commit, Counts] | None = None
        self._has_removed = False
        """Whether what was removed may lie in the log still."""

    @contextlib.contextmanager
    def writer(self) -> Iterator[None]:
        """Hold the writer's lock; on leaving, save the derived indexes and empty the log."""
        lock = filelock.FileLock(self.folder / WRITER_LOCK, mode=0o600)
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            raise StoreBusyError(
                "The library is being changed already, here or by another process. "
                "Wait until it has finished; questions can be asked meanwhile."
            ) from None
        except OSError as error:
            raise StoreUnwritableError(
                f"Cannot write to the library {self.folder}: {error.strerror}. Make the folder "
                "writable, or choose another with --library DIR (or QUOTH_LIBRARY)."
            ) from error
        try:
            yield
        finally:
            try:
                self._save()
                self._empty_log()
            finally:
                lock.release()

    def source(self) -> VectorSource | None:
        """Return the model the vectors come from."""
        with self._database.reading() as connection:
            return rows.select_source(connection)

    def bind(self, source: VectorSource) -> None:
        """Take vectors of this model only."""
        with self._database.reading() as connection:
            known, has_windows = rows.select_source(connection), rows.has_windows(connection)
        if known is None or not has_windows:
            with self._database.writing() as connection:
                rows.put_source(connection, source)
        else:
            known.refuse_others(source)

    def replace(self, document: Document, paragraphs: Sequence[EmbeddedParagraph]) -> None:
        """Keep a document, in one transaction."""
        with self._database.writing() as connection:
            was = paths.document_at(connection, document.path)
            paths.forget_path(connection, document.path)
            rows.delete_unread(connection, document.path)
            rows.insert_document(connection, document, paragraphs)
            moved = paths.place_of(connection, was)
            judgements.settle_quotes(connection, document.path, moved)
        self._has_removed |= was is not None

    def staged(self, source: VectorSource) -> frozenset[str]:
        """Return the paths of documents whose vectors by another model lie aside."""
        with self._database.writing() as connection:
            return staging.staged(connection, source)

    def stage(
        self, source: VectorSource, path: str, paragraphs: Sequence[EmbeddedParagraph]
    ) -> None:
        """Put a document's vectors by another model aside, in one transaction."""
        with self._database.writing() as connection:
            staging.stage(connection, path, paragraphs)

    def adopt(self, source: VectorSource) -> None:
        """Take what lies aside in place of all vectors there are, in one transaction."""
        with self._database.writing() as connection:
            staging.adopt(connection, source)

    def note_copies(self, copies: Iterable[tuple[Copy, str]]) -> None:
        """Note where else documents lie, in one transaction."""
        copies = list(copies)
        if not copies:
            return
        with self._database.writing() as connection:
            for copy, original in copies:
                paths.put_copy(connection, copy, original)
                rows.delete_unread(connection, copy.path)

    def stamps(self) -> dict[str, str]:
        """Return what was noted of files' looks, by path."""
        with self._database.reading() as connection:
            return paths.select_stamps(connection)

    def note_stamps(self, stamps: Mapping[str, str]) -> None:
        """Remember what files look like, in one transaction."""
        if stamps:
            with self._database.writing() as connection:
                paths.put_stamps(connection, stamps)

    def remove(self, documents: Iterable[str]) -> int:
        """Forget documents, in one transaction."""
        gone = list(documents)
        if not gone:
            return 0
        with self._database.writing() as connection:
            removed = 0
            for path in gone:
                removed += paths.forget(connection, path)
                rows.delete_unread(connection, path)
        self._has_removed = True
        return removed

    def note_unread(self, files: Iterable[UnreadFile], *, readable: Iterable[str] = ()) -> None:
        """Remember files that could not be read, in one transaction."""
        noted, forgotten = list(files), list(readable)
        if not noted and not forgotten:
            return
        with self._database.writing() as connection:
            for path in forgotten:
                rows.delete_unread(connection, path)
            paths.delete_stamps(connection, forgotten)
            for file in noted:
                rows.put_unread(connection, file)

    def note_feedback(self, feedback: Feedback) -> None:
        """Remember what a person said of an answer."""
        with self._database.writing() as connection:
            judgements.insert_feedback(connection, feedback)

    def feedback(self) -> list[Feedback]:
        """Return all that people said, in the order they said it."""
        with self._database.reading() as connection:
            return judgements.select_feedback(connection)

    def documents(self) -> list[DocumentInfo]:
        """Return every document without its text, by path."""
        with self._database.reading() as connection:
            return kept.select_documents(connection)

    def document(self, document_id: str) -> DocumentInfo:
        """Return a document without its text, by its id. Raises KeyError when none has it."""
        with self._database.reading() as connection:
            return kept.select_info(connection, document_id)

    def contents(self, path: str) -> Contents:
        """Return a document with its passages. Raises KeyError when none has this path."""
        with self._database.reading() as connection:
            return kept.select_contents(connection, path)

    def passage_at(
        self, document_id: str, start: int, end: int, *, around: int = 0
    ) -> PassageInPlace:
        """Return the passage of a span with its neighbours. Raises KeyError when there is none."""
        with self._database.reading() as connection:
            return kept.select_passage_at(connection, document_id, start, end, around)

    def paragraph(self, document_id: str, number: int) -> Passage:
        """Return the passage of a number in a document. Raises KeyError when there is none."""
        with self._database.reading() as connection:
            return kept.select_numbered(connection, document_id, number)

    def passages(self, ids: Iterable[int]) -> list[Passage]:
        """Return passages in the order asked; ids no longer kept are left out."""
        with self._database.reading() as connection:
            return kept.select_passages(connection, ids)

    def sentences(self, passage_ids: Iterable[int]) -> dict[int, Sentences]:
        """Return passages' sentences with their vectors; ids no longer kept are left out."""
        with self._database.reading() as connection:
            return rows.select_sentences(connection, passage_ids)

    def unread(self) -> list[UnreadFile]:
        """Return the files that could not be read, by path."""
        with self._database.reading() as connection:
            return rows.select_unread(connection)

    def altered(self) -> list[str]:
        """Return the paths of documents of which something is not as it was kept."""
        with self._database.reading() as connection:
            for select in (rows.select_unread, judgements.select_feedback, paths.select_stamps):
                select(connection)  # not sealed, but to be readable
            rows.select_source(connection)
            return seals.broken(connection)

    def counts(self) -> Counts:
        """Return how much is kept; counted once a commit, for it takes a look at every row."""
        with self._database.reading() as connection:
            commit = last_commit(connection)
            known = self._counted
            if known is None or known[0] != commit:
                self._counted = known = commit, rows.select_counts(connection)
            return known[1]

    def search_dense(
        self,
        vector: NDArray[np.float32],
        limit: int,
        documents: Collection[int] | None = None,
    ) -> list[Match]:
        """Return the passages nearest to `vector`, shape (dimensions,)."""
        found = self._current()
        return found.dense.search(vector, limit, documents) if found else []

    def search_dense_many(self, vectors: Vectors, limit: int) -> list[list[Match]]:
        """Return the passages nearest to each row."""
        found = self._current()
        if found is None:
            return [[] for _ in vectors]
        with ThreadPoolExecutor(cores()) as pool:
            return list(pool.map(lambda vector: found.dense.search(vector, limit), vectors))

    def dense_search(self) -> DenseSearch:
        """Return how vectors are searched."""
        found = self._current()
        return found.dense.described() if found else DenseSearch("exact", 1.0)

    def similarities(
        self, vector: NDArray[np.float32], passage_ids: Iterable[int]
    ) -> dict[int, float]:
        """Return the score `search_dense` gives each passage."""
        found = self._current()
        return found.dense.similarities(vector, passage_ids) if found else {}

    def search_lexical(
        self, words: Sequence[Forms], limit: int, documents: Collection[int] | None = None
    ) -> list[Match]:
        """Return the passages with the highest BM25 for `words`."""
        found = self._current()
        return found.lexical.search(words, limit, documents) if found else []

    def idf(self, words: Sequence[Forms]) -> dict[Forms, float]:
        """Return each word's inverse document frequency."""
        found = self._current()
        return {forms: found.lexical.idf(forms) if found else 0.0 for forms in words}

    def close(self) -> None:
        """Empty the log, close the database and drop the indexes; a second call does nothing."""
        if not self._database.is_closed:
            self._empty_log()
        self._database.close()
        self._indexes = None

    def _empty_log(self) -> None:
        """Leave nothing in the log; say so when what was removed has to stay in it for now."""
        if self._database.empty_log():
            self._has_removed = False
        elif self._has_removed:
            _log.warning(
                "What was removed is out of the library but lies in the log beside its file while "
                "another program reads it or the disk is full. It goes at the next change, or when "
                "the library is closed."
            )

    def _current(self) -> Indexes | None:
        """Return the indexes as of the newest commit, or None while nothing was ever kept."""
        with self._refreshing, self._database.reading() as connection:
            source = rows.select_source(connection)
            if source is None:
                return None
            self._indexes = current.current(self._indexes, connection, source, self._snapshots)
            return self._indexes

    def _save(self) -> None:
        with self._refreshing, self._database.reading() as connection:
            source = rows.select_source(connection)
            if source is not None:
                now = current.current(self._indexes, connection, source, self._snapshots)
                self._indexes = current.saved(now, connection, source, self._snapshots)
