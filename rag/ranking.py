"""One ranking from two searches: dense and lexical scores brought together.

Each search's scores are stretched to 0..1 over its candidates for this question (min-max) and
summed with fixed weights; a passage without any of the question's terms gets 0 for them. It is
Fox and Shaw's CombSUM ("Combination of Multiple Searches", 1994) with weights.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.answers import Hit, Ranked
from vector_store.records import Match
from vector_store.stores import VectorStore

DENSE_WEIGHT = 0.6
CANDIDATES = 100
"""How many passages each search contributes at least."""
_TRIES = 5
"""A document replaced between search and fetch has new passages: then the search is made again."""


def search(
    store: VectorStore, vector: NDArray[np.float32], terms: Sequence[str], limit: int
) -> list[Hit]:
    """Return the `limit` best passages for a question's vector and terms, best first.

    Ties go by passage id, so that the same question always gets the same order.
    """
    for _ in range(_TRIES):
        hits, complete = _search_once(store, vector, terms, limit)
        if complete:
            break
    return hits


def _search_once(
    store: VectorStore, vector: NDArray[np.float32], terms: Sequence[str], limit: int
) -> tuple[list[Hit], bool]:
    """Search, and tell whether every passage found was still there when it was fetched."""
    depth = max(CANDIDATES, limit)
    dense = store.search_dense(vector, depth)
    lexical = store.search_lexical(terms, depth)
    cosines = store.similarities(vector, {match.passage_id for match in (*dense, *lexical)})
    fused = fuse(cosines, {m.passage_id: m.score for m in lexical if m.passage_id in cosines})
    order = sorted(fused, key=lambda passage_id: (-fused[passage_id], passage_id))[:limit]
    dense_ranks, lexical_ranks = _ranked(dense), _ranked(lexical)
    hits = [
        Hit(
            passage,
            fused[passage.id],
            cosines[passage.id],
            dense_ranks.get(passage.id),
            lexical_ranks.get(passage.id),
        )
        for passage in store.passages(order)
    ]
    known = all(match.passage_id in cosines for match in (*dense, *lexical))
    return hits, known and len(hits) == len(order)


def fuse(dense: Mapping[int, float], lexical: Mapping[int, float]) -> dict[int, float]:
    """Return the fused score, 0 to 1, of every passage that has a score of either kind."""
    fused: dict[int, float] = {}
    for scores, weight in ((dense, DENSE_WEIGHT), (lexical, 1 - DENSE_WEIGHT)):
        lowest, highest = min(scores.values(), default=0.0), max(scores.values(), default=0.0)
        for passage_id, score in scores.items():
            share = (score - lowest) / (highest - lowest) if highest > lowest else 1.0
            fused[passage_id] = fused.get(passage_id, 0.0) + weight * share
    return fused


def _ranked(matches: Sequence[Match]) -> dict[int, Ranked]:
    return {match.passage_id: Ranked(i, match.score) for i, match in enumerate(matches, start=1)}
