"""Switching to another embedding model, while questions are answered by the old one.

New vectors are staged document by document, so that after an interruption the same call continues
from there. At the end all of them replace the old ones at once.
"""

from collections.abc import Callable, Sequence

from rag.indexing.batch_embedder import Indexer
from rag.indexing.pipeline import Progress
from rag.indexing.readers import Reading
from rag.models.base import Embedder
from vector_store.base import StoreWriter, VectorSource
from vector_store.records import Document, EmbeddedParagraph


class _StagedVectors:
    """Writes documents' new vectors beside the old ones."""

    def __init__(self, writer: StoreWriter, source: VectorSource) -> None:
        self._writer = writer
        self._source = source

    def bind(self, source: VectorSource) -> None:
        """Accept any model's vectors; the old ones are not replaced yet."""

    def replace(self, document: Document, paragraphs: Sequence[EmbeddedParagraph]) -> None:
        self._writer.stage(self._source, document.path, paragraphs)


def switch(
    writer: StoreWriter, embedder: Embedder, progress: Callable[[Progress], None] | None = None
) -> int:
    """Embed every passage of a store with another model; return the number of documents."""
    source = embedder.source
    done = writer.staged(source)
    with writer.view() as view:
        todo = [info for info in view.documents() if info.path not in done]
    at, name = 0, ""

    def tell(indexer: Indexer) -> None:
        if progress is not None:
            progress(Progress(at, len(todo), indexer.windows, name))

    with Indexer(_StagedVectors(writer, source), lambda: embedder, tell) as indexer:
        for at, info in enumerate(todo):  # noqa: B007 (`tell` reads it)
            name = info.name
            tell(indexer)
            with writer.view() as view:
                contents = view.contents(info.path)
            paragraphs = tuple(passage.paragraph for passage in contents.passages)
            indexer.add(Reading(contents.document, paragraphs))
        indexer.flush()
    writer.adopt(source)
    return len(todo) + len(done)
