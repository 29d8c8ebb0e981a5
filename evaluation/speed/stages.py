"""The steps of an answer, each by itself, as `Library.ask` takes them."""

import time

from evaluation.speed.timing import timed
from rag.answers import Answer
from rag.models.base import Embedder
from rag.query.query import AnalyzedQuestion, understand
from rag.query.scope import scope
from rag.query.syntax import plain
from rag.retrieval import answer_builder, candidates, ranking
from vector_store.base import VectorStore
from vector_store.indexes.threads import products_on_one_core

_SHOWN = 5


class Steps:
    """Answers questions from a store, and tells how long each step takes."""

    def __init__(self, store: VectorStore, embedder: Embedder) -> None:
        """Ask a store by an embedder."""
        self._store = store
        self._embedder = embedder

    def answer(self, question: str) -> Answer:
        """Return what `Library.ask` does."""
        everything = scope(self._store)
        understood = understand(question, self._embedder, self._store)
        hits = ranking.search(self._store, self._embedder, understood, _SHOWN, everything)
        return answer_builder.compose(plain(question), understood, hits, everything.searched)

    @products_on_one_core()
    def seconds(self, question: str) -> dict[str, float]:
        """Return the seconds of each step for a question.

        `retrieval` is all up to the first order of candidates: embed, dense, lexical, fuse.
        """
        store, embedder = self._store, self._embedder
        whole = timed(lambda: self.answer(question))  # before anything of it is known
        everything = scope(store)
        asked: list[AnalyzedQuestion] = []
        found: list[candidates.Candidates] = []
        retrieval = timed(lambda: asked.append(understand(question, embedder, store))) + timed(
            lambda: found.append(candidates.find(store, asked[0], _SHOWN))
        )
        [understood] = asked
        depth = candidates.CANDIDATES
        start = time.perf_counter()
        hits = ranking.search(store, embedder, understood, _SHOWN, everything)
        ranked = time.perf_counter() - start
        return {
            "embed": timed(lambda: embedder.embed_query(question)),
            "dense": timed(lambda: store.search_dense(understood.vector, depth)),
            "lexical": timed(lambda: store.search_lexical(understood.words, depth)),
            "retrieval": retrieval,
            "search, read and rank": ranked,
            "highlight": timed(
                lambda: answer_builder.compose(
                    plain(question), understood, hits, everything.searched
                )
            ),
            "whole": whole,
        }
