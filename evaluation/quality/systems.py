"""Ways to rank a corpus for a question, by name, all over the same passages and model.

bm25      the lexical index alone
dense     the embedding model and exact search alone
rrf       the two by reciprocal ranks (Cormack, Clarke and Buettcher, 2009; k = 60)
quoth     what users get
txtai     another program's hybrid search, where it is installed; see `peers`
haystack  another's, likewise
"""

from collections.abc import Callable, Iterable, Sequence

from evaluation.datasets.corpus import Corpus
from evaluation.quality import peers
from rag.query.query import languages_of
from rag.query.syntax import plain
from vector_store.analysis import analyzer
from vector_store.base import StoreView
from vector_store.records import Match

Ranker = Callable[[str, int], list[str]]
"""Returns up to so many corpus ids for a question, best first."""

_RRF_K = 60


def bm25(corpus: Corpus) -> Ranker:
    """Rank by terms."""
    store = corpus.library.store

    def rank(text: str, depth: int) -> list[str]:
        with store.view() as view:
            words = analyzer.query_terms(text, languages_of(text, view)[1])
            return _ids(corpus, view, view.search_lexical(words, depth))

    return rank


def dense(corpus: Corpus) -> Ranker:
    """Rank by cosine."""
    store, embedder = corpus.library.store, corpus.library.embedder

    def rank(text: str, depth: int) -> list[str]:
        with store.view() as view:
            return _ids(corpus, view, view.search_dense(embedder.embed_query(text), depth))

    return rank


def rrf(corpus: Corpus) -> Ranker:
    """Rank by the sum of 1 / (60 + rank) over both rankings."""
    by_terms, by_cosine = bm25(corpus), dense(corpus)
    return lambda text, depth: reciprocal_rank_fusion(
        (by_terms(text, depth), by_cosine(text, depth))
    )[:depth]


def quoth(corpus: Corpus) -> Ranker:
    """Rank as `Library.ask` does."""
    return lambda text, depth: [
        corpus.id_of(hit.passage) for hit in corpus.library.search(plain(text), k=depth)
    ]


def reciprocal_rank_fusion(rankings: Sequence[Sequence[str]]) -> list[str]:
    """Return the entries of all rankings by the sum of 1 / (60 + rank), ties by first seen."""
    scores: dict[str, float] = {}
    for ranked in rankings:
        for rank, entry in enumerate(ranked, start=1):
            scores[entry] = scores.get(entry, 0.0) + 1 / (_RRF_K + rank)
    return sorted(scores, key=lambda entry: -scores[entry])


def _ids(corpus: Corpus, view: StoreView, matches: Iterable[Match]) -> list[str]:
    passages = view.passages(match.passage_id for match in matches)
    return [corpus.id_of(passage) for passage in passages]


SYSTEMS: dict[str, Callable[[Corpus], Ranker]] = {
    "bm25": bm25,
    "dense": dense,
    "rrf": rrf,
    "quoth": quoth,
    "txtai": peers.txtai,
    "haystack": peers.haystack,
}


def runnable(model: str) -> list[str]:
    """Return the names of the systems that can run here with a model."""
    ours = [name for name in SYSTEMS if name not in peers.PACKAGES]
    return ours + [
        name for name in peers.PACKAGES if model != "hashing" and peers.is_installed(name)
    ]
