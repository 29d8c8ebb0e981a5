"""Where documents lie: under one path or several, and what their files looked like there.

A document whose own path is forgotten while a copy is left goes on under the copy's path, with
everything that was made of it.
"""

from collections.abc import Iterable, Mapping

import apsw

from vector_store.document_ids import put_key
from vector_store.records import Copy
from vector_store.sqlite.checksums import seal_contents
from vector_store.sqlite.judgements import settle_quotes
from vector_store.sqlite.rows import delete_document
from vector_store.sqlite.schema import to_bytes, to_text


def forget(connection: apsw.Connection, path: str) -> bool:
    """Forget a path for good: what lies under it, and what was said of that.

    Returns whether there was a document.
    """
    was = document_at(connection, path)
    known = forget_path(connection, path)
    settle_quotes(connection, path, place_of(connection, was))
    return known


def place_of(connection: apsw.Connection, document: int | None) -> Copy | None:
    """Return where a document lies, by its number; None when it is not kept any more."""
    row = connection.execute("SELECT path, name FROM documents WHERE id = ?", (document,))
    found = row.fetchone()
    return None if found is None else Copy(*map(to_text, found))


def forget_path(connection: apsw.Connection, path: str) -> bool:
    """Forget a document, or one of the paths it lies under; return whether there was any.

    The last path takes the document, its passages and their windows with it. What was said of
    what was quoted from there is left, for the caller to settle.
    """
    key = to_bytes(path)
    connection.execute("DELETE FROM stamps WHERE path = ?", (key,))
    if (copied := _copied_at(connection, key)) is not None:
        connection.execute("DELETE FROM copies WHERE path = ?", (key,))
        seal_contents(connection, copied)
        return True
    row = connection.execute(
        "SELECT documents.id, copies.path, copies.name FROM documents"
        " LEFT JOIN copies ON copies.document = documents.id"
        " WHERE documents.path = ? ORDER BY copies.path LIMIT 1",
        (key,),
    ).fetchone()
    if row is None:
        return False
    document, copy, name = row
    if copy is None:
        delete_document(connection, document)
    else:
        connection.execute("DELETE FROM copies WHERE path = ?", (copy,))
        connection.execute(
            "UPDATE documents SET path = ?, name = ? WHERE id = ?", (copy, name, document)
        )
        put_key(connection, document, copy)
        seal_contents(connection, document)
    return True


def put_copy(connection: apsw.Connection, copy: Copy, original: str) -> None:
    """Note that a document lies under another path as well. Raises KeyError without the first."""
    document = document_at(connection, original)
    if document is None:
        raise KeyError(original)
    was = document_at(connection, copy.path)
    if was == document:
        return
    forget_path(connection, copy.path)
    connection.execute(
        "INSERT INTO copies VALUES (?, ?, ?)", (to_bytes(copy.path), to_bytes(copy.name), document)
    )
    settle_quotes(connection, copy.path, place_of(connection, was))
    seal_contents(connection, document)


def _copied_at(connection: apsw.Connection, key: bytes) -> int | None:
    row = connection.execute("SELECT document FROM copies WHERE path = ?", (key,)).fetchone()
    return None if row is None else int(row[0])


def document_at(connection: apsw.Connection, path: str) -> int | None:
    """Return the number of the document that lies under a path; None when none does."""
    row = connection.execute(
        "SELECT id FROM documents WHERE path = ?1"
        " UNION ALL SELECT document FROM copies WHERE path = ?1",
        (to_bytes(path),),
    ).fetchone()
    return None if row is None else int(row[0])


def put_stamps(connection: apsw.Connection, stamps: Mapping[str, str]) -> None:
    """Remember what files looked like when they were last read, or could not be."""
    connection.executemany(
        "INSERT OR REPLACE INTO stamps VALUES (?, ?)",
        ((to_bytes(path), stamp) for path, stamp in stamps.items()),
    )


def delete_stamps(connection: apsw.Connection, paths: Iterable[str]) -> None:
    """Forget what files looked like."""
    connection.executemany(
        "DELETE FROM stamps WHERE path = ?", ((to_bytes(path),) for path in paths)
    )


def select_stamps(connection: apsw.Connection) -> dict[str, str]:
    """Return what files looked like, by path."""
    rows = connection.execute("SELECT path, stamp FROM stamps")
    return {to_text(path): stamp for path, stamp in rows}
