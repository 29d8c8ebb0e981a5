"""The SQLite database: documents, passages, windows and their vectors, in one transaction each.

Texts and paths are kept as bytes (UTF-8, lone surrogates passed through), since SQLite's text
type can hold neither NUL safely nor a lone surrogate. A connection is used by one thread at a
time; readers go on while the one writer works (write-ahead log).
"""

import contextlib
import hashlib
import json
import os
import secrets
import shlex
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import apsw

from vector_store.errors import (
    StoreBusyError,
    StoreDamagedError,
    StoreError,
    StoreUnwritableError,
    StoreVersionError,
)
from vector_store.pages import PAGE
from vector_store.schema import FORMAT, SCHEMA

FILE = "library.sqlite3"

_BUSY_MILLISECONDS = 10_000


def to_bytes(text: str) -> bytes:
    """Encode text for a BLOB column, losing nothing."""
    return text.encode("utf-8", "surrogatepass")


def to_text(data: object) -> str:
    """Decode what `to_bytes` made. Raises apsw.CorruptError or UnicodeDecodeError."""
    if not isinstance(data, bytes):  # a page of another table has got into this one's place
        raise apsw.CorruptError("a text is not where it was")
    return data.decode("utf-8", "surrogatepass")


class Database:
    """Connections to one library's database file."""

    def __init__(self, folder: Path) -> None:
        """Open the database in `folder`, making both when missing.

        Raises StoreUnwritableError, StoreVersionError or StoreDamagedError.
        """
        self._path = folder / FILE
        self._idle: list[apsw.Connection] = []
        self._guard = threading.Lock()
        self._closed = False
        self._read_only = False
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnwritableError(
                f"Cannot make the library folder {folder}: {error.strerror}. "
                "Choose another with --library DIR (or QUOTH_LIBRARY)."
            ) from error
        with self._reported():
            try:
                connection = self._connect()
            except (apsw.CantOpenError, apsw.ReadOnlyError):
                if not self._rests():
                    raise
                self._read_only = True
                connection = self._connect()
            self._prepare(connection)
        self._idle.append(connection)

    def _rests(self) -> bool:
        """Tell whether the file lies on a read-only disk, whole, with no write beside it."""
        if not hasattr(os, "statvfs") or not self._path.is_file():
            return False
        log = self._path.with_name(FILE + "-wal")
        read_only = os.statvfs(self._path).f_flag & os.ST_RDONLY
        return bool(read_only) and (not log.exists() or log.stat().st_size == 0)

    def _connect(self) -> apsw.Connection:
        if self._read_only:
            # What lies on a read-only disk nobody else changes either.
            flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
            return apsw.Connection(f"{self._path.resolve().as_uri()}?immutable=1", flags=flags)
        connection = apsw.Connection(str(self._path))
        connection.set_busy_timeout(_BUSY_MILLISECONDS)
        connection.pragma("page_size", PAGE)  # of a new one
        deadline = time.monotonic() + _BUSY_MILLISECONDS / 1000
        while True:
            try:
                connection.pragma("journal_mode", "wal")
                break
            except apsw.BusyError:  # switching is not waited for as other locks are
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
        connection.pragma("synchronous", "full")
        connection.pragma("foreign_keys", True)
        return connection

    def _prepare(self, connection: apsw.Connection) -> None:
        found = connection.pragma("user_version")
        if found == 0:
            with _transaction(connection):
                if connection.pragma("user_version") == 0:  # another process may have been first
                    connection.execute(SCHEMA)
                    set_fact(connection, "library", secrets.token_hex(16))
                    _count_commit(connection)
                    connection.pragma("user_version", FORMAT)
            found = connection.pragma("user_version")
        if found != FORMAT:
            advice = (
                "Upgrade Quoth, or make another library with --library."
                if found > FORMAT
                else "Move it away and index your documents again (quoth index PATH...)."
            )
            raise StoreVersionError(
                f"The library {self._path.parent} has format {found}, and this version of Quoth "
                f"reads format {FORMAT}. {advice}"
            )

    @contextlib.contextmanager
    def reading(self) -> Iterator[apsw.Connection]:
        """Give a connection that sees one commit throughout."""
        with self._reported(), self._borrowed() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")

    @contextlib.contextmanager
    def writing(self) -> Iterator[apsw.Connection]:
        """Give a connection whose changes are committed together, durably, or not at all."""
        with self._reported(), self._borrowed() as connection, _transaction(connection):
            yield connection
            _count_commit(connection)

    @contextlib.contextmanager
    def _borrowed(self) -> Iterator[apsw.Connection]:
        with self._guard:
            if self._closed:
                raise StoreError("This library was closed; open it again.")
            connection = self._idle.pop() if self._idle else None
        if connection is None:
            connection = self._connect()
        try:
            yield connection
        finally:
            if connection.in_transaction:  # an interruption came between its begin and its end
                connection.execute("ROLLBACK")
            with self._guard:
                if self._closed:
                    connection.close()
                else:
                    self._idle.append(connection)

    @contextlib.contextmanager
    def _reported(self) -> Iterator[None]:
        """Say SQLite's failures in terms of the library."""
        folder = self._path.parent
        try:
            yield
        except (
            apsw.CorruptError,
            apsw.NotADBError,
            UnicodeDecodeError,
            json.JSONDecodeError,
        ) as error:
            raise StoreDamagedError(
                f"The database {self._path} is damaged ({error}). Save what is whole of it into "
                f"another library: quoth restore --library {shlex.quote(str(folder))}"
            ) from error
        except (apsw.ReadOnlyError, apsw.CantOpenError, apsw.PermissionsError) as error:
            raise StoreUnwritableError(
                f"Cannot write to the library {folder} ({error}). Make the folder writable, or "
                "choose another with --library DIR (or QUOTH_LIBRARY)."
            ) from error
        except apsw.BusyError as error:
            raise StoreBusyError(
                f"Another process is changing the library {folder}. Wait until it has finished."
            ) from error
        except (apsw.FullError, apsw.IOError) as error:
            raise StoreUnwritableError(
                f"The disk refused to write the library {folder} ({error}). What was indexed "
                "before is kept; make room and run the same command again."
            ) from error
        except apsw.Error as error:
            raise StoreDamagedError(
                f"The database {self._path} cannot be used ({error}). Is it a library of Quoth? "
                "Choose another with --library DIR (or QUOTH_LIBRARY)."
            ) from error

    def close(self) -> None:
        """Close every connection; a second call does nothing."""
        with self._guard:
            self._closed = True
            while self._idle:
                self._idle.pop().close()


@contextlib.contextmanager
def _transaction(connection: apsw.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def fact(connection: apsw.Connection, key: str) -> str | None:
    """Return one of the library's facts about itself, or None when never set."""
    row = connection.execute("SELECT value, seal FROM facts WHERE key = ?", (key,)).fetchone()
    if row is None:
        return None
    if not is_sealed_fact(key, *row):
        raise apsw.CorruptError(f"what it says of its {key} was altered")
    return str(row[0])


def is_sealed_fact(key: str, value: str, seal: str) -> bool:
    """Tell whether a fact is as it was set."""
    return seal == _seal_of(key, value)


def set_fact(connection: apsw.Connection, key: str, value: str) -> None:
    """Set one of the library's facts about itself."""
    row = key, value, _seal_of(key, value)
    connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?, ?)", row)


def _seal_of(key: str, value: str) -> str:
    return hashlib.sha256(f"{key}\n{value}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Commit:
    """A state of the database: a number that grows, and a token that no other state has.

    The number alone would not do: a database restored from a backup counts on from there, and
    comes to the same numbers with other contents.
    """

    number: int
    token: str


def last_commit(connection: apsw.Connection) -> Commit:
    """Return the commit that this connection sees."""
    row = connection.execute(
        "SELECT number, token FROM commits ORDER BY number DESC LIMIT 1"
    ).fetchone()
    if row is None:
        raise apsw.CorruptError("its commits are gone")
    return Commit(*row)


def has_commit(connection: apsw.Connection, commit: Commit) -> bool:
    """Tell whether what this connection sees came of `commit`, and not of another history."""
    found = connection.execute(
        "SELECT 1 FROM commits WHERE number = ? AND token = ?", (commit.number, commit.token)
    )
    return found.fetchone() is not None


def _count_commit(connection: apsw.Connection) -> None:
    connection.execute("INSERT INTO commits (token) VALUES (?)", (secrets.token_hex(8),))


def strings(encoded: str) -> tuple[str, ...]:
    """Decode a JSON list of strings."""
    return tuple(json.loads(encoded))
