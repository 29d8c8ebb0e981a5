"""The dense index: which passages lie nearest to a question.

An index is immutable: `updated` returns another one that shares the memory-mapped bulk, so a
search needs no lock and never meets a half-made change (adding to a FAISS index while another
thread searches it crashes). A passage with several windows scores by its best.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vector_store.indexes.faiss_segments import Mask, Segment
from vector_store.records import Batch, DenseSearch, Ids, Match


@dataclass(frozen=True, slots=True, eq=False)
class DenseIndex:
    """Inner-product search over passages; see the module."""

    dimensions: int
    base: Segment
    """The bulk, read from a snapshot or built in one go."""
    kept: Mask | None
    """Which rows of the bulk still count; None for all."""
    recent: Segment
    """What came since."""
    recent_batch: Batch

    @classmethod
    def build(cls, dimensions: int, batches: Iterable[Batch]) -> "DenseIndex":
        """Index batches, whose passage ids ascend."""
        return cls._over(dimensions, Segment.build(dimensions, batches))

    @classmethod
    def read(cls, folder: Path, dimensions: int) -> "DenseIndex":
        """Map a snapshot into memory. Raises ValueError when it holds something else."""
        return cls._over(dimensions, Segment.read(folder, dimensions))

    @classmethod
    def _over(cls, dimensions: int, base: Segment) -> "DenseIndex":
        none = np.empty(0, np.int64)
        nothing = none, none, np.empty((0, dimensions), np.float32)
        return cls(dimensions, base, None, Segment.build(dimensions, ()), nothing)

    def write(self, folder: Path) -> None:
        """Write the index into a new folder.

        Raises ValueError for an updated index: it is to be built anew before it is written.
        """
        if self.kept is not None or len(self.recent):
            raise ValueError("an updated index is rebuilt before it is written")
        self.base.write(folder)

    def updated(self, batch: Batch, removed: Ids) -> "DenseIndex":
        """Return an index with `removed` passages gone and a batch added, of higher ids."""
        stays = ~np.isin(self.recent_batch[0], removed)
        old = self.recent_batch
        now = (
            np.concatenate([old[0][stays], batch[0]]),
            np.concatenate([old[1][stays], batch[1]]),
            np.concatenate([old[2][stays], batch[2]]),
        )
        kept = self.kept
        gone = self.base.rows_of(removed)
        if len(gone):
            kept = np.ones(len(self.base), bool) if kept is None else kept.copy()
            kept[gone] = False
        return DenseIndex(
            self.dimensions, self.base, kept, Segment.build(self.dimensions, [now]), now
        )

    def passage_ids(self) -> Ids:
        """Return the ids of every passage that a search can find, ascending."""
        base = self.base.passages if self.kept is None else self.base.passages[self.kept]
        return np.union1d(base, self.recent.passages)

    def described(self) -> DenseSearch:
        """Return how the bulk is searched."""
        kind = "exact" if self.base.codes is None else "4-bit codes, then exact"
        return DenseSearch(kind, self.base.recall)

    def search(
        self, vector: NDArray[np.float32], limit: int, documents: Collection[int] | None = None
    ) -> list[Match]:
        """Return the `limit` passages nearest to `vector`, shape (dimensions,), best first.

        Scores are inner products, the cosine for vectors of length 1; ties go by passage id.
        With `documents`, only their passages are searched.
        """
        best: dict[int, float] = {}
        for segment, allowed in self._segments(documents):
            for passage, score in _passages(segment, vector, limit, allowed):
                best[passage] = max(score, best.get(passage, -np.inf))
        ranked = sorted(best.items(), key=lambda item: (-item[1], item[0]))
        return [Match(passage, score) for passage, score in ranked[:limit]]

    def _segments(self, documents: Collection[int] | None) -> Sequence[tuple[Segment, Mask | None]]:
        if documents is None:
            return (self.base, self.kept), (self.recent, None)
        wanted = np.fromiter(documents, np.int64)
        base = np.isin(self.base.documents, wanted)
        if self.kept is not None:
            base &= self.kept
        return (self.base, base), (self.recent, np.isin(self.recent.documents, wanted))

    def similarities(
        self, vector: NDArray[np.float32], passage_ids: Iterable[int]
    ) -> dict[int, float]:
        """Return the score that `search` gives each of these passages, where it is here."""
        wanted = np.unique(np.fromiter(passage_ids, np.int64))
        best: dict[int, float] = {}
        for segment, allowed in ((self.base, self.kept), (self.recent, None)):
            rows = segment.rows_of(wanted)
            if allowed is not None:
                rows = rows[allowed[rows]]
            scores = segment.scores(np.asarray(vector, np.float32), rows).tolist()
            for passage, score in zip(segment.passages[rows].tolist(), scores, strict=True):
                best[passage] = max(score, best.get(passage, -np.inf))
        return best


def _passages(
    segment: Segment, vector: NDArray[np.float32], limit: int, allowed: Mask | None
) -> list[tuple[int, float]]:
    """Return rows as passages, best first, until there are `limit` of them or no more rows."""
    wanted = min(2 * limit, len(segment))
    while wanted:
        rows, scores = segment.nearest(vector, wanted, allowed)
        found = segment.passages[rows].tolist()
        if len(found) < wanted or wanted == len(segment) or len(set(found)) >= limit:
            return list(zip(found, scores.tolist(), strict=True))
        wanted = min(2 * wanted, len(segment))
    return []
