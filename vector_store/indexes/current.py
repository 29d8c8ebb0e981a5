"""The derived indexes of a library as of one commit: made, saved, read back, brought up to date.

Whatever is wrong with a saved one, the database makes it again. What was removed is not to be
found in them any more when the writer lets go: they are then made and saved anew.
"""

import json
import logging
from dataclasses import dataclass, replace
from pathlib import Path

import apsw
import numpy as np

from vector_store.analysis.analyzer import ANALYSIS_VERSION
from vector_store.base import VectorSource
from vector_store.indexes import snapshots
from vector_store.indexes.dense import DenseIndex
from vector_store.indexes.lexical import LexicalIndex
from vector_store.records import Ids
from vector_store.sqlite import rows
from vector_store.sqlite.documents import select_paths
from vector_store.sqlite.metadata import Commit, has_commit, last_commit, library_id

_log = logging.getLogger("quoth")

_VECTORS = "vectors"
_TERMS = "terms"
_ALWAYS_REBUILT = 5_000
_PART_REPLAYED = 20
_MOST_REPLAYED = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class Indexes:
    """The dense and the lexical index of the same passages."""

    tag: snapshots.Tag
    """Of which library's passages, by which model and analysis."""
    commit: Commit
    ids: Ids
    """The passages indexed, ascending."""
    dense: DenseIndex
    lexical: LexicalIndex
    changes: int
    """Passages added or removed since these were built whole."""
    saved: bool
    """Whether they were built whole for a snapshot that is on disk."""
    holds_removed: bool = False
    """Whether passages that were removed still lie in them, or in that snapshot."""


def current(
    known: Indexes | None, connection: apsw.Connection, source: VectorSource, folder: Path
) -> Indexes:
    """Return the indexes as of the commit that `connection` sees, from `known` ones if it can.

    `folder` is where the snapshots are.
    """
    if (
        known is None
        or known.tag != _tag(connection, source)
        or not has_commit(connection, known.commit)
    ):
        known = _loaded(connection, source, folder)
    if known.commit == last_commit(connection):
        return known
    try:
        return _replayed(known, connection, source)
    except (OSError, ValueError):
        # A writer has replaced the snapshot that these were read from: read its new one.
        return _replayed(_loaded(connection, source, folder), connection, source)


def saved(now: Indexes, connection: apsw.Connection, source: VectorSource, folder: Path) -> Indexes:
    """Save current indexes when the next opening would gain by it, or something was removed."""
    outdated = now.holds_removed or _lists_others(folder, connection)
    if now.changes and (outdated or not now.saved or now.changes > _replayable(len(now.ids))):
        now = _built(connection, source)
    if now.changes or (now.saved and not outdated):
        snapshots.tidy(folder)
        return now

    def write(into: Path) -> None:
        now.dense.write(into / _VECTORS)
        now.lexical.write(into / _TERMS)
        (into / snapshots.LIST).write_text(json.dumps(select_paths(connection)))

    try:
        snapshots.publish(folder, _tag(connection, source), now.commit, write)
    except (OSError, RuntimeError) as error:  # FAISS reports a full disk as RuntimeError
        _log.warning("The indexes could not be saved (%s); they are made at need.", error)
        if outdated:
            snapshots.drop_all(folder)
        return replace(now, saved=now.saved and not outdated)
    return replace(now, saved=True)


def _lists_others(folder: Path, connection: apsw.Connection) -> bool:
    """Tell whether the newest snapshot names a path that no document lies under any more."""
    return not set(snapshots.listed(folder, None)).issubset(select_paths(connection))


def _replayable(passages: int) -> int:
    """Return how many changed passages an opening may replay instead of reading a new snapshot.

    A small library is always saved whole: it takes under a second.
    """
    return 0 if passages <= _ALWAYS_REBUILT else min(passages // _PART_REPLAYED, _MOST_REPLAYED)


def _tag(connection: apsw.Connection, source: VectorSource) -> snapshots.Tag:
    return snapshots.Tag(
        library_id(connection), f"{source.fingerprint}/{source.runtime}/{ANALYSIS_VERSION}"
    )


def _loaded(connection: apsw.Connection, source: VectorSource, folder: Path) -> Indexes:
    try:
        snapshot = snapshots.newest(folder, _tag(connection, source))
        if snapshot is not None:
            return _read(snapshot, connection, source)
    except (snapshots.SnapshotDamagedError, OSError, ValueError) as error:
        _log.warning("The saved indexes were not usable (%s); made again.", error)
    return _built(connection, source)


def _built(connection: apsw.Connection, source: VectorSource) -> Indexes:
    return Indexes(
        _tag(connection, source),
        last_commit(connection),
        rows.passage_ids(connection),
        DenseIndex.build(source.dimensions, rows.vectors(connection, source.dimensions)),
        LexicalIndex.build(rows.searchable_texts(connection)),
        changes=0,
        saved=False,
    )


def _read(
    snapshot: snapshots.Snapshot, connection: apsw.Connection, source: VectorSource
) -> Indexes:
    if not has_commit(connection, snapshot.commit):
        raise ValueError("they are of another history than the database")
    dense = DenseIndex.read(snapshot.folder / _VECTORS, source.dimensions)
    lexical = LexicalIndex.read(snapshot.folder / _TERMS)
    ids = dense.passage_ids()
    if len(ids) != len(lexical):
        raise ValueError("the vectors and the terms are of different passages")
    tag = _tag(connection, source)
    return Indexes(tag, snapshot.commit, ids, dense, lexical, changes=0, saved=True)


def _replayed(indexes: Indexes, connection: apsw.Connection, source: VectorSource) -> Indexes:
    """Replay what was committed since; ids only ever grow, so what is new has a higher one."""
    now = rows.passage_ids(connection)
    newest = int(indexes.ids[-1]) if len(indexes.ids) else 0
    removed = np.setdiff1d(indexes.ids, now, assume_unique=True)
    added = now[now > newest]
    changes = indexes.changes + len(removed) + len(added)
    small = len(now) <= _ALWAYS_REBUILT  # then a rebuild is quick, and forgets removed terms
    if (small and len(removed)) or changes > max(_replayable(len(now)), _MOST_REPLAYED):
        return _built(connection, source)
    dense, lexical = indexes.dense, indexes.lexical
    if len(added) or len(removed):
        batches = list(rows.vectors(connection, source.dimensions, after=newest))
        none = np.empty(0, np.int64)
        nothing = none, none, np.empty((0, source.dimensions), np.float32)
        passages, documents, vectors = map(np.concatenate, zip(nothing, *batches, strict=True))
        dense = dense.updated((passages, documents, vectors), removed)
        texts = rows.searchable_texts(connection, after=newest)
        lexical = lexical.updated(texts, removed.tolist())
    return replace(
        indexes,
        commit=last_commit(connection),
        ids=now,
        dense=dense,
        lexical=lexical,
        changes=changes,
        holds_removed=indexes.holds_removed or len(removed) > 0,
    )
