"""From files to kept passages: which are new, changed, copies or gone; those that are to be read.

Each document is committed by itself, so an interruption loses only what was not yet committed,
and running the same command again goes on from there.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.errors import SourceError, UnreadableFileError
from rag.indexing import discovery
from rag.indexing.batch_embedder import Indexer
from rag.indexing.change_detection import Changes, Identity, KnownFiles, parents, paths_of
from rag.indexing.readers import Readers, Reading
from rag.indexing.source_files import SourceFile, load, stamp as stamp_of
from rag.models.base import Embedder
from vector_store.base import VectorStore
from vector_store.records import Copy, UnreadFile


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


def index(
    store: VectorStore,
    load: Callable[[], Embedder],
    paths: Sequence[str | os.PathLike[str]],
    progress: Callable[[Progress], None] | None = None,
    leave: Callable[[Path], bool] | None = None,
) -> Report:
    """Bring a store up to date with the files under `paths`; see `rag.Library.add`.

    `load` gives the model, once a file is to be embedded.

    The caller holds the store's writer.
    """
    found = discovery.find(paths)
    files = [source for source in found.files if leave is None or not leave(source.path)]
    known = KnownFiles(store)
    changes = Changes(unread=list(found.unread))
    at, name = 0, ""

    def tell(indexer: Indexer) -> None:
        if progress is not None:
            progress(Progress(at, len(files), indexer.windows, name))

    with Indexer(store, load, tell) as indexer, Readers() as readers:
        for at, source in enumerate(files):  # noqa: B007 (`tell` reads it)
            name = source.name
            tell(indexer)
            _bring_up_to_date(source, known, changes, indexer, readers)
            store.note_copies(changes.copies_of_kept)
            changes.copies_of_kept.clear()
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


def index_readings(
    store: VectorStore,
    load: Callable[[], Embedder],
    readings: Iterable[Reading],
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[str], bool] = lambda path: False,
) -> int:
    """Keep documents that were read already; see `rag.Library.add_readings`.

    Returns how many passages they have. The caller holds the store's writer.
    """
    at, name = 0, ""

    def tell(indexer: Indexer) -> None:
        if progress is not None:
            progress(Progress(at, at + 1, indexer.windows, name))

    with Indexer(store, load, tell, cancelled) as indexer:
        for at, reading in enumerate(readings):  # noqa: B007 (`tell` reads it)
            name = reading.document.name
            tell(indexer)
            indexer.add(reading)
        indexer.flush()
        return indexer.passages


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
        if file.stamp:  # not of a file that the system refused: that may pass
            changes.stamps[path] = file.stamp
        identity = Identity(file.sha256, source.reader_version)
        if known.documents.get(path) == identity:
            changes.take_same(path, known)
        elif (original := known.path_of(identity)) is not None:
            known.copied_at(path, identity)
            changes.take_copy(Copy(path, source.name), original, known)
        else:
            reading = readers.read(file)
            del file  # its bytes are not held while it is embedded
            known.read_at(path, identity)
            indexer.add(reading)
            changes.unread.extend(reading.unread)
    except UnreadableFileError as error:
        changes.unread.append(UnreadFile(path, source.name, str(error)))


def _vanished(found: discovery.DiscoveredFiles, store: VectorStore) -> list[str]:
    """Return the paths kept that lie in an indexed folder and are no longer there."""
    present = found.paths()
    kept = (path for info in store.documents() for path in paths_of(info))
    return [
        path
        for path in kept
        if path not in present and found.covers(path) and discovery.is_gone(Path(path))
    ]


def _no_longer_noted(
    found: discovery.DiscoveredFiles, store: VectorStore, changes: Changes
) -> list[str]:
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
