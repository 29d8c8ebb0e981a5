"""What is whole of a damaged library, in a new one; what is not, by name.

Rows are read page by page, and a document is kept when its seal says that nothing of it is
altered. The damaged library is only read.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import apsw
import filelock

from vector_store.document_ids import put_keys
from vector_store.errors import StoreBusyError, StoreUnwritableError
from vector_store.folder_names import DATABASE, SNAPSHOTS, WRITER_LOCK
from vector_store.indexes import snapshots
from vector_store.sqlite.checksums import (
    intact_judgements,
    is_whole,
    seal_contents,
    seal_judgements,
)
from vector_store.sqlite.database import Database
from vector_store.sqlite.metadata import fact, is_sealed_fact, set_fact
from vector_store.sqlite.page_reader import Pages, Row, Value
from vector_store.sqlite.rows import delete_document
from vector_store.sqlite.schema import to_bytes, to_text
from vector_store.sqlite.staged_vectors import STAGED

_SHAPES = {
    "documents": "-BBBTITTTB",
    "seals": "-TT",
    "passages": "-IIiIIIITBB",
    "windows": "-IIIB",
    "sentences": "-BB",
    "feedback": "-BIbbiibT",
    "copies": "BBI",
    "document_fields": "-B",
    "stamps": "BT",
    "unread": "BBB",
    "facts": "TTT",
    "seals_again": "ITTI",
    "entries": "BI",
    "sequences": "TI",
}
"""What stands in a table's columns: text, bytes, integers, - for the row's number; small letters
where it may be null. "entries" are those of other indexes: a path and the number of a row;
"sequences" tell the highest number that a table ever had."""
_PASSAGES_BEFORE_8 = "-IIiIIIITB"
"""Rows of passages that were inserted before format 8, which have no columns."""
_OF_INDEXES = tuple(_SHAPES[name] for name in ("facts", "seals_again", "entries"))
_LETTERS: dict[type, str] = {bytes: "B", int: "I", str: "T"}
_SOURCE = "vectors"


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What became of a damaged library's contents."""

    documents: int
    """How many were saved."""
    unembedded: tuple[str, ...]
    """Paths of those whose text was saved and whose vectors were not."""
    lost: tuple[str, ...]
    """Paths of those that were not saved. One that was removed after the indexes were last
    saved, or could never be read, may be among them."""
    unnamed: int
    """How many more were not saved, whose paths are lost too."""
    feedback: int
    """How many judgements of answers were saved."""
    lost_feedback: int
    """How many were not, as far as can be told."""


def salvage(damaged: Path, to: Path, moved: Mapping[str, str]) -> Salvaged:
    """Make a library in the folder `to` of what is whole in the folder `damaged`.

    `moved` tells, by the path that a file had, the one that it is to be known by.

    Raises StoreBusyError while another process changes the damaged one, StoreUnwritableError
    when it cannot be read or the new one not written.
    """
    database = Database(to, anew=True)
    try:
        with (
            _undisturbed(damaged),
            Pages.of(damaged / DATABASE) as pages,
            database.writing() as connection,
        ):
            connection.pragma("defer_foreign_keys", True)  # until what does not fit is gone
            seen = _Seen()
            _fill(connection, pages, seen)
            return _judged(connection, seen, damaged, moved)
    except OSError as error:
        raise StoreUnwritableError(
            f"The library {damaged} cannot be read ({error.strerror}). Copy its folder to a disk "
            "that works, and restore that."
        ) from error
    finally:
        database.close()


@contextmanager
def _undisturbed(folder: Path) -> Iterator[None]:
    """Hold a library's writer's lock, where there is one that can be held."""
    path = folder / WRITER_LOCK
    if not path.exists():
        yield
        return
    lock = filelock.FileLock(path)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise StoreBusyError(
            f"Another process is changing the library {folder}. Wait until it has finished."
        ) from None
    except OSError:  # what cannot be written nobody else changes
        pass
    try:
        yield
    finally:
        lock.release()


@dataclass(slots=True)
class _Seen:
    """What stands anywhere in a damaged database, whole or not."""

    paths: set[bytes] = field(default_factory=set)
    """Every path that is spoken of."""
    documents: set[int] = field(default_factory=set)
    feedback: int = 0
    """The highest number of one."""
    library: str | None = None

    def note(self, table: str, values: tuple[Value, ...]) -> None:
        """Take what a row tells of documents, saved or not."""
        first, second = values[0], values[1]
        if table == "documents" and isinstance(second, bytes):
            self.paths.add(second)
        if table in ("stamps", "entries", "copies") and isinstance(first, bytes):
            self.paths.add(first)
        if table in ("documents", "seals", "seals_again") and isinstance(first, int):
            self.documents.add(first)
        if table == "passages" and isinstance(second, int):
            self.documents.add(second)
        number = first if table == "feedback" else second if first == "feedback" else None
        if isinstance(number, int):
            self.feedback = max(self.feedback, number)


def _fill(connection: apsw.Connection, pages: Pages, seen: _Seen) -> None:
    """Insert every row that has the shape of one of ours."""
    staged = pages.of_table(f"{STAGED}windows") | pages.of_table(f"{STAGED}sentences")
    for row in pages.rows(without=staged):
        table = _table_of(row)
        if table is None:
            continue
        values = row.values if row.values[0] is not None else (row.rowid, *row.values[1:])
        seen.note(table, values)
        if table == "facts":
            _take_fact(connection, values, seen)
        elif table == "seals_again":
            connection.execute("INSERT OR IGNORE INTO seals VALUES (?, ?, ?)", values[:3])
        elif row.whole and table not in ("entries", "sequences", "stamps"):
            if table == "passages" and len(values) == len(_PASSAGES_BEFORE_8):
                values = (*values, b"")
            marks = ", ".join("?" * len(values))
            connection.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", values)


def _table_of(row: Row) -> str | None:
    """Return the table that a row has the shape of; None for what is none of ours."""
    if not row.whole:  # the name of a document whose text breaks off
        return "documents" if len(row.values) > 1 and _fits(row, "-BBBTITTTB") else None
    for table, shape in (*_SHAPES.items(), ("passages", _PASSAGES_BEFORE_8)):
        if len(shape) == len(row.values) and _fits(row, shape):
            return table
    return None


def _fits(row: Row, shape: str) -> bool:
    if (row.rowid is None) != (shape in _OF_INDEXES):
        return False
    for value, letter in zip(row.values, shape, strict=False):
        if value is None:
            if letter.isupper():
                return False
        elif _LETTERS.get(type(value)) != letter.upper():
            return False
    return True


def _take_fact(connection: apsw.Connection, values: tuple[Value, ...], seen: _Seen) -> None:
    key, value, kept = map(str, values)
    if is_sealed_fact(key, value, kept):
        if key == "library":
            seen.library = value
        elif key == _SOURCE:
            set_fact(connection, key, value)


def _judged(
    connection: apsw.Connection, seen: _Seen, damaged: Path, moved: Mapping[str, str]
) -> Salvaged:
    """Drop what is not whole; say what is left, and what not."""
    has_source = fact(connection, _SOURCE) is not None
    unembedded: list[str] = []
    for number, path in list(connection.execute("SELECT id, path FROM documents")):
        contents, vectors = is_whole(connection, number)
        if not contents:
            delete_document(connection, number)
        elif not (vectors and has_source):
            unembedded.append(to_text(path))
            for table in ("windows", "sentences"):
                connection.execute(
                    f"DELETE FROM {table} WHERE passage IN"
                    " (SELECT id FROM passages WHERE document = ?)",
                    (number,),
                )
    _drop_strays(connection)
    saved = {row[0] for row in connection.execute("SELECT id FROM documents")}
    judgements = _keep_own_judgements(connection, seen, damaged)
    lost = _lost(connection, seen, damaged)
    moved = _move(connection, moved)
    seal_judgements(connection, judgements)
    put_keys(connection)
    return Salvaged(
        documents=len(saved),
        unembedded=tuple(sorted(moved.get(path, path) for path in unembedded)),
        lost=tuple(sorted(moved.get(path, path) for path in lost)),
        unnamed=max(0, len(seen.documents - saved) - len(lost)),
        feedback=len(judgements),
        lost_feedback=max(0, seen.feedback - len(judgements)),
    )


def _drop_strays(connection: apsw.Connection) -> None:
    """Drop rows of documents and passages that are not there."""
    for table, parent, column in (
        ("seals", "documents", "document"),
        ("copies", "documents", "document"),
        ("document_fields", "documents", "document"),
        ("passages", "documents", "document"),
        ("windows", "passages", "passage"),
        ("sentences", "passages", "passage"),
    ):
        connection.execute(f"DELETE FROM {table} WHERE {column} NOT IN (SELECT id FROM {parent})")


def _move(connection: apsw.Connection, moved: Mapping[str, str]) -> dict[str, str]:
    """Give files their new paths, and seal anew what tells of them; return those moved.

    A new path that something else is known by already is left to that.
    """
    tables = ("documents", "copies", "unread")
    taken = {
        to_text(row[0])
        for table in tables
        for row in connection.execute(f"SELECT path FROM {table}")
    }
    free = {old: new for old, new in moved.items() if new not in taken}
    rows = [(to_bytes(new), to_bytes(old)) for old, new in free.items()]
    for table in (*tables, "feedback"):
        connection.executemany(f"UPDATE {table} SET path = ? WHERE path = ?", rows)
    if rows:
        for number in [row[0] for row in connection.execute("SELECT id FROM documents")]:
            seal_contents(connection, number)
    return free


def _keep_own_judgements(connection: apsw.Connection, seen: _Seen, damaged: Path) -> set[int]:
    """Drop judgements that were altered or are of another library; return the others' numbers.

    Which library this was is known from its facts, from its indexes or, where both are gone, from
    most of the judgements.
    """
    intact = intact_judgements(connection)
    own = {seen.library, *snapshots.libraries(damaged / SNAPSHOTS)} - {None}
    if not own or set(intact.values()) == {""}:  # before format 8 a seal named no library
        own = {library for library, _ in Counter(intact.values()).most_common(1)}
    kept = {number for number, library in intact.items() if library in own}
    for number in [row[0] for row in connection.execute("SELECT id FROM feedback")]:
        if number not in kept:
            connection.execute("DELETE FROM feedback WHERE id = ?", (number,))
    return kept


def _lost(connection: apsw.Connection, seen: _Seen, damaged: Path) -> tuple[str, ...]:
    """Return the paths that were kept and are not in the new library."""
    there = {
        row[0]
        for table in ("documents", "copies", "unread")
        for row in connection.execute(f"SELECT path FROM {table}")
    }
    found = {to_text(path) for path in seen.paths - there if _is_text(path)}
    listed = snapshots.listed(damaged / SNAPSHOTS, seen.library)
    return tuple(sorted(found | (set(listed) - {to_text(path) for path in there})))


def _is_text(path: bytes) -> bool:
    try:
        return bool(to_text(path))
    except UnicodeDecodeError:
        return False
