"""The SQLite database: documents, passages, windows and their vectors, in one transaction each.

A connection is used by one thread at a time; readers go on while the one writer works
(write-ahead log).
"""

import contextlib
import json
import os
import secrets
import shlex
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import apsw

from vector_store.errors import (
    StoreBusyError,
    StoreDamagedError,
    StoreError,
    StoreUnwritableError,
    StoreVersionError,
)
from vector_store.folder_names import DATABASE
from vector_store.private_files import make_private, tighten
from vector_store.sqlite.lost_databases import has_log, has_remains, is_empty
from vector_store.sqlite.metadata import count_commit, set_fact
from vector_store.sqlite.migrations import MIGRATED, migrate, migrate_in_memory
from vector_store.sqlite.page_reader import PAGE
from vector_store.sqlite.schema import FORMAT, SCHEMA

_BUSY_MILLISECONDS = 10_000
_LOG_MILLISECONDS = 2_000
"""How long those who read are waited for before the log is left as it is."""


def connected(path: Path, *, page_size: int | None = None) -> apsw.Connection:
    """Open a database to read and write it with a write-ahead log, making the file when missing.

    `page_size`, in bytes, is that of a new file. Raises apsw.Error.
    """
    connection = apsw.Connection(str(path))
    connection.set_busy_timeout(_BUSY_MILLISECONDS)
    if page_size is not None:
        connection.pragma("page_size", page_size)
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
    connection.pragma("secure_delete", True)  # zeros in place of what is removed
    return connection


def connected_immutable(path: Path) -> apsw.Connection:
    """Open a database on a read-only disk: what lies there nobody else changes either.

    Raises apsw.Error.
    """
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    return apsw.Connection(f"{path.resolve().as_uri()}?immutable=1", flags=flags)


def is_on_read_only_disk(path: Path) -> bool:
    """Tell whether a file lies on a disk that is mounted read-only, as far as the system tells."""
    return hasattr(os, "statvfs") and bool(os.statvfs(path).f_flag & os.ST_RDONLY)


class Database:
    """Connections to one library's database file."""

    def __init__(self, folder: Path, *, anew: bool = False) -> None:
        """Open the database in `folder`, making both when missing.

        Where it is missing or empty and something of a library is there, it was lost, and nothing
        is made, unless `anew`. Raises StoreUnwritableError, StoreVersionError or
        StoreDamagedError.
        """
        self._path = folder / DATABASE
        self._idle: list[apsw.Connection] = []
        self._guard = threading.Lock()
        self._closed = False
        self._read_only = False
        self._anew = anew
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if is_empty(self._path):
                self._refuse_if_lost(log=True)
                make_private(self._path)
        except OSError as error:
            raise StoreUnwritableError(
                f"Cannot make the library folder {folder}: {error.strerror}. "
                "Choose another with --library DIR (or QUOTH_LIBRARY)."
            ) from error
        with self.reported():
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
        if not self._path.is_file():
            return False
        log = self._path.with_name(f"{DATABASE}-wal")
        return is_on_read_only_disk(self._path) and (not log.exists() or log.stat().st_size == 0)

    def _refuse_if_lost(self, *, log: bool) -> None:
        """Refuse to make a library where there was one. `log`: its log is a sign of it, too."""
        folder = self._path.parent
        if self._anew or not (has_remains(folder) or (log and has_log(self._path))):
            return
        if log and not is_empty(self._path):
            return  # another process has made it since
        raise StoreDamagedError(
            f"The database {self._path} is missing or empty, and a library was there. Save what "
            "is left of it into another, and see what was lost: quoth restore --library "
            f"{shlex.quote(str(folder))}"
        )

    def _connect(self) -> apsw.Connection:
        if self._read_only:
            connection = connected_immutable(self._path)
            if connection.pragma("user_version") in MIGRATED:
                migrate_in_memory(connection)
            return connection
        return connected(self._path, page_size=PAGE)

    def _prepare(self, connection: apsw.Connection) -> None:
        found = connection.pragma("user_version")
        if found in MIGRATED:
            if self._read_only:
                return
            migrate(connection)
            tighten(self._path)
            found = connection.pragma("user_version")
        if found == 0:
            with _transaction(connection):
                if connection.pragma("user_version") == 0:  # another process may have been first
                    self._refuse_if_lost(log=False)
                    if connection.execute("SELECT 1 FROM sqlite_schema").fetchone() is not None:
                        raise apsw.CorruptError("it has no format, and is not empty")
                    connection.execute(SCHEMA)
                    set_fact(connection, "library", secrets.token_hex(16))
                    count_commit(connection)
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
        """Lend a connection in a read transaction, which sees one commit: the newest at its start.

        Use `reported` around what is done with it.
        """
        with contextlib.ExitStack() as stack:
            with self.reported():
                connection = stack.enter_context(self._borrowed())
                connection.execute("BEGIN")
                connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall()  # now it reads
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[apsw.Connection]:
        """Give a connection whose changes are committed together, durably, or not at all."""
        with self.reported(), self._borrowed() as connection, _transaction(connection):
            yield connection
            count_commit(connection)

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
    def reported(self) -> Iterator[None]:
        """Turn SQLite's errors into errors of the store, which name the library and say what to do.

        Raises StoreDamagedError, StoreUnwritableError or StoreBusyError.
        """
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

    def empty_log(self) -> bool:
        """Move what was committed from the log into the database, and empty the log.

        Returns whether that was done: it is not while somebody reads an older commit, nor when the
        disk is full. What is in the log still is as durable as the rest.
        """
        if self._read_only:
            return True
        with self.reported(), self._borrowed() as connection:
            connection.set_busy_timeout(_LOG_MILLISECONDS)
            try:
                busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()[0][0]
                return not busy
            except (apsw.BusyError, apsw.LockedError, apsw.FullError, apsw.IOError):
                return False
            finally:
                connection.set_busy_timeout(_BUSY_MILLISECONDS)

    @property
    def is_closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

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
