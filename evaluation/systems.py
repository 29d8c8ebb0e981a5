"""Ways to rank a corpus for a question, by name, all over the same passages and vectors.

bm25    the lexical index alone
dense   the embedding model and exact search alone
rrf     the two by reciprocal ranks (Cormack, Clarke and Buettcher, 2009; k = 60)
quoth   what users get
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from rag import ranking
from vector_store import analysis
from vector_store.records import Match
from vector_store.stores import VectorStore

System = Callable[[VectorStore, str, NDArray[np.float32], int], list[Match]]
"""Returns up to so many passages for a question and its vector, best first."""

_RRF_K = 60


def bm25(store: VectorStore, question: str, vector: NDArray[np.float32], depth: int) -> list[Match]:
    """Rank by terms."""
    return store.search_lexical(analysis.query_terms(question), depth)


def dense(
    store: VectorStore, question: str, vector: NDArray[np.float32], depth: int
) -> list[Match]:
    """Rank by cosine."""
    return store.search_dense(vector, depth)


def rrf(store: VectorStore, question: str, vector: NDArray[np.float32], depth: int) -> list[Match]:
    """Rank by the sum of 1 / (60 + rank) over both rankings."""
    rankings = (bm25(store, question, vector, depth), dense(store, question, vector, depth))
    return reciprocal_rank_fusion(rankings)[:depth]


def quoth(
    store: VectorStore, question: str, vector: NDArray[np.float32], depth: int
) -> list[Match]:
    """Rank as `Library.ask` does."""
    hits = ranking.search(store, vector, analysis.query_terms(question), depth)
    return [Match(hit.passage.id, hit.score) for hit in hits]


def reciprocal_rank_fusion(rankings: Sequence[Sequence[Match]]) -> list[Match]:
    """Return the passages of all rankings by the sum of 1 / (60 + rank), ties by id."""
    scores: dict[int, float] = {}
    for ranked in rankings:
        for rank, match in enumerate(ranked, start=1):
            scores[match.passage_id] = scores.get(match.passage_id, 0.0) + 1 / (_RRF_K + rank)
    fused = [Match(passage_id, score) for passage_id, score in scores.items()]
    return sorted(fused, key=lambda match: (-match.score, match.passage_id))


SYSTEMS: dict[str, System] = {"bm25": bm25, "dense": dense, "rrf": rrf, "quoth": quoth}
