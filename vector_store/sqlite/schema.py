"""The tables of a library's database, the number of their format, and how texts are encoded.

Texts and paths are kept as bytes (UTF-8, lone surrogates passed through), since SQLite's text
type can hold neither NUL safely nor a lone surrogate.
"""

import json

import apsw

from vector_store.records import Fields

FORMAT = 8
"""A library of an earlier format is brought to this one, or refused; see `migrations`."""

_FORMAT_6 = """
CREATE TABLE facts (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    seal TEXT NOT NULL               -- SHA-256 of both
) STRICT, WITHOUT ROWID;
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path BLOB NOT NULL UNIQUE,
    name BLOB NOT NULL,
    title BLOB NOT NULL,
    sha256 TEXT NOT NULL,
    passages INTEGER NOT NULL,
    language TEXT NOT NULL,          -- ISO 639-1, or empty
    reader TEXT NOT NULL,
    page_starts TEXT NOT NULL,       -- JSON list of code-point offsets
    text BLOB NOT NULL               -- last, so that the columns above are read without it
) STRICT;
CREATE TABLE seals (                 -- SHA-256 of all that is kept of a document
    document INTEGER PRIMARY KEY REFERENCES documents ON DELETE CASCADE,
    contents TEXT NOT NULL,          -- its text, passages and copies
    vectors TEXT NOT NULL            -- its windows and sentences
) STRICT;
-- The same again, elsewhere in the file: a page of seals holds those of many documents.
CREATE INDEX seals_again ON seals (document, contents, vectors);
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    number INTEGER NOT NULL,
    page INTEGER,
    "start" INTEGER NOT NULL,        -- code points of the document's text
    "end" INTEGER NOT NULL,
    first_byte INTEGER NOT NULL,     -- the same span in bytes of documents.text
    bytes INTEGER NOT NULL,
    headings TEXT NOT NULL,          -- JSON list of strings
    place BLOB NOT NULL
) STRICT;
CREATE INDEX passages_of_document ON passages (document, number);
CREATE TABLE windows (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    passage INTEGER NOT NULL REFERENCES passages ON DELETE CASCADE,
    "start" INTEGER NOT NULL,        -- code points of the passage's text
    "end" INTEGER NOT NULL,
    vector BLOB NOT NULL             -- 16-bit floats, little-endian
) STRICT;
CREATE INDEX windows_of_passage ON windows (passage);
CREATE TABLE sentences (
    passage INTEGER PRIMARY KEY REFERENCES passages ON DELETE CASCADE,
    spans BLOB NOT NULL,             -- start and end of each, 32 bits each, little-endian
    vectors BLOB NOT NULL            -- 16-bit floats, little-endian, one row for each
) STRICT;
CREATE TABLE staged_windows (        -- as windows, of the model that takes over next
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    passage INTEGER NOT NULL REFERENCES passages ON DELETE CASCADE,
    "start" INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    vector BLOB NOT NULL
) STRICT;
CREATE INDEX staged_windows_of_passage ON staged_windows (passage);
CREATE TABLE staged_sentences (
    passage INTEGER PRIMARY KEY REFERENCES passages ON DELETE CASCADE,
    spans BLOB NOT NULL,
    vectors BLOB NOT NULL
) STRICT;
CREATE TABLE commits (number INTEGER PRIMARY KEY, token TEXT NOT NULL) STRICT;
CREATE TABLE feedback (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    question BLOB NOT NULL,
    answers INTEGER NOT NULL,
    path BLOB,                       -- this and what follows: null where no quote is meant
    name BLOB,
    "start" INTEGER,
    "end" INTEGER,
    text BLOB,
    seal TEXT NOT NULL               -- the library's id, and the SHA-256 of that and all of it
) STRICT;
CREATE TABLE copies (                -- files with the same bytes as a document's
    path BLOB PRIMARY KEY,
    name BLOB NOT NULL,
    document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE
) STRICT;
CREATE INDEX copies_of_document ON copies (document);
CREATE TABLE stamps (path BLOB PRIMARY KEY, stamp TEXT NOT NULL) STRICT;
CREATE TABLE unread (path BLOB PRIMARY KEY, name BLOB NOT NULL, reason BLOB NOT NULL) STRICT;
"""

FROM_6_TO_7 = """
CREATE TABLE document_keys (         -- the id in citations, made of the document's path
    document INTEGER PRIMARY KEY REFERENCES documents ON DELETE CASCADE,
    key TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX documents_by_key ON document_keys (key);
CREATE INDEX passages_by_start ON passages (document, "start");
"""

FROM_7_TO_8 = """
ALTER TABLE passages ADD COLUMN columns BLOB NOT NULL DEFAULT x'';  -- of the table it is a row of
CREATE TABLE document_fields (       -- of documents that have any
    document INTEGER PRIMARY KEY REFERENCES documents ON DELETE CASCADE,
    fields BLOB NOT NULL             -- JSON list of names and values
) STRICT;
"""

SCHEMA = _FORMAT_6 + FROM_6_TO_7 + FROM_7_TO_8

AMONG = "IN (SELECT value FROM json_each(?))"
"""Compares a column with a JSON list of numbers, in an SQL expression."""


def to_bytes(text: str) -> bytes:
    """Encode text for a BLOB column, losing nothing."""
    return text.encode("utf-8", "surrogatepass")


def to_text(data: object) -> str:
    """Decode what `to_bytes` made. Raises apsw.CorruptError or UnicodeDecodeError."""
    if not isinstance(data, bytes):  # a page of another table has got into this one's place
        raise apsw.CorruptError("a text is not where it was")
    return data.decode("utf-8", "surrogatepass")


def fields_of(encoded: bytes | None) -> Fields:
    """Decode a document's fields; None for a document that has none."""
    if encoded is None:
        return ()
    return tuple((str(name), str(value)) for name, value in json.loads(to_text(encoded)))


def strings(encoded: str) -> tuple[str, ...]:
    """Decode a JSON list of strings."""
    return tuple(json.loads(encoded))
