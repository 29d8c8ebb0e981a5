"""Kept quotes, as rows of the database: in an order within their case."""

import json
from collections.abc import Collection

import apsw

from rag.answers import Quoted
from rag.casework import cases
from rag.casework.bounds import MOST_QUOTES
from rag.casework.database import select, select_count, select_one
from rag.casework.encoding import moment_of, moment_text, quote_of
from rag.casework.records import KeptQuote
from rag.errors import CaseworkError, NotFoundError

_COLUMNS = "id, question, state, content, note, tags, created"


def of_case(connection: apsw.Connection, case_id: str) -> list[KeptQuote]:
    """Return the quotes of a case in their order."""
    rows = select(
        connection,
        f"SELECT {_COLUMNS} FROM quotes WHERE case_id = ? AND deleted IS NULL "
        "ORDER BY position, rowid",
        (case_id,),
    )
    return [_entry(*row) for row in rows]


def read(connection: apsw.Connection, quote_id: str) -> tuple[KeptQuote, str]:
    """Return a quote and its case's id. Raises NotFoundError."""
    row = select_one(
        connection,
        f"SELECT {_COLUMNS}, case_id FROM quotes WHERE id = ? AND deleted IS NULL "
        "AND case_id IN (SELECT id FROM cases WHERE deleted IS NULL)",
        (quote_id,),
    )
    if row is None:
        raise NotFoundError(
            f"No kept quote has the id {quote_id[:40]!r}: it was deleted, or never was in this "
            "library."
        )
    *columns, case_id = row
    return _entry(*columns), str(case_id)


def _entry(
    id: str, question: str, state: str | None, content: str, note: str, tags: str, created: str
) -> KeptQuote:
    return KeptQuote(
        id=id,
        quote=quote_of(json.loads(content)),
        question=question,
        state=state,  # type: ignore[arg-type]  # as it was stored
        created=moment_of(created),
        note=note,
        tags=tuple(json.loads(tags)),
    )


def same(connection: apsw.Connection, case_id: str, quote: Quoted, question: str) -> str | None:
    """Return the id of the same quote of the same question in a case; None if there is none."""
    citation = quote.citation
    rows = select(
        connection,
        "SELECT id, content FROM quotes WHERE case_id = ? AND document_id = ? AND question = ? "
        "AND deleted IS NULL",
        (case_id, citation.document_id, question),
    )
    place = citation.sha256, citation.start, citation.end
    for id, content in rows:
        other = json.loads(content)["citation"]
        if (other["sha256"], other["start"], other["end"]) == place:
            return str(id)
    return None


def append(connection: apsw.Connection, case_id: str, entry: KeptQuote) -> None:
    """Store a quote at the end of a case. Raises CaseworkError when the case is full."""
    count = len(_order(connection, case_id))
    if count >= MOST_QUOTES:
        raise CaseworkError(f"A case may have {MOST_QUOTES:,} quotes. Make another case.")
    connection.execute(
        "INSERT INTO quotes (id, case_id, position, document_id, question, state, content, note, "
        "tags, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            entry.id,
            case_id,
            count,
            entry.quote.citation.document_id,
            entry.question,
            entry.state,
            json.dumps(entry.quote.to_dict()),
            entry.note,
            json.dumps(entry.tags),
            moment_text(entry.created),
        ),
    )


def change(
    connection: apsw.Connection, quote_id: str, *, note: str | None, tags: tuple[str, ...] | None
) -> None:
    """Set a quote's note or tags, or both. Raises NotFoundError."""
    read(connection, quote_id)
    connection.execute(
        "UPDATE quotes SET note = coalesce(?, note), tags = coalesce(?, tags) WHERE id = ?",
        (note, None if tags is None else json.dumps(tags), quote_id),
    )


def place(connection: apsw.Connection, quote_id: str, case_id: str, position: int | None) -> None:
    """Put a quote into a case at a position from 0, at its end without one.

    Raises NotFoundError for an unknown case, CaseworkError when the case is full.
    """
    cases.summary(connection, case_id)
    order = [id for id in _order(connection, case_id) if id != quote_id]
    if len(order) >= MOST_QUOTES:
        raise CaseworkError(f"A case may have {MOST_QUOTES:,} quotes. Make another case.")
    order.insert(len(order) if position is None else max(position, 0), quote_id)
    connection.execute(
        "UPDATE quotes SET case_id = ?, deleted = NULL WHERE id = ?", (case_id, quote_id)
    )
    connection.executemany(
        "UPDATE quotes SET position = ?1 WHERE id = ?2 AND position != ?1",
        list(enumerate(order)),
    )


def _order(connection: apsw.Connection, case_id: str) -> list[str]:
    rows = select(
        connection,
        "SELECT id FROM quotes WHERE case_id = ? AND deleted IS NULL ORDER BY position, rowid",
        (case_id,),
    )
    return [str(id) for (id,) in rows]


def position_of(connection: apsw.Connection, quote_id: str) -> tuple[str, int]:
    """Return a quote's case and its position there, from 0. Raises NotFoundError."""
    _, case_id = read(connection, quote_id)
    return case_id, _order(connection, case_id).index(quote_id)


def count_of_documents(connection: apsw.Connection, document_ids: Collection[str]) -> int:
    """Return how many quotes of these documents are in cases."""
    ids = json.dumps(list(document_ids))
    return select_count(
        connection,
        "SELECT count(*) FROM quotes WHERE deleted IS NULL "
        "AND document_id IN (SELECT value FROM json_each(?)) "
        "AND case_id IN (SELECT id FROM cases WHERE deleted IS NULL)",
        (ids,),
    )
