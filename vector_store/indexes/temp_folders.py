"""Temporary folders that are ours alone, and do not outlive us for long.

One that is not needed any more is removed at once. A process that is killed leaves its own
behind; they are removed by the next that makes one, which knows them by a lock nobody holds.
"""

import contextlib
import shutil
import tempfile
import time
import weakref
from pathlib import Path

import filelock

_PREFIX = "quoth-lexical-"
_LOCK = "owner.lock"
_YOUNG = 60.0  # seconds: one that was made just now may not have its lock yet


class PrivateFolder:
    """A temporary folder that is removed when nothing refers to it any more."""

    def __init__(self) -> None:
        """Make the folder, and remove those of processes that died."""
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        lock = _lock_of(self.path)
        lock.acquire(blocking=False)
        weakref.finalize(self, _remove, self.path, lock)
        _sweep(self.path.parent)


def _lock_of(folder: Path) -> filelock.BaseFileLock:
    # Not of a thread: whichever drops the last reference removes the folder.
    return filelock.FileLock(folder / _LOCK, thread_local=False)


def _remove(folder: Path, lock: filelock.BaseFileLock) -> None:
    lock.release(force=True)
    shutil.rmtree(folder, ignore_errors=True)


def _sweep(parent: Path) -> None:
    """Remove folders whose owner is dead; another user's cannot be, and stay."""
    for folder in parent.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError, filelock.Timeout):
            if time.time() - folder.stat().st_mtime > _YOUNG:
                lock = _lock_of(folder)
                lock.acquire(blocking=False)
                _remove(folder, lock)
