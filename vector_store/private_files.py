"""Files that only their owner may read, whatever the umask: a library holds others' confidences.

SQLite gives the files beside a database that database's own permissions.
"""

import contextlib
import os
from pathlib import Path

_OURS = ("library.sqlite3", "snapshots", "files", "writer.lock", "serving.lock", "password", "keys")


def make_private(path: Path) -> None:
    """Make a file that is missing, empty, for its owner alone; one that is there stays as it is.

    Raises OSError.
    """
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def tighten(database: Path) -> None:
    """Take a library of an earlier version, which others could read, for its owner alone.

    Its folder only where nothing but the library is in it, and where the owner is who calls.
    """
    folder = database.parent
    with contextlib.suppress(OSError):  # another's, or on a disk without permissions
        inside = list(folder.iterdir())
        for path in inside:
            if path.name.startswith(_OURS) and path.is_file():
                path.chmod(0o600)
        for path in (folder / "snapshots", folder / "files"):
            if path.is_dir():
                path.chmod(0o700)
        if all(path.name.startswith(_OURS) for path in inside):
            folder.chmod(0o700)
