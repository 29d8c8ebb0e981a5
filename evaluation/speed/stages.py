"""The stages of an answer, each with its time, as the retrieval pipeline records them."""

from collections.abc import Callable

from evaluation.speed.timing import timed
from rag.answers import Answer
from rag.library import Library
from rag.query.syntax import plain
from rag.retrieval.trace import recorded

_RETRIEVAL = ("analyse", "lexical", "dense", "fuse")
"""Up to the first order of candidates: embed, search, fuse."""
_RANKING = ("lexical", "dense", "fuse", "read", "features", "order", "rerank", "calibrate",
            "feedback")  # fmt: skip


def stage_seconds(ask: Callable[[], Answer], embed: Callable[[], object]) -> dict[str, float]:
    """Ask a question; return the seconds of each stage, and of the whole.

    `embed` embeds the same question alone.
    """
    with recorded() as milliseconds:
        whole = timed(ask)

    def seconds(*stages: str) -> float:
        return sum(milliseconds[stage] for stage in stages) / 1000

    return {
        "embed": timed(embed),
        "dense": seconds("dense"),
        "lexical": seconds("lexical"),
        "retrieval": seconds(*_RETRIEVAL),
        "search, read and rank": seconds(*_RANKING),
        "highlight": seconds("compose"),
        "whole": whole,
    }


def stage_seconds_of(library: Library, question: str) -> dict[str, float]:
    """Return the seconds of each stage of a library's answer, and of the whole."""
    return stage_seconds(
        lambda: library.ask(plain(question)), lambda: library.embedder.embed_query(question)
    )
