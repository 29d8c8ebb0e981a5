"""From files to kept passages: read, split, embed, keep.

While one batch of documents is embedded, the next is read and cut and the one before is kept.
Each document is committed by itself, so an interruption loses only what was not yet committed,
and running the same command again goes on from there.
"""

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from rag import sources
from rag.changes import Changes, Identity, KnownFiles, parents, paths_of
from rag.cutting import Cut, cut, put_together
from rag.embedders import Embedder
from rag.errors import SourceError, UnreadableFileError
from rag.readers import Readers, Reading, SourceFile, load, stamp as stamp_of, version_of
from vector_store.records import Copy, Document, EmbeddedParagraph, UnreadFile, Vectors
from vector_store.stores import VectorSource, VectorStore

_BATCH_WINDOWS = 512
"""How many windows are embedded together: enough to sort by length, little to lose."""
_TELL_SECONDS = 0.2

_Embedded = tuple[Vectors, list[Vectors]]
"""The vectors of windows, and of the sentences within each."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an indexing run has come."""

    files_done: int
    files: int
    windows: int
    """Windows embedded so far; a long paragraph has several."""
    name: str
    """The file being read."""


@dataclass(frozen=True, slots=True)
class Report:
    """What an indexing run did with every file it was given."""

    added: int
    replaced: int
    unchanged: int
    copies: int
    """Files found to hold the same bytes as another, which is cited at both paths."""
    removed: int
    """Files that are no longer in their folder."""
    passages: int
    """Passages of the documents added and replaced."""
    unread: tuple[UnreadFile, ...]
    """Files, and parts of files, that could not be read, each with its reason."""


class Keeper(Protocol):
    """What keeps documents with their vectors, as a store does; see `VectorStore`."""

    def bind(self, source: VectorSource) -> None:
        """Take vectors of this model from now on."""

    def replace(self, document: Document, paragraphs: Sequence[EmbeddedParagraph]) -> None:
        """Keep a document in place of what was kept under its path."""


class Indexer:
    """Embeds documents together, in batches, and keeps each in a transaction of its own.

    The caller holds the store's writer, uses it in a `with` statement, and calls `flush` after
    the last document. Without that, what is not kept yet is dropped.
    """

    def __init__(
        self,
        store: Keeper,
        embedder: Embedder,
        tell: Callable[["Indexer"], None],
        cancelled: Callable[[str], bool] | None = None,
    ) -> None:
        """Keep documents in `store`; `tell` is called as embedding goes on.

        Those whose path `cancelled` says True of, between batches of embeddings, are dropped.
        """
        self._is_cancelled = cancelled or (lambda path: False)
        self._store = store
        self._embedder = embedder
        self._tell = tell
        self._batch: list[Cut] = []
        self._embedding: tuple[list[Cut], Future[_Embedded]] | None = None
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="quoth-embedding")
        self._stopped = threading.Event()
        self.kept: list[str] = []
        """Paths of the documents kept so far."""
        self.passages: int = 0
        """Passages of the documents kept so far."""
        self.windows: int = 0
        """Windows embedded so far."""

    def add(self, reading: Reading) -> None:
        """Take a document; it is kept with the ones that follow."""
        self._batch.append(cut(reading, self._embedder))
        if sum(len(prepared.texts) for prepared in self._batch) >= _BATCH_WINDOWS:
            self._embed_batch()

    def flush(self) -> None:
        """Embed and keep whatever was taken and is not kept yet."""
        if self._batch:
            self._embed_batch()
        self._keep_embedded()

    def __enter__(self) -> "Indexer":
        """Return the indexer itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Stop embedding, at the latest after the part it is at."""
        self._stopped.set()
        self._worker.shutdown(cancel_futures=True)

    def _embed_batch(self) -> None:
        """Begin to embed what was taken, and keep what was embedded before."""
        self._store.bind(self._embedder.source)
        batch, self._batch = self._batch, []
        began = self._worker.submit(self._embed, batch)
        self._keep_embedded()
        self._embedding = batch, began

    def _keep_embedded(self) -> None:
        if self._embedding is None:
            return
        batch, embedding = self._embedding
        self._embedding = None
        while not wait([embedding], timeout=_TELL_SECONDS).done:
            self._tell(self)
        vectors, parts = embedding.result()
        first = 0
        for prepared in batch:
            last = first + len(prepared.texts)
            if self._is_cancelled(prepared.reading.document.path):
                first = last
                continue
            paragraphs = put_together(prepared, vectors[first:last], parts[first:last])
            self._store.replace(prepared.reading.document, paragraphs)
            self.kept.append(prepared.reading.document.path)
            self.passages += len(paragraphs)
            first = last
        self._tell(self)

    def _embed(self, batch: Sequence[Cut]) -> _Embedded:
        texts = [text for prepared in batch for text in prepared.texts]
        spans = [spans for prepared in batch for spans in prepared.spans()]
        vectors = np.empty((len(texts), self._embedder.source.dimensions), np.float32)
        parts: list[Vectors] = []
        for first in range(0, len(texts), _BATCH_WINDOWS):
            if self._stopped.is_set():
                raise CancelledError
            if all(self._is_cancelled(one.reading.document.path) for one in batch):
                parts.extend([vectors[:0]] * (len(texts) - first))  # none of them is kept
                break
            part = slice(first, first + _BATCH_WINDOWS)
            vectors[part], found = self._embedder.embed_with_spans(texts[part], spans[part])
            parts.extend(found)
            self.windows += len(found)
        return vectors, parts


def telling(progress: Callable[[Progress], None] | None) -> Callable[[Indexer], None]:
    """Return what tells `progress` how far an indexer has come, of files nobody has counted."""

    def tell(indexer: Indexer) -> None:
        if progress is not None:
            progress(Progress(len(indexer.kept), 0, indexer.windows, ""))

    return tell


def index(
    store: VectorStore,
    embedder: Embedder,
    paths: Sequence[str | os.PathLike[str]],
    progress: Callable[[Progress], None] | None = None,
    leave: Callable[[Path], bool] | None = None,
) -> Report:
    """Bring a store up to date with the files under `paths`; see `rag.Library.add`.

    The caller holds the store's writer.
    """
    found = sources.find(paths)
    files = [source for source in found.files if leave is None or not leave(source.path)]
    known = KnownFiles(store)
    changes = Changes(unread=list(found.unread))
    at, name = 0, ""

    def tell(indexer: Indexer) -> None:
        if progress is not None:
            progress(Progress(at, len(files), indexer.windows, name))

    with Indexer(store, embedder, tell) as indexer, Readers() as readers:
        for at, source in enumerate(files):  # noqa: B007 (`tell` reads it)
            name = source.name
            tell(indexer)
            _bring_up_to_date(source, known, changes, indexer, readers)
            store.note_copies(changes.copies_of_kept(known))
        indexer.flush()
    nothing_left = len(files) == len(found.files)
    if nothing_left and not (indexer.kept or changes.unchanged or changes.copied):
        raise SourceError(_nothing_read(paths, changes.unread))
    store.note_copies(changes.copies)  # of documents that were read in this run
    store.note_unread(changes.unread, readable=_no_longer_noted(found, store, changes))
    store.note_stamps(changes.stamps)
    at, name = len(files), ""
    tell(indexer)
    return Report(
        added=sum(path not in known.documents for path in indexer.kept),
        replaced=sum(path in known.documents for path in indexer.kept),
        unchanged=len(changes.unchanged),
        copies=changes.copied,
        removed=store.remove(_vanished(found, store)),
        passages=indexer.passages,
        unread=tuple(changes.unread),
    )


def _bring_up_to_date(
    source: SourceFile, known: KnownFiles, changes: Changes, indexer: Indexer, readers: Readers
) -> None:
    """Take one file: as unchanged, as a copy of another, to be embedded, or as unreadable."""
    path = str(source.path)
    stamp = stamp_of(source)
    if stamp and known.stamps.get(path) == stamp and changes.take_unchanged(path, known):
        return
    try:
        file = load(source)
        if stamp:  # not of a file that the system refused: that may pass
            changes.stamps[path] = stamp
        identity = Identity(file.sha256, version_of(source))
        if known.documents.get(path) == identity:
            changes.take_same(path, known)
        elif (original := known.path_of(identity)) is not None:
            known.copied_at(path, identity)
            changes.take_copy(Copy(path, source.name), original)
        else:
            reading = readers.read(file)
            known.read_at(path, identity)
            indexer.add(reading)
            changes.unread.extend(reading.unread)
    except UnreadableFileError as error:
        changes.unread.append(UnreadFile(path, source.name, str(error)))


def _vanished(found: sources.Found, store: VectorStore) -> list[str]:
    """Return the paths kept that lie in an indexed folder and are no longer there."""
    present = found.paths()
    kept = (path for info in store.documents() for path in paths_of(info))
    return [
        path
        for path in kept
        if path not in present and found.covers(path) and sources.is_gone(Path(path))
    ]


def _no_longer_noted(found: sources.Found, store: VectorStore, changes: Changes) -> list[str]:
    """Return the paths noted earlier that this run looked at and found no fault with."""
    present = found.paths()
    noted_now = {file.path for file in changes.unread}
    noted = (file.path for file in store.unread())
    return [
        path
        for path in noted
        if path not in noted_now
        and (found.covers(path) or any(file in present for file in (path, *parents(path))))
    ]


def _nothing_read(paths: Sequence[str | os.PathLike[str]], unread: Sequence[UnreadFile]) -> str:
    given = ", ".join(str(path) for path in paths)
    if not unread:
        return (
            f"There is no file in {given}. Nothing was changed; to forget documents that were "
            "there: quoth remove PATH"
        )
    reasons = "; ".join(f"{file.name}: {file.reason}" for file in unread[:3])
    more = f"; and {len(unread) - 3} more" if len(unread) > 3 else ""
    return f"Nothing in {given} can be read ({reasons}{more}). Nothing was changed."
