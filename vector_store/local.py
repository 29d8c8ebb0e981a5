"""A library in a folder: SQLite holds everything; FAISS and tantivy are derived from it.

A view's first search brings the derived indexes up to the view's commit, whoever made it. The
writer saves them as a snapshot when it is closed. Snapshots only save time: without them, or with
damaged ones, the answers are the same.
"""

import contextlib
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import apsw
import filelock

from vector_store.errors import StoreBusyError, StoreUnwritableError
from vector_store.folder_names import SNAPSHOTS, WRITER_LOCK
from vector_store.indexes import current
from vector_store.indexes.current import Indexes
from vector_store.local_view import LocalView
from vector_store.local_writer import LocalWriter
from vector_store.records import Counts, Feedback
from vector_store.sqlite import judgements, rows
from vector_store.sqlite.database import Database
from vector_store.sqlite.metadata import Commit, has_commit, last_commit, put_calibration

_log = logging.getLogger("quoth")


class LocalStore:
    """A `VectorStore` in a folder; see the module. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        """Open the store in `folder`, which is created when missing.

        Raises StoreUnwritableError, StoreVersionError or StoreDamagedError.
        """
        self.folder = folder
        self._database = Database(folder)
        self._snapshots = folder / SNAPSHOTS
        self._refreshing = threading.Lock()
        self._indexes: Indexes | None = None
        self._counts: tuple[Commit, Counts] | None = None
        self._has_removed = False
        """Whether deleted data may still be in the write-ahead log."""

    @contextlib.contextmanager
    def view(self) -> Iterator[LocalView]:
        """Open a view of the newest commit: one read transaction."""
        # Read before the transaction begins, so that their commit is never newer than its own.
        indexes = self._indexes
        with self._database.reading() as connection:
            yield LocalView(
                self._database,
                connection,
                lambda: self._indexes_of(connection, indexes),
                self._counts_of,
            )

    @contextlib.contextmanager
    def writer(self) -> Iterator[LocalWriter]:
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
        writer, is_interrupted = self._new_writer(), False
        try:
            yield writer
        except KeyboardInterrupt:  # a person waits: what is read next brings the indexes up to date
            is_interrupted = True
            raise
        finally:
            try:
                self._has_removed |= writer.has_removed
                if not is_interrupted or self._has_removed:
                    self._save()
                self._empty_log()
            finally:
                lock.release()

    def _new_writer(self) -> LocalWriter:
        return LocalWriter(self._database, self.view)

    def note_feedback(self, feedback: Feedback) -> None:
        """Record a judgement of an answer."""
        with self._database.writing() as connection:
            judgements.insert_feedback(connection, feedback)

    def forget_feedback(self, feedback: Feedback) -> None:
        """Delete every judgement that equals one."""
        with self._database.writing() as connection:
            judgements.delete_feedback(connection, feedback)

    def note_calibration(self, encoded: str | None) -> None:
        """Record what was fitted on the judgements; None removes it."""
        with self._database.writing() as connection:
            put_calibration(connection, encoded)

    def close(self) -> None:
        """Empty the log, close the database, drop the indexes; a second call does nothing."""
        if not self._database.is_closed:
            self._empty_log()
        self._database.close()
        self._indexes = None

    def _empty_log(self) -> None:
        """Empty the write-ahead log; warn when deleted data has to stay in it for now."""
        if self._database.empty_log():
            self._has_removed = False
        elif self._has_removed:
            _log.warning(
                "What was removed is out of the library but lies in the log beside its file while "
                "another program reads it or the disk is full. It goes at the next change, or when "
                "the library is closed."
            )

    def _counts_of(self, connection: apsw.Connection) -> Counts:
        """Return the counts at a connection's commit, counted once a commit: it reads all rows."""
        commit = last_commit(connection)
        counted = self._counts
        if counted is None or counted[0] != commit:
            self._counts = counted = commit, rows.select_counts(connection)
        return counted[1]

    def _indexes_of(self, connection: apsw.Connection, earlier: Indexes | None) -> Indexes | None:
        """Return the indexes of a connection's commit; None while no model is bound.

        `earlier` are those that were current before the connection's transaction began. Where
        others have become current since, which the transaction cannot see, they stay current.
        """
        with self._refreshing:
            source = rows.select_source(connection)
            if source is None:
                return None
            latest = self._indexes
            is_newer = (
                latest is not None
                and latest is not earlier
                and not has_commit(connection, latest.commit)
            )
            base = earlier if is_newer else latest
            indexes = current.current(base, connection, source, self._snapshots)
            if not is_newer:
                self._indexes = indexes
            return indexes

    def _save(self) -> None:
        with self._database.reading() as connection, self._database.reported():
            indexes = self._indexes_of(connection, self._indexes)
            source = rows.select_source(connection)
            if indexes is not None and source is not None:
                saved = current.saved(indexes, connection, source, self._snapshots)
                with self._refreshing:
                    self._indexes = saved
