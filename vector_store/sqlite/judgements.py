"""What people said of answers, as rows of the database.

A judgement of a passage holds its words: it goes when they do. Its seal names the library, so that
a page of another library's file is not taken for one of this.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import apsw

from vector_store.records import Copy, Feedback, Quote
from vector_store.sqlite.checksums import judgement_seal
from vector_store.sqlite.metadata import library_id
from vector_store.sqlite.schema import to_bytes, to_text

_COLUMNS = 'question, answers, path, name, "start", "end", text'


def insert_feedback(connection: apsw.Connection, feedback: Feedback) -> None:
    """Insert what a person said of an answer."""
    row = _row(feedback)
    connection.execute(
        f"INSERT INTO feedback ({_COLUMNS}, seal) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (*row, judgement_seal(row, library_id(connection))),
    )


def delete_feedback(connection: apsw.Connection, feedback: Feedback) -> None:
    """Delete every judgement that equals one."""
    columns = _COLUMNS.replace(", ", " IS ? AND ")
    connection.execute(f"DELETE FROM feedback WHERE {columns} IS ?", _row(feedback))
    _renumber(connection)


def select_feedback(connection: apsw.Connection) -> list[Feedback]:
    """Return all that people said of answers, in the order they said it."""
    library = library_id(connection)
    rows = connection.execute(f"SELECT {_COLUMNS}, seal FROM feedback ORDER BY id")
    return [_feedback(row, library) for row in rows]


def settled(said: Feedback, path: str, text: str | None, now_at: Copy | None) -> Feedback | None:
    """Return what is left of a judgement after `path` was replaced or forgotten.

    `text` is what lies there now, None for nothing; `now_at` is where the document that lay there
    is kept now, if it is. A quote whose words still stand there stays; else it goes with its
    document, and for good where that is not kept any more: None.
    """
    quote = said.quote
    if quote is None or quote.path != path:
        return said
    if text is not None and text[quote.start : quote.end] == quote.text:
        return said
    if now_at is None:
        return None
    return replace(said, quote=replace(quote, path=now_at.path, name=now_at.name))


def settle_quotes(connection: apsw.Connection, path: str, now_at: Copy | None) -> None:
    """Settle every judgement of what was quoted from `path`; see `settled`."""
    query = f"SELECT {_COLUMNS}, seal, id FROM feedback WHERE path = ?"
    judged = connection.execute(query, (to_bytes(path),)).fetchall()
    if not judged:
        return
    library, text = library_id(connection), _text_at(connection, path)
    for *row, number in judged:
        said = _feedback(row, library)
        left = settled(said, path, text, now_at)
        if left is None:
            connection.execute("DELETE FROM feedback WHERE id = ?", (number,))
        elif left != said:
            new = _row(left)
            connection.execute(
                "UPDATE feedback SET path = ?, name = ?, seal = ? WHERE id = ?",
                (*new[2:4], judgement_seal(new, library), number),
            )
    _renumber(connection)


def _renumber(connection: apsw.Connection) -> None:
    """Close the gaps in the numbers: a gap tells `salvage` of a judgement that was lost."""
    numbers = [row[0] for row in connection.execute("SELECT id FROM feedback ORDER BY id")]
    connection.executemany(
        "UPDATE feedback SET id = ? WHERE id = ?",
        ((new, old) for new, old in enumerate(numbers, start=1) if new != old),
    )
    connection.execute(
        "UPDATE sqlite_sequence SET seq = ? WHERE name = 'feedback'", (len(numbers),)
    )


def _text_at(connection: apsw.Connection, path: str) -> str | None:
    row = connection.execute(
        "SELECT text FROM documents"
        " WHERE path = ?1 OR id = (SELECT document FROM copies WHERE path = ?1)",
        (to_bytes(path),),
    ).fetchone()
    return None if row is None else to_text(row[0])


def _row(feedback: Feedback) -> tuple[Any, ...]:
    quote = feedback.quote
    where = (None,) * 5 if quote is None else (
        to_bytes(quote.path), to_bytes(quote.name), quote.start, quote.end, to_bytes(quote.text)
    )  # fmt: skip
    return to_bytes(feedback.question), int(feedback.answers), *where


def _feedback(row: Sequence[Any], library: str) -> Feedback:
    question, answers, path, name, start, end, text, kept = row
    if kept != judgement_seal(row[:-1], library):
        raise apsw.CorruptError("what was said of an answer was altered")
    quote = None
    if path is not None:
        quote = Quote(to_text(path), to_text(name), start, end, to_text(text))
    return Feedback(to_text(question), quote, bool(answers))
