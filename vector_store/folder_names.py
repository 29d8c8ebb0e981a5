"""The names of the files and folders in a library's folder.

The store writes the first three and derives all but the database from it. The library and the chat
page add the others; the store needs their names to make them private, and to recognise a folder
whose database is lost.
"""

DATABASE = "library.sqlite3"
SNAPSHOTS = "snapshots"
"""The folder of derived indexes."""
WRITER_LOCK = "writer.lock"
SERVER_LOCK = "serving.lock"
"""Locked by the one server that reads uploads into the library."""
UPLOADS = "files"
"""The folder of uploaded files."""
PASSWORD = "password"  # noqa: S105 (a file's name)
API_KEYS = "keys"
MARKS = "document_marks.sqlite3"
"""The status and tags that a person gave to documents."""
CASEWORK = "casework.sqlite3"
"""The person's cases and conversations: derived from nothing, unlike the indexes."""
