"""Folder watching: the library is updated whenever a file in the folders changes.

File-system events only trigger an update. The update itself compares the folders with the library,
as every other run of indexing does, so that moves, bursts and lost events need no special
handling. A file that was written to a moment ago is left until it has settled.
"""

import os
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag.errors import QuothError, SourceError
from rag.indexing.change_detection import paths_of
from rag.indexing.discovery import find, is_folder, is_gone, resolved
from rag.library import Library
from vector_store.records import UnreadFile

SETTLED = 2.0
"""Seconds a file must stay unchanged before it is read."""
_POLL = 0.25
"""Seconds between checks whether an update is due."""
_RETRY = 5.0
"""Seconds before a failed update is tried again."""

Kind = Literal["added", "replaced", "moved", "copied", "removed", "not read"]


@dataclass(frozen=True, slots=True)
class FileChange:
    """What happened to one file."""

    kind: Kind
    name: str
    about: str = ""
    """The file's old name if it was moved, its original's if copied, the reason if not read."""


@dataclass(frozen=True, slots=True)
class Round:
    """The outcome of one update."""

    changes: tuple[FileChange, ...] = ()
    error: str = ""
    """Why the update failed; it is tried again."""


class SettleTimer:
    """Decides which files have stayed unchanged for a while."""

    def __init__(self, seconds: float) -> None:
        """Consider a file settled after this many seconds without a change."""
        self._seconds = seconds
        self._seen: dict[Path, tuple[tuple[int, ...], float]] = {}
        """By unsettled file: its stamp, and the monotonic time at which that was first seen."""
        self.unsettled: set[Path] = set()
        """Files that `is_unsettled` was true of since this was last cleared."""

    def is_unsettled(self, path: Path) -> bool:
        """Tell whether a file changed so recently that it must not be read yet.

        A file that does not exist is settled.
        """
        try:
            stat = path.lstat()
        except OSError:
            return False
        # Without st_ctime, which a move changes: moves are to be noticed at once.
        stamp = (stat.st_size, stat.st_mtime_ns, stat.st_ino)
        last_stamp, seen_at = self._seen.get(path, ((), 0.0))
        if last_stamp == stamp:
            unsettled = time.monotonic() - seen_at < self._seconds
        else:
            # If the clock was set back, every file looks new; from then on the stamps decide.
            unsettled = stat.st_mtime_ns / 1e9 + self._seconds > time.time()
        if unsettled:
            self.unsettled.add(path)
            if last_stamp != stamp:
                self._seen[path] = stamp, time.monotonic()
        return unsettled


class FolderWatcher:
    """Keeps a library up to date with files and folders. Not thread-safe."""

    def __init__(
        self,
        library: Library,
        paths: Sequence[str | os.PathLike[str]],
        *,
        settled: float | None = None,
        stop: threading.Event | None = None,
    ) -> None:
        """Watch `paths` until `stop` is set. Raises SourceError for an invalid path.

        `settled` is how many seconds a file must stay unchanged, `SETTLED` by default.
        """
        self._library = library
        self._roots = [resolved(path) for path in paths]
        self._folders = {root for root in self._roots if is_folder(root)}
        self._settled = SETTLED if settled is None else settled
        self._timer = SettleTimer(self._settled)
        self._stop = stop or threading.Event()
        self._changed: set[Path] = set()
        """Paths that events were about since the last update."""

    def rounds(self) -> Iterator[Round]:
        """Update the library at once and whenever files change; yield each update with news.

        Ends when `stop` is set. Raises SourceError when the system cannot watch the folders.
        """
        due, last_error = 0.0, ""
        for paths in self._events():
            self._changed.update(paths)
            now = time.monotonic()
            if paths:
                due = now
            if now < due:
                continue
            update = self._update()
            due = self._next_due(update, triggered=bool(paths))
            if update.changes or update.error not in ("", last_error):
                yield update
            last_error = update.error

    def _next_due(self, update: Round, *, triggered: bool) -> float:
        """Return the monotonic time of the next update if no event comes before it."""
        if update.error:
            return time.monotonic() + _RETRY
        # Events from within a new folder arrive a little late.
        if self._timer.unsettled or triggered:
            return time.monotonic() + self._settled
        return float("inf")

    def _events(self) -> Iterator[set[Path]]:
        """Yield the paths that changed, or an empty set about every `_POLL` seconds."""
        import watchfiles

        while not self._stop.is_set():
            folders = _watchable(self._roots)
            if not folders:
                yield set()
                self._stop.wait(_POLL)
                continue
            identities = _identities(folders)
            initial = set(folders)  # to catch what happened before watching began
            try:
                for changes in watchfiles.watch(
                    *folders,
                    watch_filter=self._is_relevant,
                    stop_event=self._stop,
                    step=50,
                    debounce=1000,
                    rust_timeout=int(_POLL * 1000),
                    yield_on_timeout=True,
                    ignore_permission_denied=True,
                    recursive=any(is_folder(root) for root in self._roots),
                ):
                    yield initial | {Path(path) for _, path in changes}
                    initial = set()
                    if _watchable(self._roots) != folders or _identities(folders) != identities:
                        break  # a folder came back, or was replaced by another of the same name
            except OSError as error:
                raise SourceError(
                    f"The system cannot watch these folders ({error}). Index them again after "
                    "each change instead."
                ) from error

    def _is_relevant(self, change: object, path: str) -> bool:
        """Tell whether a path is below a root and not hidden."""
        for root in self._roots:
            if Path(path).is_relative_to(root):
                return not any(part.startswith(".") for part in Path(path).relative_to(root).parts)
        return False

    def _update(self) -> Round:
        """Bring the library up to date with the folders that exist."""
        before = _LibraryFiles(self._library)
        self._timer.unsettled.clear()
        present = [root for root in self._roots if not is_gone(root)]
        error = ""
        try:
            if present:
                self._library.add(present, leave=self._timer.is_unsettled)
        except SourceError as refusal:
            error = str(refusal) if find(present).files else ""  # an empty folder is no error
        except QuothError as refusal:
            return Round(error=str(refusal))
        try:
            self._remove_deleted()
        except QuothError as refusal:
            return Round(error=str(refusal))
        return Round(_changes(before, _LibraryFiles(self._library)), error)

    def _remove_deleted(self) -> None:
        """Remove documents whose files were deleted and which `Library.add` has not removed.

        They are the last file of a folder, and watched files.
        """
        # A watched folder that is missing may be on a disk that is only disconnected.
        changed = self._changed - self._folders
        deleted = [path for path in changed if is_gone(path) and is_folder(path.parent)]
        self._changed.clear()
        documents = [Path(path) for path in _LibraryFiles(self._library).paths]
        indexed = [
            path for path in deleted if any(document.is_relative_to(path) for document in documents)
        ]
        if indexed:
            self._library.remove(indexed)


class _LibraryFiles:
    """The files that a library holds, or could not read, at one moment."""

    def __init__(self, library: Library) -> None:
        self.paths: dict[str, tuple[str, str]] = {}
        """By path, the digest and the name of each file that was read."""
        for info in library.documents():
            names = {info.path: info.name, **{copy.path: copy.name for copy in info.copies}}
            for path in paths_of(info):
                self.paths[path] = info.sha256, names[path]
        with library.store.view() as view:
            self.unread: set[UnreadFile] = set(view.unread())


def _changes(before: _LibraryFiles, after: _LibraryFiles) -> tuple[FileChange, ...]:
    """Return what happened to each file between two moments, by name."""
    removed = {path: file for path, file in before.paths.items() if path not in after.paths}
    changes = []
    for path, (digest, name) in after.paths.items():
        old = before.paths.get(path)
        if old is None:
            changes.append(_arrival(path, digest, name, removed, after))
        elif old[0] != digest:
            changes.append(FileChange("replaced", name))
    changes += [FileChange("removed", name) for _, name in removed.values()]
    changes += [
        FileChange("not read", file.name, file.reason) for file in after.unread - before.unread
    ]
    return tuple(sorted(changes, key=lambda change: (change.name, change.kind)))


def _arrival(
    path: str,
    digest: str,
    name: str,
    removed: dict[str, tuple[str, str]],
    after: _LibraryFiles,
) -> FileChange:
    """Return how a new file came about; if it was moved, drop its old path from `removed`."""
    for old_path, (old_digest, old_name) in removed.items():
        if old_digest == digest:
            del removed[old_path]
            return FileChange("moved", name, old_name)
    for other_path, (other_digest, other_name) in after.paths.items():
        if other_digest == digest and other_path != path:
            return FileChange("copied", name, other_name)
    return FileChange("added", name)


def _watchable(roots: Sequence[Path]) -> list[Path]:
    """Return the existing folders to watch, sorted: each root, or the folder that a file is in."""
    folders = {root if is_folder(root) else root.parent for root in roots}
    return sorted(folder for folder in folders if is_folder(folder))


def _identities(folders: Sequence[Path]) -> list[tuple[int, int]]:
    """Return the device and inode of each folder that can be read."""
    identities = []
    for folder in folders:
        try:
            stat = folder.stat()
        except OSError:
            continue
        identities.append((stat.st_dev, stat.st_ino))
    return identities
