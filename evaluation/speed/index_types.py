"""Compare FAISS index types on the same vectors, re-scored with full vectors as in Quoth."""

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
"""Candidates that are re-scored."""
_DEPTH = 100
"""Neighbours that recall is measured to."""


@dataclass(frozen=True, slots=True)
class IndexType:
    """The cost and the recall of one type."""

    build_seconds: float
    mib: float
    """Of its codes alone, without the full vectors."""
    milliseconds: Spread
    """Per query, on one thread, re-scoring included."""
    recall_at_10: float
    recall_at_100: float


def compare(
    vectors: NDArray[np.float16], queries: Vectors, types: Mapping[str, Mapping[str, int]]
) -> dict[str, IndexType]:
    """Compare types, given by their factory strings and the parameters of their search.

    `vectors` has shape (n, dimensions), `queries` (q, dimensions), all of norm 1.
    """
    full = vectors.astype(np.float32)
    exact = faiss.IndexFlatIP(full.shape[1])
    exact.add(full)
    faiss.omp_set_num_threads(cores())
    truth, _ = exact.search(queries, _DEPTH)
    return {
        name: _measure(_build(name, full), parameters, full, queries, truth)
        for name, parameters in types.items()
    }


def _build(name: str, full: Vectors) -> tuple[faiss.Index, float]:
    faiss.omp_set_num_threads(cores())
    start = time.perf_counter()
    index = faiss.index_factory(full.shape[1], name, faiss.METRIC_INNER_PRODUCT)
    index.train(full[np.random.default_rng(0).permutation(len(full))[:100_000]])
    index.add(full)
    return index, time.perf_counter() - start


def _measure(
    built: tuple[faiss.Index, float],
    parameters: Mapping[str, int],
    full: Vectors,
    queries: Vectors,
    truth: Vectors,
) -> IndexType:
    index, build_seconds = built
    faiss.omp_set_num_threads(1)
    for name, value in parameters.items():
        faiss.ParameterSpace().set_index_parameter(index, name, value)
    query_seconds, top_scores = [], []
    for query in queries:
        start = time.perf_counter()
        _, [rows] = index.search(query[None], PICKED)
        rows = np.sort(rows[rows >= 0])
        scores = full[rows] @ query
        scores = -np.sort(-scores)[:_DEPTH]
        query_seconds.append(time.perf_counter() - start)
        top_scores.append(np.pad(scores, (0, _DEPTH - len(scores)), constant_values=-2.0))
    scores = np.stack(top_scores)
    # By score, so that of identical vectors either counts.
    recalls = [float((scores[:, :k] >= truth[:, k - 1 : k] - 1e-6).mean()) for k in (10, 100)]
    size = len(faiss.serialize_index(index)) / (1 << 20)
    return IndexType(
        round(build_seconds, 2),
        round(size, 1),
        spread(query_seconds),
        *(round(recall, 4) for recall in recalls),
    )
