"""Embedding of documents in batches, as a pipeline.

While one batch is embedded, the next is read and chunked, and the one before is stored. A batch is
made of parts of documents: some paragraphs at a time of a long one.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from rag import deadlines
from rag.deadlines import Deadline, within
from rag.indexing.chunking import Cut, cut, in_its_language, put_together
from rag.indexing.paragraph_spool import SpooledParagraphs
from rag.indexing.readers import Reading
from rag.models.base import Embedder
from vector_store.base import VectorSource
from vector_store.records import Document, EmbeddedParagraph, Vectors

_BATCH_WINDOWS = 512
"""Windows embedded together: enough to sort by length, little to lose in an interruption."""
_PROGRESS_SECONDS = 0.2

_Embedded = tuple[Vectors, list[Vectors]]
"""The vectors of windows, and of the sentences in each."""


class DocumentSink(Protocol):
    """Where documents and their vectors are written; see `vector_store.base.StoreWriter`."""

    def bind(self, source: VectorSource) -> None:
        """Accept vectors of this model from now on."""

    def replace(self, document: Document, paragraphs: Sequence[EmbeddedParagraph]) -> None:
        """Store a document in place of the one with its path."""


@dataclass(slots=True, eq=False)
class _Document:
    """A document in the pipeline, with its paragraphs embedded so far."""

    document: Document
    embedded: SpooledParagraphs
    is_dropped: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    """Some paragraphs of a document, chunked; the last part completes it."""

    document: _Document
    cut: Cut
    is_last: bool


class Indexer:
    """Embeds documents in batches, and stores each in a transaction of its own.

    Use it in a `with` statement, and call `flush` after the last document; without it, documents
    not stored yet are dropped. At most two batches of a document
    are in memory, however long it is.
    """

    def __init__(
        self,
        store: DocumentSink,
        load: Callable[[], Embedder],
        tell: Callable[["Indexer"], None],
        cancelled: Callable[[str], bool] = lambda path: False,
    ) -> None:
        """Write documents to `store`; `load` returns the model once there is one to embed.

        `tell` is called to report progress. A document is dropped if `cancelled` returns True for
        its path before it is stored.
        """
        self._store = store
        self._load = load
        self._tell = tell
        self._cancelled = cancelled
        self._batch: list[_Part] = []
        self._embedding: tuple[list[_Part], Future[_Embedded]] | None = None
        self._open: set[_Document] = set()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="quoth-embedding")
        self._stopping = Deadline()
        self.kept: list[str] = []
        """Paths of the documents stored so far."""
        self.passages: int = 0
        """Passages of the documents stored so far."""
        self.windows: int = 0
        """Windows embedded so far."""
        self.is_preparing = False
        """Whether the model is being loaded, which may take a minute the first time."""

    @cached_property
    def _embedder(self) -> Embedder:
        self.is_preparing = True
        self._tell(self)
        embedder = self._load()
        self.is_preparing = False
        return embedder

    def add(self, reading: Reading) -> None:
        """Add a document. It is embedded together with those that follow."""
        reading = in_its_language(reading)
        document = _Document(reading.document, SpooledParagraphs(reading.paragraphs))
        self._open.add(document)
        for prepared, is_last in _with_last(cut(reading, self._embedder)):
            self._batch.append(_Part(document, prepared, is_last))
            if sum(len(part.cut.texts) for part in self._batch) >= _BATCH_WINDOWS:
                self._embed_batch()
            if document.is_dropped:
                return

    def flush(self) -> None:
        """Embed and store all documents added so far."""
        if self._batch:
            self._embed_batch()
        self._store_embedded()

    def __enter__(self) -> "Indexer":
        """Return the indexer itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Stop embedding, soon."""
        self._stopping.cancel()
        self._worker.shutdown(cancel_futures=True)
        for document in list(self._open):
            self._close(document)

    def _embed_batch(self) -> None:
        """Start embedding the current batch, and store the one before."""
        self._store.bind(self._embedder.source)
        batch = [part for part in self._batch if not self._is_dropped(part.document)]
        self._batch = []
        embedding = self._worker.submit(self._embed, [part.cut for part in batch])
        self._store_embedded()
        self._embedding = batch, embedding

    def _is_dropped(self, document: _Document) -> bool:
        """Return whether a document was cancelled; if so, release what was made of it."""
        if not document.is_dropped and self._cancelled(document.document.path):
            document.is_dropped = True
            self._close(document)
        return document.is_dropped

    def _store_embedded(self) -> None:
        if self._embedding is None:
            return
        batch, embedding = self._embedding
        self._embedding = None
        while not wait([embedding], timeout=_PROGRESS_SECONDS).done:
            self._tell(self)
        vectors, parts = embedding.result()
        first = 0
        for part in batch:
            last = first + len(part.cut.texts)
            if not self._is_dropped(part.document):
                part.document.embedded.extend(
                    put_together(part.cut, vectors[first:last], parts[first:last])
                )
                if part.is_last:
                    self._store_document(part.document)
            first = last
        self._tell(self)

    def _store_document(self, document: _Document) -> None:
        self._store.replace(document.document, document.embedded)
        self.kept.append(document.document.path)
        self.passages += len(document.embedded)
        self._close(document)

    def _close(self, document: _Document) -> None:
        document.embedded.close()
        self._open.discard(document)

    def _embed(self, batch: Sequence[Cut]) -> _Embedded:
        texts = [text for prepared in batch for text in prepared.texts]
        spans = [spans for prepared in batch for spans in prepared.spans()]
        vectors = np.empty((len(texts), self._embedder.source.dimensions), np.float32)
        parts: list[Vectors] = []
        with within(self._stopping):
            for first in range(0, len(texts), _BATCH_WINDOWS):
                deadlines.check()
                part = slice(first, first + _BATCH_WINDOWS)
                vectors[part], of_spans = self._embedder.embed_with_spans(texts[part], spans[part])
                parts.extend(of_spans)
                self.windows += len(of_spans)
        return vectors, parts


def _with_last(cuts: Iterator[Cut]) -> Iterator[tuple[Cut, bool]]:
    """Yield each with whether it is the last."""
    before = next(cuts)
    for following in cuts:
        yield before, False
        before = following
    yield before, True
