"""What tells that there was a library in a folder whose database is missing or empty.

A folder that was just made is new, and so is one that holds only a password, keys or locks.
"""

from pathlib import Path

_TAKEN_IN = "files"
"""Where the chat page keeps the files that it took in."""
_BESIDE = ("writer.lock", "serving.lock", "password", "keys")
"""What makes a folder of that name one of ours: people have folders of that name, too."""


def has_remains(folder: Path) -> bool:
    """Tell whether something in `folder` was left by a library. Raises OSError."""
    if any(_names(folder / "snapshots", ("indexes-", "tmp-"))):
        return True
    ours = any((folder / name).exists() for name in _BESIDE)
    return ours and any(_names(folder / _TAKEN_IN, ("",)))


def has_log(database: Path) -> bool:
    """Tell whether a log lies beside a database, with something in it. Raises OSError."""
    log = database.with_name(f"{database.name}-wal")
    return log.is_file() and log.stat().st_size > 0


def is_empty(database: Path) -> bool:
    """Tell whether a database is missing, or holds no byte. Raises OSError."""
    return not database.exists() or database.stat().st_size == 0


def _names(folder: Path, prefixes: tuple[str, ...]) -> list[str]:
    if not folder.is_dir():
        return []
    return [path.name for path in folder.iterdir() if path.name.startswith(prefixes)]
