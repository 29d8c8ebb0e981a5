"""A seal on each document: a digest of all that is kept of it, so that damage does not go unseen.

SQLite notices when the structure of its file is broken, not when a byte within a value is. Text
and vectors are sealed apart: of a document whose vectors are damaged the text can still be saved.
"""

import hashlib
from collections.abc import Container, Iterable

import apsw

from vector_store.document_ids import wrong_keys
from vector_store.sqlite.metadata import fact, library_id
from vector_store.sqlite.schema import to_bytes, to_text

_CONTENTS = (
    "SELECT path, name, title, sha256, passages, language, reader, page_starts, text"
    " FROM documents WHERE id = ?",
    'SELECT number, page, "start", "end", first_byte, bytes, headings, place FROM passages'
    " WHERE document = ? ORDER BY id",
    "SELECT path, name FROM copies WHERE document = ? ORDER BY path",
)
_SINCE_FORMAT_8 = (
    "SELECT 'columns', number, columns FROM passages WHERE document = ? AND columns != x''"
    " ORDER BY id",
    "SELECT 'fields', fields FROM document_fields WHERE document = ?",
)
"""More of the contents. Where there are none, the digest is that of format 7."""
_VECTORS = (
    'SELECT passage - (SELECT min(id) FROM passages WHERE document = ?1), windows."start",'
    ' windows."end", vector FROM passages JOIN windows ON passage = passages.id'
    " WHERE document = ?1 ORDER BY passages.id, windows.id",
    "SELECT passage - (SELECT min(id) FROM passages WHERE document = ?1), spans, vectors"
    " FROM passages JOIN sentences ON passage = passages.id WHERE document = ?1"
    " ORDER BY passages.id",
)


def seal(connection: apsw.Connection, document: int) -> None:
    """Seal a document as it is now, in place of its old seal."""
    row = document, *_digests(connection, document)
    connection.execute("INSERT OR REPLACE INTO seals VALUES (?, ?, ?)", row)


def seal_contents(connection: apsw.Connection, document: int) -> None:
    """Seal a document anew whose vectors are as they were."""
    digest = _digest(connection, _CONTENTS, document, _SINCE_FORMAT_8)
    connection.execute("UPDATE seals SET contents = ? WHERE document = ?", (digest, document))


def seal_all(connection: apsw.Connection) -> None:
    """Seal every document anew."""
    for document in [row[0] for row in connection.execute("SELECT id FROM documents")]:
        seal(connection, document)


def is_whole(connection: apsw.Connection, document: int) -> tuple[bool, bool]:
    """Tell whether a document's text and passages are as they were sealed, and its vectors."""
    row = connection.execute(
        "SELECT contents, vectors FROM seals WHERE document = ?", (document,)
    ).fetchone()
    if row is None:
        return False, False
    contents, vectors = _digests(connection, document)
    return contents == row[0], vectors == row[1]


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
    library_id(connection)
    lost = wrong_keys(connection)
    found = list(connection.execute("SELECT id, path FROM documents ORDER BY path"))
    return [
        to_text(path)
        for number, path in found
        if number in lost or not all(is_whole(connection, number))
    ]


def judgement_seal(row: Iterable[object], library: str) -> str:
    """Return the seal of a judgement: the id of its library, and a digest of that and `row`."""
    return f"{library} {_seal_of((library, *row))}"


def intact_judgements(connection: apsw.Connection) -> dict[int, str]:
    """Return the number of every judgement that is as it was sealed, with its library's id.

    The id is empty where a library of format 7 or earlier sealed it.
    """
    libraries = {}
    for number, *row, kept in connection.execute("SELECT * FROM feedback"):
        library = kept.rpartition(" ")[0]
        if kept == (judgement_seal(row, library) if library else _seal_of(row)):
            libraries[number] = library
    return libraries


def seal_judgements(connection: apsw.Connection, numbers: Container[int]) -> None:
    """Seal judgements anew, as they are now, as ones of this library."""
    library = library_id(connection)
    for number, *row, _ in list(connection.execute("SELECT * FROM feedback")):
        if number in numbers:
            new = judgement_seal(row, library), number
            connection.execute("UPDATE feedback SET seal = ? WHERE id = ?", new)


def _seal_of(values: Iterable[object]) -> str:
    """Return a digest of values, in their order."""
    digest = hashlib.sha256()
    _take(digest, values)
    return digest.hexdigest()


def _digests(connection: apsw.Connection, document: int) -> tuple[str, str]:
    return (
        _digest(connection, _CONTENTS, document, _SINCE_FORMAT_8),
        _digest(connection, _VECTORS, document),
    )


def _digest(
    connection: apsw.Connection, queries: Iterable[str], document: int, more: Iterable[str] = ()
) -> str:
    digest = hashlib.sha256()
    for query in queries:
        for row in connection.execute(query, (document,)):
            _take(digest, row)
        digest.update(b";")
    for query in more:
        for row in connection.execute(query, (document,)):
            _take(digest, row)
    return digest.hexdigest()


def _take(digest: "hashlib._Hash", values: Iterable[object]) -> None:
    for value in values:
        data = value if isinstance(value, bytes) else to_bytes(repr(value))
        digest.update(b"%d:" % len(data))
        digest.update(data)
