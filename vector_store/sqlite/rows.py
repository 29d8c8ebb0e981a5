"""Records to and from the rows of the database. Every function works on an open connection.

What reads documents and passages is in `documents`, what people said in `judgements`.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from typing import Any

import apsw
import numpy as np

from vector_store.analysis.analyzer import searchable
from vector_store.base import VectorSource
from vector_store.document_ids import put_key
from vector_store.records import (
    Batch,
    Counts,
    Document,
    EmbeddedParagraph,
    Ids,
    Indexable,
    Sentences,
    UnreadFile,
    Window,
    context_of,
)
from vector_store.sqlite.checksums import seal
from vector_store.sqlite.metadata import fact, set_fact
from vector_store.sqlite.schema import AMONG, fields_of, strings, to_bytes, to_text

_BATCH = 20_000
_SOURCE = "vectors"


def insert_document(
    connection: apsw.Connection, document: Document, paragraphs: Sequence[EmbeddedParagraph]
) -> None:
    """Insert a document with its passages and their windows."""
    text = to_bytes(document.text)
    connection.execute(
        "INSERT INTO documents (path, name, title, sha256, passages, reader, language,"
        " page_starts, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            to_bytes(document.path),
            to_bytes(document.name),
            to_bytes(document.title),
            document.sha256,
            len(paragraphs),
            document.reader,
            document.language,
            json.dumps(document.page_starts),
            text,
        ),
    )
    document_id = connection.last_insert_rowid()
    put_key(connection, document_id, to_bytes(document.path))
    if document.fields:
        row = document_id, to_bytes(json.dumps(document.fields))
        connection.execute("INSERT INTO document_fields VALUES (?, ?)", row)
    at_character = at_byte = 0
    for embedded in paragraphs:
        paragraph = embedded.paragraph
        at_byte += len(to_bytes(document.text[at_character : paragraph.start]))
        length = len(to_bytes(document.text[paragraph.start : paragraph.end]))
        _insert_passage(connection, document_id, embedded, first_byte=at_byte, length=length)
        at_character, at_byte = paragraph.end, at_byte + length
    seal(connection, document_id)


def _insert_passage(
    connection: apsw.Connection,
    document_id: int,
    embedded: EmbeddedParagraph,
    *,
    first_byte: int,
    length: int,
) -> None:
    paragraph = embedded.paragraph
    connection.execute(
        'INSERT INTO passages (document, number, page, "start", "end", first_byte, bytes, headings,'
        " place, columns) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            document_id,
            paragraph.number,
            paragraph.page,
            paragraph.start,
            paragraph.end,
            first_byte,
            length,
            json.dumps(paragraph.headings),
            to_bytes(paragraph.place),
            to_bytes(paragraph.columns),
        ),
    )
    insert_vectors(connection, connection.last_insert_rowid(), embedded)


def insert_vectors(
    connection: apsw.Connection, passage_id: int, embedded: EmbeddedParagraph, *, into: str = ""
) -> None:
    """Insert a passage's windows and sentences, into the tables whose names begin with `into`."""
    vectors = embedded.vectors.astype("<f2")
    connection.executemany(
        f'INSERT INTO {into}windows (passage, "start", "end", vector) VALUES (?, ?, ?, ?)',
        (
            (passage_id, window.start, window.end, vector.tobytes())
            for window, vector in zip(embedded.windows, vectors, strict=True)
        ),
    )
    sentences = embedded.sentences
    spans = np.array([(span.start, span.end) for span in sentences.spans], "<u4")
    connection.execute(
        f"INSERT INTO {into}sentences (passage, spans, vectors) VALUES (?, ?, ?)",
        (passage_id, spans.tobytes(), sentences.vectors.astype("<f2").tobytes()),
    )


def delete_document(connection: apsw.Connection, number: int) -> None:
    """Delete a document with its passages, sentences and windows, and the vectors of these.

    SQLite deletes what refers to it (ON DELETE CASCADE in `schema`). The indexes drop its vectors
    and terms when they are brought up to date with the commit; see `vector_store.indexes.current`.
    """
    connection.execute("DELETE FROM documents WHERE id = ?", (number,))


def put_source(connection: apsw.Connection, source: VectorSource) -> None:
    """Note which model the vectors come from."""
    set_fact(connection, _SOURCE, json.dumps(asdict(source)))


def select_source(connection: apsw.Connection) -> VectorSource | None:
    """Return the model that the vectors come from; None before there was any."""
    encoded = fact(connection, _SOURCE)
    if encoded is None and has_windows(connection):
        raise apsw.CorruptError("which model its vectors come from is gone")
    return None if encoded is None else VectorSource(**json.loads(encoded))


def put_unread(connection: apsw.Connection, file: UnreadFile) -> None:
    """Insert or replace the note of a file that could not be read."""
    row = (to_bytes(file.path), to_bytes(file.name), to_bytes(file.reason))
    connection.execute("INSERT OR REPLACE INTO unread VALUES (?, ?, ?)", row)


def delete_unread(connection: apsw.Connection, path: str) -> bool:
    """Delete the note of a file; return whether there was one."""
    connection.execute("DELETE FROM unread WHERE path = ?", (to_bytes(path),))
    return bool(connection.changes())


def select_unread(connection: apsw.Connection) -> list[UnreadFile]:
    """Return every note of a file that could not be read, by path."""
    rows = connection.execute("SELECT path, name, reason FROM unread ORDER BY path")
    return [UnreadFile(*map(to_text, row)) for row in rows]


def select_sentences(connection: apsw.Connection, ids: Iterable[int]) -> dict[int, Sentences]:
    """Return passages' sentences; ids not kept are left out."""
    rows = connection.execute(
        f"SELECT passage, spans, vectors FROM sentences WHERE passage {AMONG}",
        (json.dumps(list(ids)),),
    )
    return {passage_id: _sentences(spans, vectors) for passage_id, spans, vectors in rows}


def _sentences(spans: object, vectors: object) -> Sentences:
    if not (isinstance(spans, bytes) and isinstance(vectors, bytes)):
        raise apsw.CorruptError("a passage's sentences are not where they were")
    if len(spans) % 8 or len(vectors) % (2 * max(1, len(spans) // 8)):
        raise apsw.CorruptError("a passage's sentences and vectors do not match")
    windows = tuple(
        Window(start, end) for start, end in np.frombuffer(spans, "<u4").reshape(-1, 2).tolist()
    )
    halves = np.frombuffer(vectors, "<f2").astype(np.float32)
    if not np.isfinite(halves).all():
        raise apsw.CorruptError("a sentence's vector is not one of numbers")
    return Sentences(windows, halves.reshape(len(windows), -1))


def select_counts(connection: apsw.Connection) -> Counts:
    """Return how many rows of each kind there are."""
    tables = ("documents", "passages", "windows", "unread")
    documents, passages, windows, unread = (
        _only_value(connection, f"SELECT count(*) FROM {table}") for table in tables
    )
    languages = connection.execute(
        "SELECT language FROM documents WHERE language != ''"
        " GROUP BY language ORDER BY sum(passages) DESC, language"
    )
    return Counts(documents, passages, windows, unread, tuple(row[0] for row in languages))


def has_windows(connection: apsw.Connection) -> bool:
    """Tell whether any vector is kept."""
    return bool(_only_value(connection, "SELECT EXISTS (SELECT 1 FROM windows)"))


def passage_ids(connection: apsw.Connection) -> Ids:
    """Return the ids of all passages, ascending."""
    rows = connection.execute("SELECT id FROM passages ORDER BY id")
    return np.fromiter((row[0] for row in rows), np.int64)


def vectors(connection: apsw.Connection, dimensions: int, *, after: int = 0) -> Iterator[Batch]:
    """Give the vectors of passages with an id over `after`, ascending, in batches."""
    rows = connection.execute(
        "SELECT passage, document, vector FROM windows JOIN passages ON passages.id = passage"
        " WHERE passage > ? ORDER BY passage, windows.id",
        (after,),
    )
    while batch := list(islice(rows, _BATCH)):
        passages = np.array([row[0] for row in batch], np.int64)
        documents = np.array([row[1] for row in batch], np.int64)
        if not all(isinstance(row[2], bytes) for row in batch):
            raise apsw.CorruptError("a vector is not where it was")
        halves = np.frombuffer(b"".join(row[2] for row in batch), "<f2")
        if len(halves) != len(passages) * dimensions:
            raise apsw.CorruptError("a vector has another length than the model's")
        if not np.isfinite(halves).all():
            raise apsw.CorruptError("a vector is not one of numbers")
        yield passages, documents, halves.astype(np.float32).reshape(-1, dimensions)


def searchable_texts(connection: apsw.Connection, *, after: int = 0) -> Iterator[Indexable]:
    """Give the ids over `after`, ascending, with the text each passage is searched by by term."""
    rows = connection.execute(
        "SELECT passages.id, passages.document, first_byte, bytes, headings, columns, language,"
        " fields FROM passages JOIN documents ON documents.id = passages.document"
        " LEFT JOIN document_fields ON document_fields.document = documents.id"
        " WHERE passages.id > ? ORDER BY passages.id",
        (after,),
    )
    document_read, text = None, b""
    for passage_id, document_id, first_byte, length, headings, columns, language, fields in rows:
        if document_id != document_read:
            text = _only_value(connection, "SELECT text FROM documents WHERE id = ?", document_id)
            document_read = document_id
        passage = to_text(text[first_byte : first_byte + length])
        context = context_of(fields_of(fields), strings(headings), to_text(columns))
        yield Indexable(passage_id, document_id, searchable(context, passage), language)


def _only_value(connection: apsw.Connection, query: str, *bindings: int) -> Any:
    row = connection.execute(query, bindings).fetchone()
    if row is None:
        raise apsw.CorruptError("a row that another speaks of is not there")
    return row[0]
