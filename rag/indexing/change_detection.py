"""What an indexing run knows about files before reading them, and the changes that it finds."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from vector_store.base import StoreView
from vector_store.records import Copy, DocumentInfo, UnreadFile


class Identity(NamedTuple):
    """What makes two files one document: their bytes and the version of their reader."""

    sha256: str
    reader: str


class KnownFiles:
    """What a store knows about files at the beginning of a run."""

    def __init__(self, view: StoreView) -> None:
        """Read documents, stamps and notes from `view`."""
        self.documents: dict[str, Identity] = {}
        """Documents by path, copies included."""
        self.stamps: dict[str, str] = view.stamps()
        self.waiting: set[str] = set()
        """Paths of documents that are not embedded yet."""
        self._notes: dict[str, list[UnreadFile]] = {}
        """Unreadable files and parts, by their path and each path above it."""
        for note in view.unread():
            for path in (note.path, *parents(note.path)):
                self._notes.setdefault(path, []).append(note)
        self._paths: dict[Identity, list[str]] = {}
        for info in view.documents():
            identity = Identity(info.sha256, info.reader)
            self._paths[identity] = paths_of(info)
            self.documents.update(dict.fromkeys(paths_of(info), identity))

    def path_of(self, identity: Identity) -> str | None:
        """Return a path under which a document is, or will be, stored; None if there is none."""
        return next(iter(self._paths.get(identity, ())), None)

    def read_at(self, path: str, identity: Identity) -> None:
        """Record that the document at a path will be replaced."""
        self._forget(path)
        self._paths[identity] = [path]
        self.waiting.add(path)

    def copied_at(self, path: str, identity: Identity) -> None:
        """Record another path of a document."""
        self._forget(path)
        self._paths[identity].append(path)

    def _forget(self, path: str) -> None:
        before = self.documents.get(path)
        if before is not None and path in self._paths.get(before, ()):
            self._paths[before].remove(path)

    def notes_on(self, path: str) -> Sequence[UnreadFile]:
        """Return the notes on a file that could not be read, or on parts of it."""
        return self._notes.get(path, ())

    def is_noted(self, file: UnreadFile) -> bool:
        """Tell whether an earlier run noted that a file could not be read, for the same reason."""
        return file in self._notes.get(file.path, ())


@dataclass(slots=True)
class Changes:
    """The changes found in a run, collected file by file."""

    unread: list[UnreadFile]
    unchanged: list[str] = field(default_factory=list)
    copies: list[tuple[Copy, str]] = field(default_factory=list)
    """Copies of documents that are read in this run, each with the path of its document."""
    copies_of_stored: list[tuple[Copy, str]] = field(default_factory=list)
    """Copies of stored documents, to be recorded at once: should a document's own path get another
    text later in the run, the document stays under the copy's path."""
    copied: dict[str, Identity] = field(default_factory=dict)
    """What lies at the paths of all copies taken in this run."""
    stamps: dict[str, str] = field(default_factory=dict)

    def take_unchanged(self, path: str, known: KnownFiles) -> bool:
        """Add a file with an unchanged stamp; return whether it was read or noted before."""
        failed = [note for note in known.notes_on(path) if note.path == path]
        self.unread.extend(failed)
        if path in known.documents and not failed:
            self.take_same(path, known)
        return path in known.documents or bool(failed)

    def take_same(self, path: str, known: KnownFiles) -> None:
        """Add a file that was read before, with the parts that could not be read."""
        self.unchanged.append(path)
        self.unread.extend(note for note in known.notes_on(path) if note.path != path)

    def take_copy(self, copy: Copy, original: str, identity: Identity, known: KnownFiles) -> None:
        """Add a file with the same bytes as a document."""
        is_waiting = original in known.waiting
        (self.copies if is_waiting else self.copies_of_stored).append((copy, original))
        self.copied[copy.path] = identity

    def renamed(self, deleted: Sequence[str], known: KnownFiles) -> int:
        """Return how many of the paths that are gone now lie elsewhere, as copies of this run."""
        gone = Counter(known.documents[path] for path in deleted if path in known.documents)
        return (gone & Counter(self.copied.values())).total()


def paths_of(info: DocumentInfo) -> list[str]:
    """Return every path of a document."""
    return [info.path, *(copy.path for copy in info.copies)]


def parents(path: str) -> list[str]:
    """Return the paths above a path. Those of a file's part include the file's."""
    above = []
    while (parent := os.path.dirname(path)) != path:  # noqa: PTH120 (of thousands of strings)
        above.append(parent)
        path = parent
    return above
