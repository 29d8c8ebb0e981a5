"""The marks of a library's documents, in a database of their own beside the library's.

They are a person's work: reading the documents again does not touch them. A document is named by
its id, which is made of its path and does not tell it, and by the digest of its file, so that a
file that was moved keeps its mark.
"""

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from rag.ids import document_id
from rag.marking.marks import Mark, ReviewStatus, checked_status, checked_tags
from vector_store.errors import StoreDamagedError, StoreUnwritableError
from vector_store.private_files import make_private
from vector_store.records import DocumentInfo

_BUSY_MILLISECONDS = 10_000
_FORMAT = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS marks (
    document TEXT PRIMARY KEY,   -- the id in citations
    sha256 TEXT NOT NULL,        -- of the file that the status is about
    status TEXT,                 -- null where there are tags only
    tags TEXT NOT NULL           -- JSON list of strings
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS changes (number INTEGER NOT NULL) STRICT;
INSERT INTO changes SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM changes);
"""
_Row = tuple[str, str | None, tuple[str, ...]]
"""Digest, status and tags."""


class DocumentMarks:
    """The marks kept in a file, which the first mark makes. Safe to use from several threads."""

    def __init__(self, file: Path | None) -> None:
        """Keep marks in `file`; without one, in memory."""
        self._file = file
        self._guard = threading.Lock()
        self._connection: apsw.Connection | None = None

    def of(self, documents: Iterable[DocumentInfo]) -> dict[str, Mark]:
        """Return the marks of documents by id, of those that have any.

        The status of a document whose file has changed since counts no more; its tags stay. A
        document without a mark has that of a missing document with the same bytes: it was moved.
        Raises StoreDamagedError.
        """
        rows = self._rows()
        if not rows:
            return {}
        by_digest = {row[0]: row for row in rows.values()}
        marks = {}
        for info in documents:
            key = document_id(info.path)
            row = rows.get(key) or by_digest.get(info.sha256)
            if row is not None:
                sha256, status, tags = row
                stated = checked_status(status) if status and sha256 == info.sha256 else "unseen"
                marks[key] = Mark(stated, tags)
        return marks

    def set_status(self, documents: Iterable[DocumentInfo], status: ReviewStatus) -> None:
        """Set the status of documents. Raises StoreUnwritableError, StoreDamagedError."""
        self._change(documents, lambda row: (status, row[2]))

    def opened(self, document: DocumentInfo) -> None:
        """Set an unseen document to read, unless a person has given it a status.

        Raises StoreUnwritableError, StoreDamagedError.
        """
        key = document_id(document.path)
        known = self._rows().get(key)
        if known is None or known[1] is None or known[0] != document.sha256:
            self._change([document], lambda row: (row[1] or "read", row[2]))

    def tag(
        self, documents: Iterable[DocumentInfo], add: Iterable[str], remove: Iterable[str] = ()
    ) -> None:
        """Add tags to documents, and remove others.

        Raises QuestionError for an invalid tag or too many, StoreUnwritableError,
        StoreDamagedError.
        """
        added = checked_tags(add)
        dropped = {tag.casefold() for tag in checked_tags(remove)}

        def changed(row: _Row) -> tuple[str | None, tuple[str, ...]]:
            left = [tag for tag in row[2] if tag.casefold() not in dropped]
            return row[1], checked_tags([*left, *added])

        self._change(documents, changed)

    def put(self, document: DocumentInfo, mark: Mark) -> None:
        """Set the whole mark of a document. Raises as `set_status` does."""
        status = None if mark.status == "unseen" else mark.status
        self._change([document], lambda row: (status, mark.tags))

    def settle(self, documents: Iterable[DocumentInfo]) -> None:
        """Delete the marks of documents that are gone, and move those of files that were moved.

        Raises StoreUnwritableError, StoreDamagedError.
        """
        if not self._rows():
            return
        ids = {document_id(info.path): info.sha256 for info in documents}
        with self._writing() as connection:
            rows = _select(connection)
            gone = set(rows) - set(ids)
            by_digest = {rows[key][0]: rows[key] for key in gone}
            moved = {
                key: by_digest[sha256]
                for key, sha256 in ids.items()
                if key not in rows and sha256 in by_digest
            }
            connection.executemany("DELETE FROM marks WHERE document = ?", ((k,) for k in gone))
            _insert(connection, moved)

    def version(self) -> str:
        """Return a text that differs after every change. Raises StoreDamagedError."""
        with self._reading() as connection:
            if connection is None:
                return "0"
            [[number]] = connection.execute("SELECT number FROM changes").fetchall()
            return str(number)

    def close(self) -> None:
        """Close the database; a later call opens it again."""
        with self._guard:
            if self._connection is not None and self._file is not None:
                self._connection.close()
                self._connection = None

    def _change(
        self,
        documents: Iterable[DocumentInfo],
        change: Callable[[_Row], tuple[str | None, tuple[str, ...]]],
    ) -> None:
        with self._writing() as connection:
            rows = _select(connection)
            by_digest = {row[0]: row for row in rows.values()}
            changed: dict[str, _Row] = {}
            for info in documents:
                key = document_id(info.path)
                row = rows.get(key) or by_digest.get(info.sha256) or (info.sha256, None, ())
                current = row if row[0] == info.sha256 else (info.sha256, None, row[2])
                changed[key] = info.sha256, *change(current)
            _insert(connection, changed)

    def _rows(self) -> dict[str, _Row]:
        with self._reading() as connection:
            return {} if connection is None else _select(connection)

    @contextmanager
    def _reading(self) -> Iterator[apsw.Connection | None]:
        """Give the connection; None while there is no file yet."""
        with self._guard, self._reported():
            if self._connection is None and self._file is not None and self._file.is_file():
                self._connection = self._connected()
            yield self._connection

    @contextmanager
    def _writing(self) -> Iterator[apsw.Connection]:
        """Give the connection in a transaction, which counts as one change."""
        with self._guard, self._reported():
            connection = self._connection = self._connection or self._connected()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("UPDATE changes SET number = number + 1; COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except (apsw.CorruptError, apsw.NotADBError, json.JSONDecodeError) as error:
            raise StoreDamagedError(
                f"The marks in {self._file} are damaged ({error}). Move this file away: the "
                "documents are kept elsewhere, but their status and tags are lost."
            ) from error
        except (apsw.Error, OSError) as error:
            raise StoreUnwritableError(
                f"The marks in {self._file} cannot be used ({error}). Check the permissions of "
                "the library's folder and the free space."
            ) from error

    def _connected(self) -> apsw.Connection:
        if self._file is not None and not self._file.exists():
            make_private(self._file)
        connection = apsw.Connection(str(self._file) if self._file else ":memory:")
        connection.set_busy_timeout(_BUSY_MILLISECONDS)
        connection.pragma("secure_delete", True)  # zeros in place of what is removed
        if connection.pragma("user_version") != _FORMAT:
            connection.execute(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version={_FORMAT}; COMMIT")
        return connection


def _select(connection: apsw.Connection) -> dict[str, _Row]:
    rows = connection.execute("SELECT document, sha256, status, tags FROM marks")
    return {key: (sha256, status, tuple(json.loads(tags))) for key, sha256, status, tags in rows}


def _insert(connection: apsw.Connection, rows: dict[str, _Row]) -> None:
    connection.executemany(
        "INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?)",
        (
            (key, sha256, status, json.dumps(tags, ensure_ascii=False))
            for key, (sha256, status, tags) in rows.items()
        ),
    )
