"""A seal on each document: a digest of all that is kept of it, so that damage does not go unseen.

SQLite notices when the structure of its file is broken, not when a byte within a value is.
"""

import hashlib

import apsw

from vector_store.database import fact, to_bytes, to_text

_ROWS = (
    "SELECT path, name, title, sha256, passages, language, reader, page_starts, text"
    " FROM documents WHERE id = ?",
    'SELECT number, page, "start", "end", first_byte, bytes, headings, place FROM passages'
    " WHERE document = ? ORDER BY id",
    'SELECT passage - (SELECT min(id) FROM passages WHERE document = ?1), windows."start",'
    ' windows."end", vector FROM passages JOIN windows ON passage = passages.id'
    " WHERE document = ?1 ORDER BY passages.id, windows.id",
    "SELECT passage - (SELECT min(id) FROM passages WHERE document = ?1), spans, vectors"
    " FROM passages JOIN sentences ON passage = passages.id WHERE document = ?1"
    " ORDER BY passages.id",
)


def seal(connection: apsw.Connection, document: int) -> None:
    """Seal a document as it is now, in place of its old seal."""
    row = document, _digest(connection, document)
    connection.execute("INSERT OR REPLACE INTO seals VALUES (?, ?)", row)


def seal_all(connection: apsw.Connection) -> None:
    """Seal every document anew."""
    for document in [row[0] for row in connection.execute("SELECT id FROM documents")]:
        seal(connection, document)


def broken(connection: apsw.Connection) -> list[str]:
    """Return the paths of documents of which something is not as it was kept.

    Raises apsw.CorruptError when the database as a whole is not.
    """
    for row in connection.execute("PRAGMA integrity_check(1)"):
        if row[0] != "ok":
            raise apsw.CorruptError(str(row[0]))
    if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
        raise apsw.CorruptError("something is kept of a document that is not")
    for key in [row[0] for row in connection.execute("SELECT key FROM facts")]:
        fact(connection, key)
    rows = connection.execute(
        "SELECT id, path, digest FROM documents LEFT JOIN seals ON document = id ORDER BY path"
    )
    return [to_text(path) for number, path, kept in rows if kept != _digest(connection, number)]


def _digest(connection: apsw.Connection, document: int) -> str:
    digest = hashlib.sha256()
    for query in _ROWS:
        for row in connection.execute(query, (document,)):
            for value in row:
                data = value if isinstance(value, bytes) else to_bytes(repr(value))
                digest.update(b"%d:" % len(data))
                digest.update(data)
        digest.update(b";")
    return digest.hexdigest()
