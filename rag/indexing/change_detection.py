"""What an indexing run knows of files before it reads them, and what it finds has changed."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from vector_store.base import StoreView
from vector_store.records import Copy, DocumentInfo, UnreadFile


class Identity(NamedTuple):
    """What makes two files one document: their bytes, and what reads them."""

    sha256: str
    reader: str


class KnownFiles:
    """What a store holds of files when a run begins."""

    def __init__(self, view: StoreView) -> None:
        """Look up documents, stamps and notes once."""
        self.documents: dict[str, Identity] = {}
        """What was read, by every path it lies under."""
        self.stamps: dict[str, str] = view.stamps()
        self.waiting: set[str] = set()
        """Paths of documents that are not embedded yet."""
        self._notes: dict[str, list[UnreadFile]] = {}
        """Of what could not be read, by its path and by each path above it."""
        for note in view.unread():
            for path in (note.path, *parents(note.path)):
                self._notes.setdefault(path, []).append(note)
        self._paths: dict[Identity, list[str]] = {}
        for info in view.documents():
            identity = Identity(info.sha256, info.reader)
            self._paths[identity] = paths_of(info)
            self.documents.update(dict.fromkeys(paths_of(info), identity))

    def path_of(self, identity: Identity) -> str | None:
        """Return a path that a document is kept under, or will be; None for an unknown one."""
        return next(iter(self._paths.get(identity, ())), None)

    def read_at(self, path: str, identity: Identity) -> None:
        """Know that what lies under a path will be replaced by another document."""
        self._left(path)
        self._paths[identity] = [path]
        self.waiting.add(path)

    def copied_at(self, path: str, identity: Identity) -> None:
        """Know that a path is another one of a document."""
        self._left(path)
        self._paths[identity].append(path)

    def _left(self, path: str) -> None:
        before = self.documents.get(path)
        if before is not None and path in self._paths.get(before, ()):
            self._paths[before].remove(path)

    def notes_on(self, path: str) -> Sequence[UnreadFile]:
        """Return the notes of a file that could not be read, or of parts of it."""
        return self._notes.get(path, ())


@dataclass(slots=True)
class Changes:
    """What a run finds, gathered file by file."""

    unread: list[UnreadFile]
    unchanged: list[str] = field(default_factory=list)
    copies: list[tuple[Copy, str]] = field(default_factory=list)
    """Those of documents that are read in this run, each with the path of its document."""
    copies_of_kept: list[tuple[Copy, str]] = field(default_factory=list)
    """Those of documents that are kept already, not noted yet. They are to be noted at once:
    should a document's own path get another text later in the run, it goes on under the copy's."""
    copied: int = 0
    stamps: dict[str, str] = field(default_factory=dict)

    def take_unchanged(self, path: str, known: KnownFiles) -> bool:
        """Take a file that looks as it did when last tried; tell whether it was read, or noted."""
        failed = [note for note in known.notes_on(path) if note.path == path]
        self.unread.extend(failed)
        if path in known.documents and not failed:
            self.take_same(path, known)
        return path in known.documents or bool(failed)

    def take_same(self, path: str, known: KnownFiles) -> None:
        """Take a file that was read before, with what could not be read in it."""
        self.unchanged.append(path)
        self.unread.extend(note for note in known.notes_on(path) if note.path != path)

    def take_copy(self, copy: Copy, original: str, known: KnownFiles) -> None:
        """Take a file that holds what a document holds already."""
        waits = original in known.waiting
        (self.copies if waits else self.copies_of_kept).append((copy, original))
        self.copied += 1


def paths_of(info: DocumentInfo) -> list[str]:
    """Return every path that a document lies under."""
    return [info.path, *(copy.path for copy in info.copies)]


def parents(path: str) -> list[str]:
    """Return the paths above a path: of a part, that of the file it stands in is among them."""
    above = []
    while (parent := os.path.dirname(path)) != path:  # noqa: PTH120 (of thousands of strings)
        above.append(parent)
        path = parent
    return above
