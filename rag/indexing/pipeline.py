"""Indexing: find new, changed, copied and deleted files, and bring the store up to date.

Each document is committed separately, so an interruption loses only what was not yet committed, and
the next run continues from there.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.errors import SourceError, UnreadableFileError
from rag.indexing import discovery
from rag.indexing.batch_embedder import Indexer
from rag.indexing.change_detection import Changes, Identity, KnownFiles, parents, paths_of
from rag.indexing.model_choice import ModelChoice
from rag.indexing.readers import Readers, Reading
from rag.indexing.source_files import SourceFile, load, stamp as stamp_of
from rag.models.base import Embedder
from vector_store.base import StoreWriter
from vector_store.records import Copy, UnreadFile


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of an indexing run."""

    files_done: int
    files: int
    windows: int
    """Windows embedded so far; a long paragraph has several."""
    name: str
    """The file being read."""
    passages: int = 0
    """Passages stored so far."""
    is_preparing: bool = False
    """Whether the model is being loaded, or made ready for this machine the first time."""


@dataclass(frozen=True, slots=True)
class Report:
    """What an indexing run did with each file."""

    added: int
    replaced: int
    unchanged: int
    copies: int
    """Files with the same bytes as another; the document is cited at both paths."""
    removed: int
    """Documents whose files are no longer in their folder."""
    passages: int
    """Passages of the documents added and replaced."""
    unread: tuple[UnreadFile, ...]
    """Files, and parts of files, that could not be read, each with its reason."""
    model_choice: ModelChoice | None = None
    """Which model the library begins with, and why, where this run chose it."""
    renamed: int = 0
    """Documents whose file lies elsewhere now; neither in `copies` nor in `removed`."""
    newly_unread: tuple[UnreadFile, ...] = ()
    """Of `unread`, those that the run before did not report."""


def index(
    writer: StoreWriter,
    load: Callable[[], Embedder],
    paths: Sequence[str | os.PathLike[str]],
    progress: Callable[[Progress], None] | None = None,
    leave: Callable[[Path], bool] | None = None,
) -> Report:
    """Bring a store up to date with the files under `paths`; see `rag.Library.add`.

    `load` returns the model, once there is a file to embed. `leave` returns True for a file to
    leave out.
    """
    discovered = discovery.find(paths)
    files = [source for source in discovered.files if leave is None or not leave(source.path)]
    with writer.view() as view:
        known = KnownFiles(view)
    changes = Changes(unread=list(discovered.unread))
    at, name = 0, ""

    def tell(indexer: Indexer) -> None:
        if progress is not None:
            progress(_progress(at, len(files), name, indexer))

    with Indexer(writer, load, tell) as indexer, Readers() as readers:
        for at, source in enumerate(files):  # noqa: B007 (`tell` reads it)
            name = source.name
            tell(indexer)
            _bring_up_to_date(source, known, changes, indexer, readers)
            writer.note_copies(changes.copies_of_stored)
            changes.copies_of_stored.clear()
        indexer.flush()
    is_complete = len(files) == len(discovered.files)
    if is_complete and not (indexer.kept or changes.unchanged or changes.copied):
        raise SourceError(_nothing_read(paths, changes.unread))
    writer.note_copies(changes.copies)  # of documents that were read in this run
    writer.note_unread(changes.unread, readable=_no_longer_noted(discovered, writer, changes))
    writer.note_stamps(changes.stamps)
    at, name = len(files), ""
    tell(indexer)
    deleted = _deleted(discovered, writer)
    renamed = changes.renamed(deleted, known)
    return Report(
        added=sum(path not in known.documents for path in indexer.kept),
        replaced=sum(path in known.documents for path in indexer.kept),
        unchanged=len(changes.unchanged),
        copies=len(changes.copied) - renamed,
        removed=writer.remove(deleted) - renamed,
        passages=indexer.passages,
        unread=tuple(changes.unread),
        renamed=renamed,
        newly_unread=tuple(file for file in changes.unread if not known.is_noted(file)),
    )


def _progress(done: int, files: int, name: str, indexer: Indexer) -> Progress:
    return Progress(done, files, indexer.windows, name, indexer.passages, indexer.is_preparing)


def index_readings(
    writer: StoreWriter,
    load: Callable[[], Embedder],
    readings: Iterable[Reading],
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[str], bool] = lambda path: False,
) -> int:
    """Store documents that have been read; see `rag.Library.add_readings`.

    Returns the number of their passages.
    """
    at, name = 0, ""

    def tell(indexer: Indexer) -> None:
        if progress is not None:
            progress(_progress(at, at + 1, name, indexer))

    with Indexer(writer, load, tell, cancelled) as indexer:
        for at, reading in enumerate(readings):  # noqa: B007 (`tell` reads it)
            name = reading.document.name
            tell(indexer)
            indexer.add(reading)
        indexer.flush()
        return indexer.passages


def _bring_up_to_date(
    source: SourceFile, known: KnownFiles, changes: Changes, indexer: Indexer, readers: Readers
) -> None:
    """Handle one file, which is unchanged, a copy of another, new or changed, or unreadable."""
    path = str(source.path)
    stamp = stamp_of(source)
    if stamp and known.stamps.get(path) == stamp and changes.take_unchanged(path, known):
        return
    try:
        file = load(source)
        if file.stamp:  # a file that could not be opened has none, and is tried again
            changes.stamps[path] = file.stamp
        identity = Identity(file.sha256, source.reader_version)
        if known.documents.get(path) == identity:
            changes.take_same(path, known)
        elif (original := known.path_of(identity)) is not None:
            known.copied_at(path, identity)
            changes.take_copy(Copy(path, source.name), original, identity, known)
        else:
            reading = readers.read(file)
            del file  # its bytes would otherwise stay in memory while it is embedded
            known.read_at(path, identity)
            indexer.add(reading)
            changes.unread.extend(reading.unread)
    except UnreadableFileError as error:
        changes.unread.append(UnreadFile(path, source.name, str(error)))


def _deleted(discovered: discovery.DiscoveredFiles, writer: StoreWriter) -> list[str]:
    """Return the stored paths in an indexed folder whose files no longer exist."""
    present = discovered.paths()
    with writer.view() as view:
        stored = [path for info in view.documents() for path in paths_of(info)]
    return [
        path
        for path in stored
        if path not in present and discovered.covers(path) and discovery.is_gone(Path(path))
    ]


def _no_longer_noted(
    discovered: discovery.DiscoveredFiles, writer: StoreWriter, changes: Changes
) -> list[str]:
    """Return the paths with an earlier note that this run covered without an error."""
    present = discovered.paths()
    noted_now = {file.path for file in changes.unread}
    with writer.view() as view:
        noted = [file.path for file in view.unread()]
    return [
        path
        for path in noted
        if path not in noted_now
        and (discovered.covers(path) or any(file in present for file in (path, *parents(path))))
    ]


def _nothing_read(paths: Sequence[str | os.PathLike[str]], unread: Sequence[UnreadFile]) -> str:
    names = ", ".join(str(path) for path in paths)
    if not unread:
        return (
            f"There is no file in {names}. Nothing was changed. To remove documents that were "
            "there: quoth remove PATH"
        )
    reasons = "; ".join(f"{file.name}: {file.reason}" for file in unread[:3])
    more = f"; and {len(unread) - 3} more" if len(unread) > 3 else ""
    return f"Nothing in {names} can be read ({reasons}{more}). Nothing was changed."
