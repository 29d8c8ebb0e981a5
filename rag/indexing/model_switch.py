"""Switching to another embedding model, while questions are answered by the old one.

New vectors are staged document by document, so that after an interruption the same call continues
from there. At the end all of them replace the old ones at once.
"""

from collections.abc import Callable, Sequence

from rag.indexing.batch_embedder import Indexer
from rag.indexing.pipeline import Progress
from rag.indexing.readers import Reading
from rag.models.base import Embedder
from vector_store.base import VectorSource, VectorStore
from vector_store.records import Document, EmbeddedParagraph


class _StagedVectors:
    """Writes documents' new vectors beside the old ones."""

    def __init__(self, store: VectorStore, source: VectorSource) -> None:
        self._store = store
        self._source = source

    def bind(self, source: VectorSource) -> None:
        """Accept any model's vectors; the old ones are not replaced yet."""

    def replace(self, document: Document, paragraphs: Sequence[EmbeddedParagraph]) -> None:
        self._store.stage(self._source, document.path, paragraphs)


def switch(
    store: VectorStore, embedder: Embedder, progress: Callable[[Progress], None] | None = None
) -> int:
    """Embed every passage of a store by another model; return the number of documents.

    The caller holds the store's writer.
    """
    source = embedder.source
    done = store.staged(source)
    todo = [info for info in store.documents() if info.path not in done]
    at, name = 0, ""

    def tell(indexer: Indexer) -> None:
        if progress is not None:
            progress(Progress(at, len(todo), indexer.windows, name))

    with Indexer(_StagedVectors(store, source), lambda: embedder, tell) as indexer:
        for at, info in enumerate(todo):  # noqa: B007 (`tell` reads it)
            name = info.name
            tell(indexer)
            contents = store.contents(info.path)
            paragraphs = tuple(passage.paragraph for passage in contents.passages)
            indexer.add(Reading(contents.document, paragraphs))
        indexer.flush()
    store.adopt(source)
    return len(todo) + len(done)
