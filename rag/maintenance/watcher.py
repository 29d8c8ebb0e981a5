"""Folders followed: the library brought up to date whenever files in them change.

What the system tells of changes only wakes us. What is to be done is found as in any other run,
by comparing the folders with the library; so moves, bursts and events that got lost need no care
of their own. A file that was written to a moment ago is left until it rests.
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
"""Seconds for which a file must not have changed before it is read."""
_LOOK = 0.25  # seconds between looks at what has become due
_AGAIN = 5.0  # seconds after which a round that failed is tried again

Kind = Literal["added", "replaced", "moved", "copied", "removed", "not read"]


@dataclass(frozen=True, slots=True)
class FileChange:
    """What became of one file."""

    kind: Kind
    name: str
    about: str = ""
    """Where it was before, what it is a copy of, or why it was not read."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one look at the folders came to."""

    changes: tuple[FileChange, ...] = ()
    error: str = ""
    """Why nothing could be done; it is tried again."""


class Resting:
    """Tells which files have not changed for a while, by the clock and by what it saw before."""

    def __init__(self, seconds: float) -> None:
        """Call a file resting that has not changed for so many seconds."""
        self._seconds = seconds
        self._seen: dict[Path, tuple[tuple[int, ...], float]] = {}
        self.waiting: set[Path] = set()
        """Files found not to rest since this was last cleared."""

    def is_restless(self, path: Path) -> bool:
        """Tell whether a file is to be left alone for now; one that is gone is not."""
        try:
            found = path.lstat()
        except OSError:
            return False
        # Not the time of the last change to its entry, which a move is: that is to be seen at once.
        look = (found.st_size, found.st_mtime_ns, found.st_ino)
        before, since = self._seen.get(path, ((), 0.0))
        if before == look:
            restless = time.monotonic() - since < self._seconds
        else:
            # A clock that was put back makes all files look new: then what was seen decides.
            restless = found.st_mtime_ns / 1e9 + self._seconds > time.time()
        if restless:
            self.waiting.add(path)
            if before != look:
                self._seen[path] = look, time.monotonic()
        return restless


class Follower:
    """Keeps a library up to date with files and folders. Not safe to use from several threads."""

    def __init__(
        self,
        library: Library,
        paths: Sequence[str | os.PathLike[str]],
        *,
        settled: float | None = None,
        stop: threading.Event | None = None,
    ) -> None:
        """Follow `paths`, until `stop` is set. Raises SourceError when one makes no sense."""
        self._library = library
        self._roots = [resolved(path) for path in paths]
        self._folders = {root for root in self._roots if is_folder(root)}
        self._settled = SETTLED if settled is None else settled
        self._resting = Resting(self._settled)
        self._stop = stop or threading.Event()
        self._gone: set[Path] = set()
        """What was said to be deleted since the last round."""

    def rounds(self) -> Iterator[Round]:
        """Give a round whenever anything changed, and one first; it ends when told to stop.

        Raises SourceError when the system cannot follow the folders.
        """
        due, told = 0.0, ""
        for events in self._events():
            self._gone.update(events)
            now = time.monotonic()
            if events:
                due = now
            if now < due:
                continue
            found = self._round()
            due = self._next_due(found, bool(events))
            if found.changes or found.error not in ("", told):
                yield found
            told = found.error

    def _next_due(self, found: Round, woken: bool) -> float:
        """Return when to look again without being woken."""
        if found.error:
            return time.monotonic() + _AGAIN
        if self._resting.waiting or woken:  # what lies in a new folder is told of a little late
            return time.monotonic() + self._settled
        return float("inf")

    def _events(self) -> Iterator[set[Path]]:
        """Give the paths that changed, or none now and then, until told to stop."""
        import watchfiles

        while not self._stop.is_set():
            watched = _watchable(self._roots)
            if not watched:
                yield set()
                self._stop.wait(_LOOK)
                continue
            identities = _identities(watched)
            new = set(watched)  # what happened there before it was followed is to be seen, too
            try:
                for changes in watchfiles.watch(
                    *watched,
                    watch_filter=self._concerns,
                    stop_event=self._stop,
                    step=50,
                    debounce=1000,
                    rust_timeout=int(_LOOK * 1000),
                    yield_on_timeout=True,
                    ignore_permission_denied=True,
                    recursive=any(is_folder(root) for root in self._roots),
                ):
                    yield new | {Path(path) for _, path in changes}
                    new = set()
                    if _watchable(self._roots) != watched or _identities(watched) != identities:
                        break  # a folder was replaced by another of its name, or came back
            except OSError as error:
                raise SourceError(
                    f"The system cannot follow these folders ({error}). Index them again at need."
                ) from error

    def _concerns(self, change: object, path: str) -> bool:
        """Tell whether a path can be one of ours: below a root, and not hidden."""
        found = Path(path)
        for root in self._roots:
            if found.is_relative_to(root):
                return not any(part.startswith(".") for part in found.relative_to(root).parts)
        return False

    def _round(self) -> Round:
        before = _Held(self._library)
        self._resting.waiting.clear()
        present = [root for root in self._roots if not is_gone(root)]
        error = ""
        try:
            if present:
                self._library.add(present, leave=self._resting.is_restless)
        except SourceError as refusal:
            error = str(refusal) if find(present).files else ""  # an empty folder is no fault
        except QuothError as refusal:
            return Round(error=str(refusal))
        try:
            self._forget_deleted()
        except QuothError as refusal:
            return Round(error=str(refusal))
        changes = _differences(before, _Held(self._library))
        return Round(changes, error)

    def _forget_deleted(self) -> None:
        """Remove what was said to be deleted and is still kept: the last file, or a file named."""
        # A folder that is followed may be on a disk that is not there for now.
        gone = [p for p in self._gone - self._folders if is_gone(p) and is_folder(p.parent)]
        self._gone.clear()
        held = _Held(self._library).paths
        kept = [path for path in gone if any(Path(one).is_relative_to(path) for one in held)]
        if kept:
            self._library.remove(kept)


class _Held:
    """What a library holds of files at one moment."""

    def __init__(self, library: Library) -> None:
        self.paths: dict[str, tuple[str, str]] = {}
        """Of each path the digest and the name."""
        for info in library.documents():
            names = {info.path: info.name, **{copy.path: copy.name for copy in info.copies}}
            for path in paths_of(info):
                self.paths[path] = info.sha256, names[path]
        with library.store.view() as view:
            self.unread: set[UnreadFile] = set(view.unread())


def _differences(before: _Held, after: _Held) -> tuple[FileChange, ...]:
    """Return what became of each file between two moments."""
    gone = {path: held for path, held in before.paths.items() if path not in after.paths}
    changes = []
    for path, (digest, name) in after.paths.items():
        old = before.paths.get(path)
        if old is None:
            changes.append(_arrival(path, digest, name, gone, after))
        elif old[0] != digest:
            changes.append(FileChange("replaced", name))
    changes += [FileChange("removed", name) for _, name in gone.values()]
    changes += [
        FileChange("not read", file.name, file.reason) for file in after.unread - before.unread
    ]
    return tuple(sorted(changes, key=lambda change: (change.name, change.kind)))


def _arrival(
    path: str, digest: str, name: str, gone: dict[str, tuple[str, str]], after: _Held
) -> FileChange:
    """Return how a file came to be at a path; one that it was moved from is taken out of `gone`."""
    for old, (of_old, old_name) in gone.items():
        if of_old == digest:
            del gone[old]
            return FileChange("moved", name, old_name)
    for other, (of_other, other_name) in after.paths.items():
        if of_other == digest and other != path:
            return FileChange("copied", name, other_name)
    return FileChange("added", name)


def _watchable(roots: Sequence[Path]) -> list[Path]:
    """Return the folders to be followed: of a file, the one it stands in."""
    found = {root if is_folder(root) else root.parent for root in roots}
    return sorted(folder for folder in found if is_folder(folder))


def _identities(folders: Sequence[Path]) -> list[tuple[int, int]]:
    found = []
    for folder in folders:
        try:
            stat = folder.stat()
        except OSError:
            continue
        found.append((stat.st_dev, stat.st_ino))
    return found
