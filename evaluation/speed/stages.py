"""The stages of an answer, each with its time, as the retrieval pipeline records them."""

from evaluation.speed.timing import timed
from rag.library import Library
from rag.query.syntax import plain
from rag.retrieval.trace import recorded

_RETRIEVAL = ("analyse", "lexical", "dense", "fuse")
"""Up to the first order of candidates: embed, search, fuse."""
_RANKING = ("lexical", "dense", "fuse", "read", "features", "order", "rerank", "calibrate",
            "feedback")  # fmt: skip


def stage_seconds(library: Library, question: str) -> dict[str, float]:
    """Ask a question; return the seconds of each stage, and of the whole."""
    with recorded() as milliseconds:
        whole = timed(lambda: library.ask(plain(question)))

    def seconds(*stages: str) -> float:
        return sum(milliseconds[stage] for stage in stages) / 1000

    return {
        "embed": timed(lambda: library.embedder.embed_query(question)),
        "dense": seconds("dense"),
        "lexical": seconds("lexical"),
        "retrieval": seconds(*_RETRIEVAL),
        "search, read and rank": seconds(*_RANKING),
        "highlight": seconds("compose"),
        "whole": whole,
    }
