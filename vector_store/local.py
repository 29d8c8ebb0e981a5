"""A library in a folder: SQLite holds everything; FAISS and tantivy are derived from it.

A search first brings the derived indexes up to the newest commit, whoever made it; the writer
saves them as a snapshot when it lets go. Snapshots only save time: without them, or with
damaged ones, the answers are the same.
"""

import contextlib
import json
import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import apsw
import filelock
import numpy as np
from numpy.typing import NDArray

from vector_store import rows, snapshots
from vector_store.analysis import ANALYSIS_VERSION
from vector_store.database import Database, commit_of, fact, set_fact
from vector_store.dense import DenseIndex, Ids
from vector_store.errors import ForeignVectorsError, StoreBusyError, StoreUnwritableError
from vector_store.lexical import LexicalIndex
from vector_store.records import (
    Counts,
    Document,
    DocumentInfo,
    EmbeddedParagraph,
    Match,
    Passage,
    UnreadFile,
)
from vector_store.stores import VectorSource

_log = logging.getLogger("quoth")

_VECTORS = "vectors.faiss"
_TERMS = "terms"
_ALWAYS_REBUILT = 5_000
_MOST_REPLAYED = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class _Indexes:
    """The derived indexes as of one commit."""

    commit: int
    ids: Ids
    dense: DenseIndex
    lexical: LexicalIndex
    changes: int
    """Passages added or removed since these were built whole."""
    saved: bool
    """Whether they were built whole for a snapshot that is on disk."""


class LocalStore:
    """A `VectorStore` in a folder; see the module. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        """Open the store in `folder`, made when missing.

        Raises StoreUnwritableError, StoreVersionError or StoreDamagedError.
        """
        self.folder = folder
        self._database = Database(folder)
        self._snapshots = folder / "snapshots"
        self._refreshing = threading.Lock()
        self._indexes: _Indexes | None = None

    @contextlib.contextmanager
    def writer(self) -> Iterator[None]:
        """Hold the writer's lock; on leaving, save the derived indexes."""
        lock = filelock.FileLock(self.folder / "writer.lock")
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            raise StoreBusyError(
                f"Another process is changing the library {self.folder}. "
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
            finally:
                lock.release()

    def source(self) -> VectorSource | None:
        """Return the model the vectors come from."""
        with self._database.reading() as connection:
            return _source(connection)

    def bind(self, source: VectorSource) -> None:
        """Take vectors of this model only."""
        with self._database.reading() as connection:
            known = _source(connection)
        if known is None:
            with self._database.writing() as connection:
                set_fact(connection, "vectors", json.dumps(asdict(source)))
        elif (known.fingerprint, known.dimensions) != (source.fingerprint, source.dimensions):
            raise ForeignVectorsError(
                f"The library {self.folder} was indexed with the model {known.model!r}, and "
                f"{source.model!r} gives other vectors. Leave out --model to go on with "
                f"{known.model!r}, or index into another library with --library DIR."
            )

    def replace(self, document: Document, paragraphs: Sequence[EmbeddedParagraph]) -> None:
        """Keep a document, in one transaction."""
        with self._database.writing() as connection:
            rows.delete_document(connection, document.path)
            rows.delete_unread(connection, document.path)
            rows.insert_document(connection, document, paragraphs)

    def remove(self, paths: Iterable[str]) -> int:
        """Forget documents, in one transaction."""
        with self._database.writing() as connection:
            removed = 0
            for path in paths:
                removed += rows.delete_document(connection, path)
                rows.delete_unread(connection, path)
            return removed

    def note_unread(self, files: Iterable[UnreadFile], *, readable: Iterable[str] = ()) -> None:
        """Remember files that could not be read, in one transaction."""
        with self._database.writing() as connection:
            for path in readable:
                rows.delete_unread(connection, path)
            for file in files:
                rows.put_unread(connection, file)

    def documents(self) -> list[DocumentInfo]:
        """Return every document without its text, by path."""
        with self._database.reading() as connection:
            return rows.select_documents(connection)

    def document(self, path: str) -> Document:
        """Return a document with its text. Raises KeyError when none has this path."""
        with self._database.reading() as connection:
            return rows.select_document(connection, path)

    def passages_of(self, path: str) -> list[Passage]:
        """Return a document's passages in order. Raises KeyError when none has this path."""
        with self._database.reading() as connection:
            ids = rows.select_passage_ids(connection, path)
            return rows.select_passages(connection, ids)

    def passages(self, ids: Iterable[int]) -> list[Passage]:
        """Return passages in the order asked; ids no longer kept are left out."""
        with self._database.reading() as connection:
            return rows.select_passages(connection, ids)

    def unread(self) -> list[UnreadFile]:
        """Return the files that could not be read, by path."""
        with self._database.reading() as connection:
            return rows.select_unread(connection)

    def counts(self) -> Counts:
        """Return how much is kept."""
        with self._database.reading() as connection:
            return rows.select_counts(connection)

    def search_dense(self, vector: NDArray[np.float32], limit: int) -> list[Match]:
        """Return the passages nearest to `vector`, shape (dimensions,)."""
        indexes = self._current()
        return indexes.dense.search(vector, limit) if indexes else []

    def similarities(
        self, vector: NDArray[np.float32], passage_ids: Iterable[int]
    ) -> dict[int, float]:
        """Return the score `search_dense` gives each passage."""
        indexes = self._current()
        return indexes.dense.similarities(vector, passage_ids) if indexes else {}

    def search_lexical(self, terms: Sequence[str], limit: int) -> list[Match]:
        """Return the passages with the highest BM25 for `terms`."""
        indexes = self._current()
        return indexes.lexical.search(terms, limit) if indexes else []

    def idf(self, terms: Sequence[str]) -> dict[str, float]:
        """Return each term's inverse document frequency."""
        indexes = self._current()
        return {term: indexes.lexical.idf(term) if indexes else 0.0 for term in terms}

    def close(self) -> None:
        """Close the database and drop the indexes."""
        self._database.close()
        self._indexes = None

    def _current(self) -> _Indexes | None:
        """Return the indexes as of the newest commit, or None while nothing was ever kept."""
        with self._refreshing, self._database.reading() as connection:
            source = _source(connection)
            if source is None:
                return None
            if self._indexes is None:
                self._indexes = self._load(connection, source)
            self._indexes = self._brought_up(self._indexes, connection, source)
            return self._indexes

    def _load(self, connection: apsw.Connection, source: VectorSource) -> _Indexes:
        try:
            snapshot = snapshots.newest(self._snapshots, _tag(connection, source))
            if snapshot is not None:
                return _read(snapshot, connection, source)
        except (snapshots.SnapshotDamagedError, ValueError) as error:
            _log.warning("The saved indexes were not usable (%s); made again.", error)
        return _built(connection, source)

    def _brought_up(
        self, indexes: _Indexes, connection: apsw.Connection, source: VectorSource
    ) -> _Indexes:
        if indexes.commit == commit_of(connection):
            return indexes
        try:
            return _replayed(indexes, connection, source)
        except (OSError, ValueError):
            # A writer has replaced the snapshot that these were read from: read its new one.
            return _replayed(self._load(connection, source), connection, source)

    def _save(self) -> None:
        """Save the indexes when enough has changed for the next opening to gain by it."""
        with self._refreshing, self._database.reading() as connection:
            source = _source(connection)
            if source is None:
                return
            if self._indexes is None:
                self._indexes = self._load(connection, source)
            indexes = self._brought_up(self._indexes, connection, source)
            if indexes.changes > _replayable(len(indexes.ids)):
                indexes = _built(connection, source)
            if indexes.changes == 0 and not indexes.saved:
                saved = self._publish(indexes, _tag(connection, source))
                indexes = replace(indexes, saved=saved)
            self._indexes = indexes

    def _publish(self, indexes: _Indexes, tag: snapshots.Tag) -> bool:
        def write(folder: Path) -> None:
            indexes.dense.write(folder / _VECTORS)
            indexes.lexical.write(folder / _TERMS)

        try:
            snapshots.publish(self._snapshots, tag, indexes.commit, write)
        except (OSError, RuntimeError) as error:  # FAISS reports a full disk as RuntimeError
            _log.warning("The indexes could not be saved (%s); they are made at need.", error)
            return False
        return True


def _replayable(passages: int) -> int:
    """Return how many changed passages an opening may replay instead of reading a new snapshot.

    A small library is always saved whole: it takes under a second, and its document frequencies
    then forget removed passages at once.
    """
    return 0 if passages <= _ALWAYS_REBUILT else min(passages // 20, _MOST_REPLAYED)


def _source(connection: apsw.Connection) -> VectorSource | None:
    encoded = fact(connection, "vectors")
    return None if encoded is None else VectorSource(**json.loads(encoded))


def _tag(connection: apsw.Connection, source: VectorSource) -> snapshots.Tag:
    library = fact(connection, "library") or ""
    return snapshots.Tag(library, f"{source.fingerprint}/{ANALYSIS_VERSION}")


def _built(connection: apsw.Connection, source: VectorSource) -> _Indexes:
    return _Indexes(
        commit_of(connection),
        rows.passage_ids(connection),
        DenseIndex.build(source.dimensions, rows.vectors(connection, source.dimensions)),
        LexicalIndex.build(rows.searchable_texts(connection)),
        changes=0,
        saved=False,
    )


def _read(
    snapshot: snapshots.Snapshot, connection: apsw.Connection, source: VectorSource
) -> _Indexes:
    if snapshot.commit > commit_of(connection):
        raise ValueError("they are newer than the database")
    dense = DenseIndex.read(snapshot.folder / _VECTORS, source.dimensions)
    lexical = LexicalIndex.read(snapshot.folder / _TERMS)
    ids = dense.passage_ids()
    if len(ids) != len(lexical):
        raise ValueError("the vectors and the terms are of different passages")
    return _Indexes(snapshot.commit, ids, dense, lexical, changes=0, saved=True)


def _replayed(indexes: _Indexes, connection: apsw.Connection, source: VectorSource) -> _Indexes:
    """Replay what was committed since; ids only ever grow, so what is new has a higher one."""
    now = rows.passage_ids(connection)
    newest = int(indexes.ids[-1]) if len(indexes.ids) else 0
    removed = np.setdiff1d(indexes.ids, now, assume_unique=True)
    added = now[now > newest]
    changes = indexes.changes + len(removed) + len(added)
    if changes > max(_replayable(len(now)), _MOST_REPLAYED):
        return _built(connection, source)
    dense, lexical = indexes.dense, indexes.lexical
    if len(added) or len(removed):
        batches = list(rows.vectors(connection, source.dimensions, after=newest))
        none = np.empty(0, np.int64), np.empty((0, source.dimensions), np.float32)
        ids, vectors = map(np.concatenate, zip(none, *batches, strict=True))
        dense = dense.updated(ids, vectors, removed)
        texts = rows.searchable_texts(connection, after=newest)
        lexical = lexical.updated(texts, removed.tolist())
    return _Indexes(commit_of(connection), now, dense, lexical, changes, indexes.saved)
