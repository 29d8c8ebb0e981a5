"""From one embedding model to another: every passage embedded anew, while the old index answers.

The new vectors are put aside document by document, so that an interruption loses little and the
same call goes on from there; then all take the place of the old at once.
"""

from collections.abc import Callable, Sequence

from rag.indexing.batch_embedder import Indexer
from rag.indexing.pipeline import Progress
from rag.indexing.readers import Reading
from rag.models.base import Embedder
from vector_store.base import VectorSource, VectorStore
from vector_store.records import Document, EmbeddedParagraph


class _Aside:
    """Keeps documents' new vectors beside the old."""

    def __init__(self, store: VectorStore, source: VectorSource) -> None:
        self._store = store
        self._source = source

    def bind(self, source: VectorSource) -> None:
        """Take any model's vectors: the old ones stay where they are."""

    def replace(self, document: Document, paragraphs: Sequence[EmbeddedParagraph]) -> None:
        self._store.stage(self._source, document.path, paragraphs)


def switch(
    store: VectorStore, embedder: Embedder, progress: Callable[[Progress], None] | None = None
) -> int:
    """Give every passage of a store the vectors of another model; return how many documents.

    The caller holds the store's writer.
    """
    source = embedder.source
    done = store.staged(source)
    todo = [info for info in store.documents() if info.path not in done]
    at, name = 0, ""

    def tell(indexer: Indexer) -> None:
        if progress is not None:
            progress(Progress(at, len(todo), indexer.windows, name))

    with Indexer(_Aside(store, source), lambda: embedder, tell) as indexer:
        for at, info in enumerate(todo):  # noqa: B007 (`tell` reads it)
            name = info.name
            tell(indexer)
            contents = store.contents(info.path)
            paragraphs = tuple(passage.paragraph for passage in contents.passages)
            indexer.add(Reading(contents.document, paragraphs))
        indexer.flush()
    store.adopt(source)
    return len(todo) + len(done)
