"""Signs that a folder held a library whose database is now missing or empty.

A folder that was just made is new, and so is one that holds only a password, keys or locks.
"""

from pathlib import Path

from vector_store.folder_names import (
    API_KEYS,
    PASSWORD,
    SERVER_LOCK,
    SNAPSHOTS,
    UPLOADS,
    WRITER_LOCK,
)

_BESIDE_UPLOADS = (WRITER_LOCK, SERVER_LOCK, PASSWORD, API_KEYS)
"""One of these makes `files` a folder of uploads: people name folders of their own so, too."""


def has_remains(folder: Path) -> bool:
    """Tell whether a library left something in `folder`. Raises OSError."""
    if any(_names(folder / SNAPSHOTS, ("indexes-", "tmp-"))):
        return True
    is_ours = any((folder / name).exists() for name in _BESIDE_UPLOADS)
    return is_ours and any(_names(folder / UPLOADS, ("",)))


def has_log(database: Path) -> bool:
    """Tell whether a log that is not empty lies beside a database. Raises OSError."""
    log = database.with_name(f"{database.name}-wal")
    return log.is_file() and log.stat().st_size > 0


def is_empty(database: Path) -> bool:
    """Tell whether a database is missing or has no bytes. Raises OSError."""
    return not database.exists() or database.stat().st_size == 0


def _names(folder: Path, prefixes: tuple[str, ...]) -> list[str]:
    if not folder.is_dir():
        return []
    return [path.name for path in folder.iterdir() if path.name.startswith(prefixes)]
