"""Systems that rank a corpus for a question, by name, all with the same passages and model.

bm25      the lexical index alone
dense     the embedding model and exact search alone
rrf       both by reciprocal rank fusion (Cormack, Clarke and Buettcher, 2009; k = 60)
quoth     the ranking that users get
txtai     another program's hybrid search, if installed; see `peers`
haystack  the same of a third program
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
"""Takes a question and a depth; returns up to that many corpus ids, best first."""

_RRF_K = 60


def bm25(corpus: Corpus) -> Ranker:
    """Rank by BM25 over terms."""
    store = corpus.library.store

    def rank(text: str, depth: int) -> list[str]:
        with store.view() as view:
            words = analyzer.query_terms(text, languages_of(text, view)[1])
            return _ids(corpus, view, view.search_lexical(words, depth))

    return rank


def dense(corpus: Corpus) -> Ranker:
    """Rank by the cosine of embeddings."""
    store, embedder = corpus.library.store, corpus.library.embedder

    def rank(text: str, depth: int) -> list[str]:
        with store.view() as view:
            return _ids(corpus, view, view.search_dense(embedder.embed_query(text), depth))

    return rank


def rrf(corpus: Corpus) -> Ranker:
    """Rank by reciprocal rank fusion of `bm25` and `dense`."""
    rankers = (bm25(corpus), dense(corpus))
    return lambda text, depth: reciprocal_rank_fusion([rank(text, depth) for rank in rankers])[
        :depth
    ]


def quoth(corpus: Corpus) -> Ranker:
    """Rank as `Library.ask` does."""
    return lambda text, depth: [
        corpus.id_of(hit.passage) for hit in corpus.library.search(plain(text), k=depth)
    ]


def reciprocal_rank_fusion(rankings: Sequence[Sequence[str]]) -> list[str]:
    """Return all entries by the sum of 1 / (60 + rank); on a tie, the one met first."""
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, entry in enumerate(ranking, start=1):
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
    """Return the names of the systems that can run with a model and are installed."""
    own_systems = [name for name in SYSTEMS if name not in peers.PACKAGES]
    return own_systems + [
        name for name in peers.PACKAGES if model != "hashing" and peers.is_installed(name)
    ]
