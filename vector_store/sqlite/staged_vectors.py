"""Vectors of the next model, kept beside those in use until there is one for every passage."""

import json
from collections.abc import Sequence
from dataclasses import asdict

import apsw

from vector_store.base import VectorSource
from vector_store.records import EmbeddedParagraph
from vector_store.sqlite.checksums import seal_all
from vector_store.sqlite.documents import select_passage_ids
from vector_store.sqlite.metadata import fact, set_fact
from vector_store.sqlite.rows import insert_vectors, put_source
from vector_store.sqlite.schema import to_text

_SOURCE = "staged vectors"
STAGED = "staged_"


def staged(connection: apsw.Connection, source: VectorSource) -> frozenset[str]:
    """Return the paths of documents whose vectors by this model lie aside; forget any other's."""
    encoded = json.dumps(asdict(source))
    if fact(connection, _SOURCE) != encoded:
        _clear(connection)
        set_fact(connection, _SOURCE, encoded)
    rows = connection.execute(
        "SELECT DISTINCT path FROM documents JOIN passages ON document = documents.id"
        " JOIN staged_sentences ON passage = passages.id"
    )
    return frozenset(to_text(row[0]) for row in rows)


def stage(connection: apsw.Connection, path: str, paragraphs: Sequence[EmbeddedParagraph]) -> None:
    """Put a document's vectors aside. Raises KeyError when none has the path."""
    passages = select_passage_ids(connection, path)
    if not passages or len(passages) != len(paragraphs):
        raise KeyError(path)
    for passage, embedded in zip(passages, paragraphs, strict=True):
        insert_vectors(connection, passage, embedded, into=STAGED)


def adopt(connection: apsw.Connection, source: VectorSource) -> None:
    """Take what lies aside in place of what is in use. Raises ValueError when some is missing."""
    rows = connection.execute(
        "SELECT count(*) FROM passages WHERE id NOT IN (SELECT passage FROM staged_sentences)"
    )
    [[missing]] = rows
    if missing or fact(connection, _SOURCE) != json.dumps(asdict(source)):
        raise ValueError(f"{missing} passages have no vector of {source.model} yet")
    connection.execute("DELETE FROM windows")
    connection.execute(
        'INSERT INTO windows (passage, "start", "end", vector)'
        ' SELECT passage, "start", "end", vector FROM staged_windows ORDER BY id'
    )
    connection.execute("DELETE FROM sentences")
    connection.execute("INSERT INTO sentences SELECT * FROM staged_sentences")
    _clear(connection)
    seal_all(connection)
    set_fact(connection, _SOURCE, "")
    put_source(connection, source)


def _clear(connection: apsw.Connection) -> None:
    connection.execute("DELETE FROM staged_windows")
    connection.execute("DELETE FROM staged_sentences")
