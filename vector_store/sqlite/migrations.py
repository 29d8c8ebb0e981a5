"""A library of an earlier format brought to today's, in place: people keep their libraries."""

import logging

import apsw

from vector_store.document_ids import put_keys
from vector_store.sqlite.checksums import intact_judgements, seal_judgements
from vector_store.sqlite.schema import FORMAT, FROM_6_TO_7, FROM_7_TO_8

MIGRATED = (6, 7)
"""The earlier formats that are brought to today's."""

_log = logging.getLogger("quoth")

_KEYS_FOR_ONE_CONNECTION = """
CREATE TEMP TABLE document_keys (document INTEGER PRIMARY KEY, key TEXT NOT NULL);
CREATE UNIQUE INDEX temp.documents_by_key ON document_keys (key);
"""
_FORMAT_8_FOR_ONE_CONNECTION = """
CREATE TEMP TABLE feedback AS SELECT * FROM main.feedback;
CREATE TEMP VIEW passages AS SELECT *, x'' AS columns FROM main.passages;
CREATE TEMP TABLE document_fields (document INTEGER PRIMARY KEY, fields BLOB NOT NULL);
"""


def migrate(connection: apsw.Connection) -> None:
    """Bring a library of format 6 or 7 to format 8, in one transaction.

    One of format 6 is first written anew, once: up to then, what was removed stayed in the file.
    """
    if connection.pragma("user_version") == 6:
        _vacuum(connection)
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = connection.pragma("user_version")  # another process may have been first
        if version == 6:
            connection.execute(FROM_6_TO_7)
            put_keys(connection)
        if version in MIGRATED:
            connection.execute(FROM_7_TO_8)
            seal_judgements(connection, intact_judgements(connection))
            connection.pragma("user_version", FORMAT)
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _vacuum(connection: apsw.Connection) -> None:
    try:
        connection.execute("VACUUM")
    except (apsw.FullError, apsw.IOError, apsw.BusyError, apsw.LockedError) as error:
        _log.warning(
            "What was removed by an earlier version of Quoth may still lie in the library's file, "
            "which could not be written anew (%s). To be rid of it, make another library.",
            error,
        )


def migrate_in_memory(connection: apsw.Connection) -> None:
    """Give a connection to a library of format 6 or 7 on a read-only disk what format 8 has."""
    connection.pragma("temp_store", "memory")
    connection.execute(_KEYS_FOR_ONE_CONNECTION)
    put_keys(connection)
    connection.execute(_FORMAT_8_FOR_ONE_CONNECTION)
    seal_judgements(connection, intact_judgements(connection))
