"""What a library says of itself: facts, each sealed, and which commit it is at."""

import hashlib
import json
import secrets
from dataclasses import dataclass

import apsw

_CALIBRATION = "calibration"


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


def library_id(connection: apsw.Connection) -> str:
    """Return the library's random id. Raises apsw.CorruptError when it is gone."""
    library = fact(connection, "library")
    if library is None:
        raise apsw.CorruptError("what it says of itself is gone")
    return library


def set_fact(connection: apsw.Connection, key: str, value: str) -> None:
    """Set one of the library's facts about itself."""
    row = key, value, _seal_of(key, value)
    connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?, ?)", row)


def put_calibration(connection: apsw.Connection, encoded: str | None) -> None:
    """Set the fact that says what was fitted on the judgements; None deletes it."""
    if encoded is None:
        connection.execute("DELETE FROM facts WHERE key = ?", (_CALIBRATION,))
    else:
        set_fact(connection, _CALIBRATION, encoded)


def select_calibration(connection: apsw.Connection) -> str | None:
    """Return the fact that says what was fitted on the judgements; None when it is not set."""
    return fact(connection, _CALIBRATION)


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


def count_commit(connection: apsw.Connection) -> None:
    """Make what is about to be committed a state of its own."""
    connection.execute("INSERT INTO commits (token) VALUES (?)", (secrets.token_hex(8),))


def select_edition(connection: apsw.Connection, source: str) -> str:
    """Return a text that names the documents, their paths and copies, and their vectors' model.

    A document that is stored again takes another number, and one that moves another key.
    """
    # Put together by SQLite: in Python, a large library's take ten times as long.
    documents = connection.execute(
        "SELECT group_concat(document || ' ' || key) FROM (SELECT document, key FROM document_keys"
        " ORDER BY document)"
    ).fetchone()
    copies = connection.execute("SELECT count(*) FROM copies").fetchone()
    held = json.dumps([library_id(connection), source, copies, documents])
    return hashlib.sha256(held.encode()).hexdigest()[:16]
