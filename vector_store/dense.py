"""The dense index: exact search over the passages' vectors, by FAISS.

An index is immutable: `updated` returns another one that shares the memory-mapped base, so a
search needs no lock and never meets a half-made change (adding to a FAISS index while another
thread searches it crashes). FAISS ids are passage ids; a passage with several windows has
several vectors under the one id and scores by its best.

Vectors are held as 16-bit floats: half the memory, and they can be filtered and removed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from vector_store.records import Match, Vectors

Ids = NDArray[np.int64]


def _empty(dimensions: int) -> faiss.Index:
    flat = faiss.IndexScalarQuantizer(
        dimensions, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    )
    return faiss.IndexIDMap(flat)


@dataclass(frozen=True, slots=True, eq=False)
class DenseIndex:
    """Exact inner-product search; see the module."""

    dimensions: int
    base: faiss.Index
    """The bulk, read from a snapshot or built in one go; never changed."""
    base_removed: Ids
    """Passage ids in `base` that no longer count."""
    recent_ids: Ids
    recent_vectors: Vectors
    """What came since `base` was made, shape (n, dimensions)."""
    recent: faiss.Index

    @classmethod
    def build(cls, dimensions: int, batches: Iterable[tuple[Ids, Vectors]]) -> "DenseIndex":
        """Index batches of passage ids, shape (n,), and vectors, shape (n, dimensions)."""
        base = _empty(dimensions)
        for ids, vectors in batches:
            base.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), ids)
        return cls._over(dimensions, base)

    @classmethod
    def read(cls, path: Path, dimensions: int) -> "DenseIndex":
        """Map a snapshot's file into memory.

        Raises ValueError when the file does not hold vectors of this many dimensions.
        """
        # A damaged header must not be able to ask for more memory than the file could fill.
        faiss.set_deserialization_vector_byte_limit(max(path.stat().st_size, 1 << 20))
        try:
            base = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            raise ValueError(f"FAISS cannot read {path.name}") from error
        if base.d != dimensions or not isinstance(base, faiss.IndexIDMap):
            raise ValueError(f"{path.name} holds another kind of index")
        return cls._over(dimensions, base)

    @classmethod
    def _over(cls, dimensions: int, base: faiss.Index) -> "DenseIndex":
        none = np.empty(0, np.int64)
        no_vectors = np.empty((0, dimensions), np.float32)
        return cls(dimensions, base, none, none, no_vectors, _empty(dimensions))

    def write(self, path: Path) -> None:
        """Write the index to a file.

        Raises ValueError for an updated index: it is to be built anew before it is written.
        """
        if len(self.base_removed) or len(self.recent_ids):
            raise ValueError("an updated index is rebuilt before it is written")
        faiss.write_index(self.base, str(path))

    def updated(self, ids: Ids, vectors: Vectors, removed: Ids) -> "DenseIndex":
        """Return an index with `removed` passages gone and `vectors` added under `ids`."""
        kept = ~np.isin(self.recent_ids, removed)
        recent_ids = np.concatenate([self.recent_ids[kept], ids])
        recent_vectors = np.concatenate([self.recent_vectors[kept], vectors])
        recent = _empty(self.dimensions)
        recent.add_with_ids(np.ascontiguousarray(recent_vectors, np.float32), recent_ids)
        base_removed = np.union1d(self.base_removed, removed)
        return DenseIndex(
            self.dimensions, self.base, base_removed, recent_ids, recent_vectors, recent
        )

    def passage_ids(self) -> Ids:
        """Return the ids of every passage that a search can find, ascending."""
        base = np.setdiff1d(faiss.vector_to_array(self.base.id_map), self.base_removed)
        return np.union1d(base, self.recent_ids)

    def search(self, vector: NDArray[np.float32], limit: int) -> list[Match]:
        """Return the `limit` passages nearest to `vector`, shape (dimensions,), best first.

        Scores are inner products, the cosine for vectors of length 1; ties go by passage id.
        """
        best = self._best(vector, limit, None)
        ranked = sorted(best.items(), key=lambda item: (-item[1], item[0]))
        return [Match(passage_id, score) for passage_id, score in ranked[:limit]]

    def similarities(
        self, vector: NDArray[np.float32], passage_ids: Iterable[int]
    ) -> dict[int, float]:
        """Return the score that `search` gives each of these passages, where it is here."""
        wanted = np.unique(np.fromiter(passage_ids, np.int64))
        return self._best(vector, len(wanted), wanted) if len(wanted) else {}

    def _best(self, vector: NDArray[np.float32], limit: int, only: Ids | None) -> dict[int, float]:
        """Return each found passage's best score, searching `only` these ids unless None."""
        best: dict[int, float] = {}
        for index, removed in ((self.base, self.base_removed), (self.recent, None)):
            parameters = _selection(only, removed)
            for passage_id, score in _nearest(index, vector, limit, parameters):
                best[passage_id] = max(score, best.get(passage_id, -np.inf))
        return best


def _selection(only: Ids | None, removed: Ids | None) -> faiss.SearchParameters | None:
    """Return FAISS's way of searching `only` some ids, and none of the `removed`."""
    if only is not None:
        kept = only if removed is None else np.setdiff1d(only, removed)
        return faiss.SearchParameters(sel=faiss.IDSelectorBatch(kept))
    if removed is not None and len(removed):
        gone = faiss.IDSelectorBatch(removed)
        return faiss.SearchParameters(sel=faiss.IDSelectorNot(gone))
    return None


def _nearest(
    index: faiss.Index,
    vector: NDArray[np.float32],
    limit: int,
    parameters: faiss.SearchParameters | None,
) -> list[tuple[int, float]]:
    """Return windows, best first, until they belong to `limit` passages or none is left."""
    faiss.omp_set_num_threads(1)  # a second thread makes one query slower
    query = np.ascontiguousarray(vector, dtype=np.float32).reshape(1, -1)
    wanted = min(2 * limit, index.ntotal)
    while wanted:
        scores, ids = index.search(query, wanted, params=parameters)
        found = [(int(i), float(s)) for i, s in zip(ids[0], scores[0], strict=True) if i != -1]
        exhausted = wanted == index.ntotal or len(found) < wanted
        if exhausted or len({passage_id for passage_id, _ in found}) >= limit:
            return found
        wanted = min(2 * wanted, index.ntotal)
    return []
