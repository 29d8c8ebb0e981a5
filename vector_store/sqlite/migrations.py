"""A library of an earlier format brought to today's, in place: people keep their libraries."""

import logging

import apsw

from vector_store.document_ids import put_keys
from vector_store.sqlite.schema import FORMAT, FROM_6_TO_7

OLDEST = 6
"""The earliest format that can be brought to today's."""

_log = logging.getLogger("quoth")

_KEYS_FOR_ONE_CONNECTION = """
CREATE TEMP TABLE document_keys (document INTEGER PRIMARY KEY, key TEXT NOT NULL);
CREATE UNIQUE INDEX temp.documents_by_key ON document_keys (key);
"""


def migrate(connection: apsw.Connection) -> None:
    """Bring a library of format 6 to format 7, in one transaction.

    Before that the file is written anew, once: up to format 6, what was removed stayed in it.
    """
    try:
        connection.execute("VACUUM")
    except (apsw.FullError, apsw.IOError, apsw.BusyError, apsw.LockedError) as error:
        _log.warning(
            "What was removed by an earlier version of Quoth may still lie in the library's file, "
            "which could not be written anew (%s). To be rid of it, make another library.",
            error,
        )
    connection.execute("BEGIN IMMEDIATE")
    try:
        if connection.pragma("user_version") == OLDEST:  # another process may have been first
            connection.execute(FROM_6_TO_7)
            put_keys(connection)
            connection.pragma("user_version", FORMAT)
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def migrate_in_memory(connection: apsw.Connection) -> None:
    """Give a connection to a library of format 6 on a read-only disk what format 7 has."""
    connection.pragma("temp_store", "memory")
    connection.execute(_KEYS_FOR_ONE_CONNECTION)
    put_keys(connection)
