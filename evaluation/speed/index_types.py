"""FAISS index types compared on the same vectors, each followed by full vectors as Quoth does."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import faiss
import numpy as np
from numpy.typing import NDArray

from evaluation.speed.timing import Spread, spread
from vector_store.indexes.threads import cores
from vector_store.records import Vectors

PICKED = 400
_KEPT = 100


@dataclass(frozen=True, slots=True)
class IndexType:
    """What one type costs and finds."""

    build_seconds: float
    mib: float
    """Of its codes alone; the full vectors are kept besides."""
    milliseconds: Spread
    """One thread, full vectors included."""
    recall_at_10: float
    recall_at_100: float


def compare(
    vectors: NDArray[np.float16], queries: Vectors, types: Mapping[str, Mapping[str, int]]
) -> dict[str, IndexType]:
    """Compare types, by their factory strings, with the parameters each is searched by.

    `vectors` has shape (n, dimensions), `queries` (q, dimensions), all of length 1.
    """
    full = vectors.astype(np.float32)
    exact = faiss.IndexFlatIP(full.shape[1])
    exact.add(full)
    faiss.omp_set_num_threads(cores())
    truth, _ = exact.search(queries, _KEPT)
    return {
        name: _measured(_built(name, full), parameters, full, queries, truth)
        for name, parameters in types.items()
    }


def _built(name: str, full: Vectors) -> tuple[faiss.Index, float]:
    faiss.omp_set_num_threads(cores())
    start = time.perf_counter()
    index = faiss.index_factory(full.shape[1], name, faiss.METRIC_INNER_PRODUCT)
    index.train(full[np.random.default_rng(0).permutation(len(full))[:100_000]])
    index.add(full)
    return index, time.perf_counter() - start


def _measured(
    built: tuple[faiss.Index, float],
    parameters: Mapping[str, int],
    full: Vectors,
    queries: Vectors,
    truth: Vectors,
) -> IndexType:
    index, seconds = built
    faiss.omp_set_num_threads(1)
    for name, value in parameters.items():
        faiss.ParameterSpace().set_index_parameter(index, name, value)
    took, found = [], []
    for query in queries:
        start = time.perf_counter()
        _, [rows] = index.search(query[None], PICKED)
        rows = np.sort(rows[rows >= 0])
        scores = full[rows] @ query
        scores = -np.sort(-scores)[:_KEPT]
        took.append(time.perf_counter() - start)
        found.append(np.pad(scores, (0, _KEPT - len(scores)), constant_values=-2.0))
    scores = np.stack(found)
    # By score: of rows that are alike, either is right.
    recalls = [float((scores[:, :k] >= truth[:, k - 1 : k] - 1e-6).mean()) for k in (10, 100)]
    size = len(faiss.serialize_index(index)) / (1 << 20)
    return IndexType(
        round(seconds, 2), round(size, 1), spread(took), *(round(one, 4) for one in recalls)
    )
