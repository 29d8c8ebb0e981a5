"""A stretch of vectors, in the order of their passages' ids, searched by FAISS.

Every vector is held as 16-bit floats, memory-mapped once saved. A small segment is searched by
comparing all of them. A large one has codes besides, of 4 bits for two dimensions (product
quantisation, Jégou et al., 2011, laid out for a fast scan, André et al., "Quick ADC", 2017): a
scan of those picks rows a few times over, and their full vectors decide. It finds what an exact
search does, and is built in seconds; `python -m evaluation.speed indexes` compares other types.
"""

import json
import mmap
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from vector_store.indexes.threads import cores
from vector_store.records import Batch, Ids, Vectors

Mask = NDArray[np.bool_]
"""Which rows count."""

CODED_FROM = 50_000
"""Rows from which codes are scanned: below, an exact search takes less than some milliseconds."""
_WIDER = 2
"""How many times more rows than wanted the codes pick,"""
_LEAST = 400
"""and how many at least."""
_TRAINED_ON = 100_000
_CHUNK = 100_000
_SAMPLED = 100
_MOST_TOUCHED = 1_000
"""Rows, each with some 64 KiB around it, that a segment holds mapped at most."""
_FILES = ("passages.npy", "documents.npy", "vectors.faiss", "codes.faiss", "recall.json")


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Vectors that are never changed, so that a search needs no lock; see the module."""

    passages: Ids
    """The passage of each row, ascending; one with several windows has several rows."""
    documents: Ids
    vectors: faiss.IndexScalarQuantizer
    codes: faiss.Index | None
    recall: float
    """Share of the ten nearest rows, of stored vectors, that a search finds: 1 without codes."""
    stored: "_StoredRows | None" = None
    """Where single rows of a large segment are read."""

    @classmethod
    def build(
        cls, dimensions: int, batches: Iterable[Batch], *, coded_from: int = CODED_FROM
    ) -> "Segment":
        """Index batches, whose passage ids ascend."""
        vectors = faiss.IndexScalarQuantizer(
            dimensions, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        passages, documents = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for of_passages, of_documents, batch in batches:
            passages.append(of_passages)
            documents.append(of_documents)
            vectors.add(np.ascontiguousarray(batch, dtype=np.float32))
        exact = cls(np.concatenate(passages), np.concatenate(documents), vectors, None, 1.0)
        if len(exact) < coded_from or dimensions % 2:
            return exact
        return exact._coded()

    def _coded(self) -> "Segment":
        """Return the same with codes, and with what they cost in recall."""
        faiss.omp_set_num_threads(cores())
        dimensions, matrix = self.vectors.d, self._matrix()
        codes = faiss.index_factory(
            dimensions, f"PQ{dimensions // 2}x4fs", faiss.METRIC_INNER_PRODUCT
        )
        chance = np.random.default_rng(0)
        rows = np.sort(chance.permutation(len(self))[:_TRAINED_ON])
        codes.train(matrix[rows].astype(np.float32))
        for first in range(0, len(self), _CHUNK):
            codes.add(matrix[first : first + _CHUNK].astype(np.float32))
        coded = Segment(self.passages, self.documents, self.vectors, codes, 1.0)
        sample = matrix[np.sort(chance.permutation(len(self))[:_SAMPLED])].astype(np.float32)
        exact, _ = self.vectors.search(sample, 11)  # the first is the vector itself
        found = np.array([coded.nearest(one, 11)[1] for one in sample])
        # By score: of two rows that are alike, either is right.
        recall = float((found[:, 1:11] >= exact[:, 10:11] - 1e-4).mean())
        return Segment(self.passages, self.documents, self.vectors, codes, round(recall, 4))

    @classmethod
    def read(cls, folder: Path, dimensions: int) -> "Segment":
        """Map what `write` wrote into memory.

        Raises ValueError when the files do not hold vectors of this many dimensions.
        """
        passages, documents, vectors, codes, recall = (folder / name for name in _FILES)
        try:
            exact = _read_index(vectors)
            coded = _read_index(codes) if codes.exists() else None
        except RuntimeError as error:
            raise ValueError(f"FAISS cannot read the vectors in {folder.name}") from error
        found = cls(
            np.load(passages, mmap_mode="r"),
            np.load(documents, mmap_mode="r"),
            exact,
            coded,
            float(json.loads(recall.read_text())),
            _StoredRows(vectors, exact) if coded else None,
        )
        indexes = (exact,) if coded is None else (exact, coded)
        rows = {len(found.passages), len(found.documents), *(index.ntotal for index in indexes)}
        if len(rows) != 1 or not isinstance(exact, faiss.IndexScalarQuantizer):
            raise ValueError(f"{folder.name} does not hold one segment")
        if {index.d for index in indexes} != {dimensions}:
            raise ValueError(f"{folder.name} holds vectors of another model")
        ends = np.array([0, len(found) - 1])[: len(found)]
        if not np.array_equal(found._rows(ends), found._matrix()[ends]):
            raise ValueError(f"{folder.name} holds its vectors in another place")
        return found

    def write(self, folder: Path) -> None:
        """Write the segment into a new folder."""
        folder.mkdir()
        passages, documents, vectors, codes, recall = (folder / name for name in _FILES)
        np.save(passages, self.passages)
        np.save(documents, self.documents)
        faiss.write_index(self.vectors, str(vectors))
        if self.codes is not None:
            faiss.write_index(self.codes, str(codes))
        recall.write_text(json.dumps(self.recall))

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.passages)

    def rows_of(self, passages: Ids) -> Ids:
        """Return the rows of these passages, where they are here."""
        first = np.searchsorted(self.passages, passages, side="left")
        last = np.searchsorted(self.passages, passages, side="right")
        return np.concatenate([np.empty(0, np.int64), *map(np.arange, first, last)], dtype=np.int64)

    def scores(self, vector: NDArray[np.float32], rows: Ids) -> NDArray[np.float32]:
        """Return the inner product of a vector, shape (dimensions,), with each of these rows."""
        if not len(rows):
            return np.empty(0, np.float32)
        return self._rows(rows) @ vector

    def nearest(
        self, vector: NDArray[np.float32], wanted: int, allowed: Mask | None = None
    ) -> tuple[Ids, NDArray[np.float32]]:
        """Return up to `wanted` rows with the highest inner products, best first, and those.

        Only `allowed` rows are searched. Fewer than wanted come back only when there are no more.
        """
        faiss.omp_set_num_threads(1)  # a second thread makes one query slower
        query = np.ascontiguousarray(vector, dtype=np.float32).reshape(1, -1)
        share = 1.0 if allowed is None else float(allowed.mean())
        picked = max(wanted * _WIDER, _LEAST)
        if self.codes is None or share < 0.5 or picked >= len(self):
            return self.compare_all(query[0], wanted, allowed)
        _, [rows] = self.codes.search(query, int(picked / share))
        rows = np.sort(rows[rows >= 0])
        if allowed is not None:
            rows = rows[allowed[rows]]
            if len(rows) < picked // 2:  # what is not allowed lies nearest: the codes see only that
                return self.compare_all(query[0], wanted, allowed)
        scores = self.scores(query[0], rows)
        best = np.argsort(-scores, kind="stable")[:wanted]
        return rows[best], scores[best]

    def compare_all(
        self, vector: NDArray[np.float32], wanted: int, allowed: Mask | None = None
    ) -> tuple[Ids, NDArray[np.float32]]:
        """Return what `nearest` does, by comparing every row."""
        parameters = None
        if allowed is not None:
            bits = np.packbits(allowed, bitorder="little")
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))
        query = np.ascontiguousarray(vector, dtype=np.float32).reshape(1, -1)
        [scores], [rows] = self.vectors.search(query, wanted, params=parameters)
        found = rows >= 0
        return rows[found], scores[found]

    def _rows(self, rows: Ids) -> Vectors:
        if self.stored is not None:
            return self.stored.read(rows)
        return self._matrix()[rows].astype(np.float32)

    def _matrix(self) -> NDArray[np.float16]:
        """Return FAISS's own memory as an array of shape (rows, dimensions)."""
        held = self.vectors.codes
        if not held.size():
            return np.empty((0, self.vectors.d), np.float16)
        memory: NDArray[np.uint8] = faiss.rev_swig_ptr(held.data(), held.size())
        return memory.view("<f2").reshape(-1, self.vectors.d)


class _StoredRows:
    """Reads single rows of a saved index, which FAISS writes at the end of its file.

    A page of a mapped file that is touched counts as memory in use, and so do its neighbours; now
    and then they are given back.
    """

    def __init__(self, path: Path, index: faiss.IndexScalarQuantizer) -> None:
        """Map the file; what supersedes it does not touch what is mapped."""
        with path.open("rb") as file:
            self._mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        begin = len(self._mapped) - index.ntotal * index.code_size
        self._rows = np.frombuffer(self._mapped, "<f2", offset=begin).reshape(index.ntotal, -1)
        self._touched = 0

    def read(self, rows: Ids) -> Vectors:
        """Return vectors of shape (len(rows), dimensions)."""
        found = self._rows[rows].astype(np.float32)
        self._touched += len(rows)
        if self._touched > _MOST_TOUCHED and hasattr(self._mapped, "madvise"):
            self._mapped.madvise(mmap.MADV_DONTNEED)
            self._touched = 0
        return found


def _read_index(path: Path) -> faiss.Index:
    # A damaged header must not be able to ask for more memory than the file could fill.
    faiss.set_deserialization_vector_byte_limit(max(path.stat().st_size, 1 << 20))
    return faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
