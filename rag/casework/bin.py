"""What was deleted and can be restored: the last hundred deletions, for thirty days."""

from datetime import timedelta

import apsw

from rag.casework import quotes
from rag.casework.bounds import DAYS_IN_BIN, MOST_DELETED
from rag.casework.database import select, select_one
from rag.casework.encoding import moment_of, moment_text, now
from rag.casework.records import Deletion
from rag.errors import NotFoundError

_TABLES = {"case": "cases", "quote": "quotes", "conversation": "conversations"}
_NAMES = {
    "case": "name",
    "quote": "substr(json_extract(content, '$.text'), 1, 100)",
    "conversation": "CASE title WHEN '' THEN coalesce((SELECT question FROM turns WHERE "
    "conversation_id = conversations.id ORDER BY number LIMIT 1), '') ELSE title END",
}
_GONE = "It is no longer in the bin, where the last {} deletions stay for {} days."


def delete(connection: apsw.Connection, kind: str, id: str) -> None:
    """Move a case, quote or conversation to the bin. Raises NotFoundError."""
    connection.execute(
        f"UPDATE {_TABLES[kind]} SET deleted = ? WHERE id = ? AND deleted IS NULL",
        (moment_text(now()), id),
    )
    if not connection.changes():
        raise NotFoundError(f"No {kind} has the id {id[:40]!r}: it was deleted, or never was.")
    purge(connection)


def restore(connection: apsw.Connection, kind: str, id: str) -> None:
    """Take something back out of the bin, a quote to its old place. Raises NotFoundError."""
    if kind == "quote":
        _restore_quote(connection, id)
        return
    connection.execute(
        f"UPDATE {_TABLES[kind]} SET deleted = NULL WHERE id = ? AND deleted IS NOT NULL", (id,)
    )
    if not connection.changes():
        raise NotFoundError(_GONE.format(MOST_DELETED, DAYS_IN_BIN))


def _restore_quote(connection: apsw.Connection, id: str) -> None:
    row = select_one(
        connection,
        "SELECT case_id, position, (SELECT deleted FROM cases WHERE id = case_id) FROM quotes "
        "WHERE id = ? AND deleted IS NOT NULL",
        (id,),
    )
    if row is None:
        raise NotFoundError(_GONE.format(MOST_DELETED, DAYS_IN_BIN))
    case_id, position, case_deleted = row
    if case_deleted is not None:
        raise NotFoundError(f"The quote's case was deleted. Restore the case {case_id} first.")
    quotes.place(connection, id, case_id, position)


def contents(connection: apsw.Connection) -> list[Deletion]:
    """Return what is in the bin, deleted last first."""
    deletions = [
        Deletion(kind=kind, id=id, name=name, deleted=moment_of(deleted))
        for kind in ("case", "quote", "conversation")
        for id, name, deleted in select(
            connection,
            f"SELECT id, {_NAMES[kind]}, deleted FROM {_TABLES[kind]} WHERE deleted IS NOT NULL",
        )
    ]
    return sorted(deletions, key=lambda deletion: deletion.deleted, reverse=True)


def purge(connection: apsw.Connection) -> None:
    """Drop for good what has been in the bin too long, or is not among the last deletions."""
    oldest = now() - timedelta(days=DAYS_IN_BIN)
    for position, deletion in enumerate(contents(connection)):
        if position >= MOST_DELETED or deletion.deleted < oldest:
            _drop(connection, deletion)


def empty(connection: apsw.Connection) -> int:
    """Drop everything in the bin for good; return how much it was."""
    deletions = contents(connection)
    for deletion in deletions:
        _drop(connection, deletion)
    return len(deletions)


def _drop(connection: apsw.Connection, deletion: Deletion) -> None:
    connection.execute(f"DELETE FROM {_TABLES[deletion.kind]} WHERE id = ?", (deletion.id,))
