"""The id by which programs and citations name a document; it tells nothing of its path."""

import hashlib

import apsw

DIGITS = 24
"""Hexadecimal digits of a document's id, of 4 bits each."""


def document_id(path: str) -> str:
    """Return the id of the document of a path: 24 hexadecimal digits."""
    return document_id_of(path.encode("utf-8", "surrogatepass"))


def document_id_of(path: bytes) -> str:
    """Return the id of the document of a path that is encoded already, as the database has it."""
    return hashlib.blake2b(path, digest_size=DIGITS // 2).hexdigest()


def put_key(connection: apsw.Connection, document: int, path: bytes) -> None:
    """Give a document, by its number in the database, the id of its path."""
    connection.execute(
        "INSERT OR REPLACE INTO document_keys VALUES (?, ?)", (document, document_id_of(path))
    )


def put_keys(connection: apsw.Connection) -> None:
    """Give every document the id of its path."""
    for number, path in list(connection.execute("SELECT id, path FROM documents")):
        put_key(connection, number, path)


def wrong_keys(connection: apsw.Connection) -> set[int]:
    """Return the numbers of documents that cannot be looked up by the id of their path."""
    rows = connection.execute(
        "SELECT id, path, key FROM documents LEFT JOIN document_keys ON document = documents.id"
    )
    return {number for number, path, key in rows if key != document_id_of(path)}
