"""Documents and passages read from the database; every function works on an open connection."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import apsw

from vector_store.records import (
    Contents,
    Copy,
    Document,
    DocumentInfo,
    Fields,
    Paragraph,
    Passage,
    PassageInPlace,
)
from vector_store.sqlite.schema import AMONG, fields_of, strings, to_bytes, to_text

_INFO_ALONE = "documents.id, path, name, title, sha256, documents.passages, reader, language"
_INFO = (
    f"{_INFO_ALONE},"
    " (SELECT json_group_array(json_array(hex(path), hex(name)) ORDER BY path)"
    " FROM copies WHERE document = documents.id),"
    " (SELECT fields FROM document_fields WHERE document = documents.id)"
)
_BY_ID = "(SELECT document FROM document_keys WHERE key = ?1)"
_PARAGRAPH = "passages.start, passages.end, number, page, headings, place, columns"


def select_documents(connection: apsw.Connection) -> list[DocumentInfo]:
    """Return every document without its text, by path."""
    copies: dict[int, list[Copy]] = {}
    for document, path, name in connection.execute(
        "SELECT document, path, name FROM copies ORDER BY path"
    ):
        copies.setdefault(document, []).append(Copy(to_text(path), to_text(name)))
    fields = dict(connection.execute("SELECT document, fields FROM document_fields"))
    rows = connection.execute(f"SELECT {_INFO_ALONE} FROM documents ORDER BY path")
    return [
        _info_with(row, tuple(copies.get(row[0], ())), fields_of(fields.get(row[0])))
        for row in rows
    ]


def select_info(connection: apsw.Connection, key: str) -> DocumentInfo:
    """Return a document without its text, by its id. Raises KeyError when none has it."""
    row = connection.execute(
        f"SELECT {_INFO} FROM documents WHERE id = {_BY_ID}", (key,)
    ).fetchone()
    if row is None:
        raise KeyError(key)
    return _info(row)


def select_paths(connection: apsw.Connection) -> list[str]:
    """Return every path that a document lies under, sorted."""
    rows = connection.execute("SELECT path FROM documents UNION SELECT path FROM copies")
    return sorted(to_text(row[0]) for row in rows)


def select_document(connection: apsw.Connection, path: str) -> Document:
    """Return a document, by its path or a copy's. Raises KeyError when none has this path."""
    row = connection.execute(
        "SELECT path, name, title, text, sha256, page_starts, reader, language,"
        " (SELECT fields FROM document_fields WHERE document = documents.id) FROM documents"
        " WHERE path = ?1 OR id = (SELECT document FROM copies WHERE path = ?1)",
        (to_bytes(path),),
    ).fetchone()
    if row is None:
        raise KeyError(path)
    path, name, title, text = map(to_text, row[:4])
    sha256, page_starts, reader, language, fields = row[4:]
    starts = tuple(json.loads(page_starts))
    return Document(path, name, title, text, sha256, starts, reader, language, fields_of(fields))


def select_contents(connection: apsw.Connection, path: str) -> Contents:
    """Return a document with its passages. Raises KeyError when none has this path."""
    document = select_document(connection, path)
    # By its path, for a key that was altered is not to hide a document from `verify`.
    query = f"SELECT {_INFO} FROM documents WHERE path = ?"
    [info] = map(_info, connection.execute(query, (to_bytes(document.path),)))
    data = to_bytes(document.text)
    rows = connection.execute(
        f"SELECT id, first_byte, bytes, {_PARAGRAPH} FROM passages WHERE document = ?"
        " ORDER BY number",
        (info.id,),
    )
    return Contents(document, tuple(_passage_within(info, data, row) for row in rows))


def _passage_within(info: DocumentInfo, data: bytes, row: Sequence[Any]) -> Passage:
    passage_id, first_byte, length, *paragraph = row
    if not 0 <= first_byte <= first_byte + length <= len(data):
        raise apsw.CorruptError("a passage lies outside its document")
    text = to_text(data[first_byte : first_byte + length])
    return Passage(passage_id, info, _paragraph(paragraph), text)


def select_passage_at(
    connection: apsw.Connection, key: str, start: int, end: int, around: int
) -> PassageInPlace:
    """Return the passage `[start, end)` of the document with an id, and its neighbours.

    Raises KeyError when there is none.
    """
    row = connection.execute(
        f'SELECT id, document, number FROM passages WHERE document = {_BY_ID} AND "start" = ?2'
        ' AND "end" = ?3',
        (key, start, end),
    ).fetchone()
    if row is None:
        raise KeyError(start)
    passage_id, *place = row
    before = _ids(
        connection,
        "SELECT id FROM passages WHERE document = ? AND number < ? ORDER BY number DESC LIMIT ?",
        (*place, around),
    )
    after = _ids(
        connection,
        "SELECT id FROM passages WHERE document = ? AND number > ? ORDER BY number LIMIT ?",
        (*place, around),
    )
    passages = select_passages(connection, [*reversed(before), passage_id, *after])
    at = len(before)
    return PassageInPlace(tuple(passages[:at]), passages[at], tuple(passages[at + 1 :]))


def select_numbered(connection: apsw.Connection, key: str, number: int) -> Passage:
    """Return the passage of a number in the document with an id. Raises KeyError."""
    found = _ids(
        connection,
        f"SELECT id FROM passages WHERE document = {_BY_ID} AND number = ?2 LIMIT 1",
        (key, number),
    )
    if not found:
        raise KeyError(number)
    [passage] = select_passages(connection, found)
    return passage


def select_passage_ids(connection: apsw.Connection, path: str) -> list[int]:
    """Return the ids of a document's passages, in order."""
    query = (
        "SELECT passages.id FROM passages JOIN documents ON documents.id = passages.document"
        " WHERE path = ? ORDER BY number"
    )
    return _ids(connection, query, (to_bytes(path),))


def _ids(connection: apsw.Connection, query: str, bindings: tuple[Any, ...]) -> list[int]:
    return [row[0] for row in connection.execute(query, bindings)]


def select_passages(connection: apsw.Connection, ids: Iterable[int]) -> list[Passage]:
    """Return passages with their texts, in the order of `ids`; ids not kept are left out."""
    ids = list(ids)
    rows: list[Any] = connection.execute(
        f"SELECT passages.id, document, first_byte, bytes, {_PARAGRAPH} FROM passages"
        f" JOIN documents ON documents.id = document WHERE passages.id {AMONG}",
        (json.dumps(ids),),
    ).fetchall()
    infos = _select_infos(connection, {row[1] for row in rows})
    texts = _read_texts(connection, [row[1:4] for row in rows])
    passages = {
        row[0]: Passage(row[0], infos[row[1]], _paragraph(row[4:]), text)
        for row, text in zip(rows, texts, strict=True)
    }
    return [passages[passage_id] for passage_id in ids if passage_id in passages]


def select_in_order(connection: apsw.Connection, ids: Sequence[int]) -> list[int]:
    """Return the ids of passages by their documents' paths, then by number; unknown ones are left.

    Documents are sorted apart from passages: there are fewer, and their paths are read once.
    """
    rows: list[Any] = connection.execute(
        f"SELECT id, document, number FROM passages WHERE id {AMONG}", (json.dumps(ids),)
    ).fetchall()
    documents = {row[1] for row in rows}
    named: list[Any] = connection.execute(
        f"SELECT id, path FROM documents WHERE id {AMONG}", (json.dumps(sorted(documents)),)
    ).fetchall()
    paths = dict(named)
    rows.sort(key=lambda row: (paths[row[1]], row[2]))
    return [row[0] for row in rows]


def _select_infos(connection: apsw.Connection, ids: Iterable[int]) -> dict[int, DocumentInfo]:
    query = f"SELECT {_INFO} FROM documents WHERE id {AMONG}"
    rows = connection.execute(query, (json.dumps(list(ids)),))
    return {row[0]: _info(row) for row in rows}


def _read_texts(
    connection: apsw.Connection, places: Sequence[tuple[int, int, int]]
) -> Iterator[str]:
    """Yield the texts at places: a document's number, the first byte, how many bytes.

    Only the pages that hold them are read, however long the document is.
    """
    if not places:
        return
    with connection.blob_open("main", "documents", "text", places[0][0], False) as blob:
        for document, first_byte, length in places:
            blob.reopen(document)
            if not 0 <= first_byte <= first_byte + length <= blob.length():
                raise apsw.CorruptError("a passage lies outside its document")
            blob.seek(first_byte)
            yield to_text(blob.read(length))


def _info(row: Sequence[Any]) -> DocumentInfo:
    found = (map(bytes.fromhex, copy) for copy in json.loads(row[8]))
    copies = tuple(Copy(*map(to_text, copy)) for copy in found)
    return _info_with(row, copies, fields_of(row[9]))


def _info_with(row: Sequence[Any], copies: tuple[Copy, ...], fields: Fields) -> DocumentInfo:
    path, name, title = map(to_text, row[1:4])
    return DocumentInfo(row[0], path, name, title, row[4], row[5], row[6], copies, row[7], fields)


def _paragraph(row: Sequence[Any]) -> Paragraph:
    start, end, number, page, headings, place, columns = row
    return Paragraph(start, end, number, page, strings(headings), to_text(place), to_text(columns))
