"""The passages of a store for a search, as of one moment: asked again while it changes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag import deadlines
from rag.answers import Hit
from rag.models.base import Embedder
from rag.query.query import AnalyzedQuestion, readable, understand
from rag.query.scope import Scope, scope
from rag.query.syntax import Search
from rag.retrieval import phrase_filter
from vector_store.base import VectorStore
from vector_store.indexes.threads import products_on_one_core

_TRIES = 5


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What a search brought."""

    question: AnalyzedQuestion | None
    """How its words were understood; None when there was nothing to ask."""
    hits: list[Hit]
    """The best first."""
    asked_of: Scope


@products_on_one_core()
def retrieve(
    store: VectorStore,
    embedder_now: Callable[[], Embedder],
    search: Search,
    limit: int,
    where: str | Sequence[str],
) -> Retrieved:
    """Return the `limit` best passages of the documents that `where` and the search name.

    `embedder_now` returns the model that the store's vectors come from, or are to come from.
    Raises QuestionError, DeadlineExceededError, CancelledWorkError, ForeignVectorsError or
    ModelError.
    """
    deadlines.check()
    asked_of = scope(store, where, search.filters)
    if not store.counts().windows:
        return Retrieved(None, [], asked_of)
    source, wanted = store.source(), embedder_now().source
    if source is not None and not source.is_same_model(wanted):
        source.refuse_others(wanted)
    for _ in range(_TRIES):
        deadlines.check()
        embedder = embedder_now()
        question = understand(readable(search.wording, embedder), embedder, store)
        hits = phrase_filter.ranked(store, embedder, search, question, limit, asked_of)
        now = scope(store, where, search.filters) if asked_of.documents else asked_of
        if now == asked_of and _is_of(store, embedder):
            break
        asked_of = now  # a document replaced meanwhile has another id
    return Retrieved(question, hits, asked_of)


def _is_of(store: VectorStore, embedder: Embedder) -> bool:
    """Tell whether a store's vectors are still this embedder's."""
    source = store.source()
    return source is None or source.is_same_model(embedder.source)
