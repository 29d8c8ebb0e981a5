"""File permissions that keep a library to its owner, whatever the umask.

SQLite gives the files beside a database that database's own permissions.
"""

import contextlib
import os
from pathlib import Path

from vector_store.folder_names import (
    API_KEYS,
    CASEWORK,
    DATABASE,
    MARKS,
    PASSWORD,
    SERVER_LOCK,
    SNAPSHOTS,
    UPLOADS,
    WRITER_LOCK,
)

_PREFIXES = (
    *(DATABASE, SNAPSHOTS, UPLOADS, WRITER_LOCK, SERVER_LOCK, PASSWORD, API_KEYS),
    *(CASEWORK, MARKS),
)
"""How the name of everything in a library's folder starts: logs and locks add a suffix."""


def make_private(path: Path) -> None:
    """Create an empty file that only its owner can read, unless the file exists.

    Raises OSError.
    """
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def tighten(database: Path) -> None:
    """Restrict a library of an earlier version, which others could read, to its owner.

    Its folder is restricted only if nothing but the library is in it. Files that the caller does
    not own stay as they are.
    """
    folder = database.parent
    with contextlib.suppress(OSError):  # another's, or on a disk without permissions
        entries = list(folder.iterdir())
        for path in entries:
            if path.name.startswith(_PREFIXES) and path.is_file():
                path.chmod(0o600)
        for path in (folder / SNAPSHOTS, folder / UPLOADS):
            if path.is_dir():
                path.chmod(0o700)
        if all(path.name.startswith(_PREFIXES) for path in entries):
            folder.chmod(0o700)
