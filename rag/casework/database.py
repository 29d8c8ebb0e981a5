"""The database of a person's work, apart from the index: it is derived from nothing.

Each call opens the file anew: calls are few, and so no log outlives them. Any number of threads and
processes may read and write; writers wait for each other.
"""

import contextlib
import json
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import apsw
from pydantic import ValidationError

from rag.errors import (
    StoreBusyError,
    StoreDamagedError,
    StoreUnwritableError,
    StoreVersionError,
)
from vector_store.private_files import make_private
from vector_store.sqlite.database import connected, connected_immutable, is_on_read_only_disk

FORMAT = 1
Row = tuple[Any, ...]
_SCHEMA = """
CREATE TABLE cases (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, note TEXT NOT NULL, created TEXT NOT NULL, deleted TEXT
);
CREATE TABLE questions (
  number INTEGER PRIMARY KEY,
  case_id TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
  question TEXT NOT NULL, content TEXT NOT NULL, UNIQUE (case_id, question)
);
CREATE TABLE quotes (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
  position INTEGER NOT NULL, document_id TEXT NOT NULL, question TEXT NOT NULL, state TEXT,
  content TEXT NOT NULL, note TEXT NOT NULL, tags TEXT NOT NULL, created TEXT NOT NULL,
  deleted TEXT
);
CREATE INDEX quotes_by_case ON quotes (case_id, position);
CREATE INDEX quotes_by_document ON quotes (document_id);
CREATE TABLE conversations (
  id TEXT PRIMARY KEY, title TEXT NOT NULL, created TEXT NOT NULL, changed TEXT NOT NULL,
  deleted TEXT
);
CREATE TABLE turns (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
  conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
  question TEXT NOT NULL, carry TEXT NOT NULL, content TEXT NOT NULL, created TEXT NOT NULL
);
CREATE INDEX turns_by_conversation ON turns (conversation_id);
CREATE TABLE sources (
  turn INTEGER NOT NULL REFERENCES turns (number) ON DELETE CASCADE,
  document_id TEXT NOT NULL, sha256 TEXT NOT NULL
);
CREATE INDEX sources_by_turn ON sources (turn);
"""


class CaseworkDatabase:
    """One library's database of cases and conversations, made when something is first kept."""

    def __init__(self, path: Path | None) -> None:
        """Keep the work in the file at `path`; with None, in memory."""
        self._path = path
        self._guard = threading.RLock()
        self._memory: apsw.Connection | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever kept."""
        if self._path is None:
            return self._memory is None
        return not self._path.exists()

    @contextlib.contextmanager
    def reading(self) -> Iterator[apsw.Connection]:
        """Lend a connection that sees one commit, for reading.

        Raises StoreDamagedError, StoreBusyError, StoreUnwritableError or StoreVersionError.
        """
        with self._reported(), self._connected(changing=False) as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")

    @contextlib.contextmanager
    def writing(self) -> Iterator[apsw.Connection]:
        """Lend a connection whose changes are committed together, durably, or not at all.

        Raises as `reading` does.
        """
        with self._reported(), self._connected(changing=True) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextlib.contextmanager
    def _connected(self, *, changing: bool) -> Iterator[apsw.Connection]:
        if self._path is None:
            with self._guard:
                if self._memory is None:
                    self._memory = _new_in_memory()
                yield self._memory
            return
        if not changing and not self._path.exists():
            with contextlib.closing(_new_in_memory()) as connection:
                yield connection
            return
        with contextlib.closing(self._opened(self._path, changing=changing)) as connection:
            yield connection

    def _opened(self, path: Path, *, changing: bool) -> apsw.Connection:
        if changing:
            try:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                make_private(path)
            except OSError as error:
                raise StoreUnwritableError(
                    f"Cannot write {path}: {error.strerror}. Make the folder writable, or choose "
                    "another library with --library DIR (or QUOTH_LIBRARY)."
                ) from error
        is_fixed = is_on_read_only_disk(path)
        connection = connected_immutable(path) if is_fixed else connected(path)
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
        return connection

    @contextlib.contextmanager
    def _reported(self) -> Iterator[None]:
        """Turn SQLite's errors into errors of the store, which name the file and say what to do."""
        try:
            yield
        except (
            apsw.CorruptError,
            apsw.NotADBError,
            UnicodeDecodeError,
            json.JSONDecodeError,
            ValidationError,
        ) as error:
            raise StoreDamagedError(
                f"The cases in {self._path} are damaged ({error}). The documents are not affected. "
                "Move this file away to begin anew, and import what you exported: quoth cases "
                "import FILE"
            ) from error
        except apsw.BusyError as error:
            raise StoreBusyError(
                f"Another process is changing the cases in {self._path}. Try again in a moment."
            ) from error
        except (
            apsw.ReadOnlyError,
            apsw.CantOpenError,
            apsw.PermissionsError,
            apsw.FullError,
            apsw.IOError,
        ) as error:
            raise StoreUnwritableError(
                f"Cannot write {self._path} ({error}). What was kept before is safe. Make the "
                "folder writable, or make room, and try again."
            ) from error


def _prepare(connection: apsw.Connection, path: Path) -> None:
    """Make the tables where there are none. Raises StoreVersionError for another format."""
    version = connection.pragma("user_version")
    if version == 0:
        connection.execute("BEGIN IMMEDIATE")
        try:
            if connection.pragma("user_version") == 0:  # another process may have been first
                _make_tables(connection)
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        version = connection.pragma("user_version")
    if version != FORMAT:
        raise StoreVersionError(
            f"The cases in {path} have format {version}, and this version of Quoth reads format "
            f"{FORMAT}. Upgrade Quoth."
        )


def _make_tables(connection: apsw.Connection) -> None:
    if connection.execute("SELECT 1 FROM sqlite_schema").fetchone() is not None:
        raise apsw.CorruptError("it has no format, and is not empty")
    connection.execute(_SCHEMA)
    connection.pragma("user_version", FORMAT)


def _new_in_memory() -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    connection.pragma("foreign_keys", True)
    connection.execute(_SCHEMA)
    return connection


def select(connection: apsw.Connection, query: str, bindings: Sequence[Any] = ()) -> list[Row]:
    """Return all rows of a query."""
    return list(connection.execute(query, bindings))


def select_one(connection: apsw.Connection, query: str, bindings: Sequence[Any] = ()) -> Row | None:
    """Return the first row of a query; None when there is none."""
    return next(iter(select(connection, query, bindings)), None)


def select_count(connection: apsw.Connection, query: str, bindings: Sequence[Any] = ()) -> int:
    """Return the one number that a query counts."""
    [(count,)] = select(connection, query, bindings)
    return int(count)
