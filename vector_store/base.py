"""The seam between retrieval and storage: a store, views of it for reading, a writer to change it.

`LocalStore` keeps a library in a folder. `MemoryStore` keeps one in memory by the simplest means,
and is the reference that `LocalStore` is tested against. One contract test covers both.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vector_store.analysis.analyzer import Forms
from vector_store.errors import ForeignVectorsError
from vector_store.records import (
    Contents,
    Copy,
    Counts,
    DenseSearch,
    Document,
    DocumentInfo,
    EmbeddedParagraph,
    Feedback,
    Match,
    Passage,
    PassageInPlace,
    Sentences,
    UnreadFile,
)


@dataclass(frozen=True, slots=True)
class VectorSource:
    """The embedding model whose vectors a store holds; vectors of two models never mix."""

    model: str
    """How the person named it: what to load it by."""
    fingerprint: str
    """A digest of everything that decides its vectors."""
    dimensions: int
    unrelated: float
    """The model's mean similarity of a question and a passage about something else."""
    related: float
    """Its mean similarity of a question and a passage that answers."""
    runtime: str
    """What ran the model, and how exactly: it decides the last digits of a vector."""
    unrelated_foreign: float = 0.0
    """As `unrelated`, of a question and a passage in different languages."""
    related_foreign: float = 0.0

    def is_same_model(self, other: "VectorSource") -> bool:
        """Tell whether a question embedded by one can be asked of passages embedded by the other.

        So it is with two runtimes of one model, yet their passages are not mixed.
        """
        return (self.fingerprint, self.dimensions) == (other.fingerprint, other.dimensions)

    def refuse_others(self, other: "VectorSource") -> None:
        """Refuse vectors that do not go with this model's. Raises ForeignVectorsError."""
        if not self.is_same_model(other):
            raise ForeignVectorsError(
                f"The library was indexed with the model {self.model!r}, and {other.model!r} "
                f"gives other vectors. Leave out --model to go on with {self.model!r}, change to "
                f"the other with: quoth switch {other.model!r}; or index into another library "
                "with --library DIR."
            )
        if self.runtime != other.runtime:
            raise ForeignVectorsError(
                f"The library was indexed with {self.model!r} run by {self.runtime}, and here "
                f"{other.runtime} runs it, whose vectors differ in their last digits. It can be "
                "asked as it is; to add to it, index everything here into another library with "
                "--library DIR."
            )


class StoreView(Protocol):
    """One commit of a store. What it returns stays the same while the store is changed.

    Any method raises StoreDamagedError when the data it reads is damaged.
    """

    def source(self) -> VectorSource | None:
        """Return the model of the vectors; None before the first `StoreWriter.bind`."""

    def version(self) -> str:
        """Return a text that no other commit of this store has."""

    def counts(self) -> Counts:
        """Return the number of documents, passages, windows and unread files."""

    def documents(self) -> list[DocumentInfo]:
        """Return every document without its text, sorted by path."""

    def document(self, document_id: str) -> DocumentInfo:
        """Return a document without its text, by the id that citations use.

        That is `document_ids.document_id` of its own path, not of a copy's. Raises KeyError for an
        unknown id.
        """

    def contents(self, path: str) -> Contents:
        """Return a document with its passages in order, by its path or a copy's.

        Raises KeyError for an unknown path.
        """

    def passage_at(
        self, document_id: str, start: int, end: int, *, around: int = 0
    ) -> PassageInPlace:
        """Return the passage `[start, end)` of a document, and up to `around` on either side.

        Raises KeyError when no document has the id, or no passage the span.
        """

    def paragraph(self, document_id: str, number: int) -> Passage:
        """Return the passage of a document that has this number.

        Raises KeyError when no document has the id, or no passage the number.
        """

    def passages(self, ids: Iterable[int]) -> list[Passage]:
        """Return passages in the order of `ids`; unknown ids are left out."""

    def sentences(self, passage_ids: Iterable[int]) -> dict[int, Sentences]:
        """Return the sentences of passages with their vectors; unknown ids are left out."""

    def unread(self) -> list[UnreadFile]:
        """Return the files that could not be read, sorted by path."""

    def stamps(self) -> dict[str, str]:
        """Return the stamps of files when last read, by path; see `StoreWriter.note_stamps`."""

    def feedback(self) -> list[Feedback]:
        """Return every judgement, oldest first."""

    def calibration(self) -> str | None:
        """Return what `VectorStore.note_calibration` recorded last; None when there is nothing."""

    def altered(self) -> list[str]:
        """Return the paths of documents whose stored data is not what was stored.

        Raises StoreDamagedError when the damage is not confined to documents.
        """

    def search_dense(
        self,
        vector: NDArray[np.float32],
        limit: int,
        documents: Collection[int] | None = None,
    ) -> list[Match]:
        """Return the passages whose best window is nearest to `vector`, shape (dimensions,).

        The score is the inner product (the cosine, for vectors of length 1). Best first, ties
        by id; none from an empty store. With `documents`, their ids, only those are searched.
        """

    def dense_search(self) -> DenseSearch:
        """Return how `search_dense` works at this size."""

    def similarities(
        self, vector: NDArray[np.float32], passage_ids: Iterable[int]
    ) -> dict[int, float]:
        """Return the score that `search_dense` gives each passage; unknown ids are left out."""

    def search_lexical(
        self, words: Sequence[Forms], limit: int, documents: Collection[int] | None = None
    ) -> list[Match]:
        """Return the passages with the highest BM25 for `words`, best first, ties by id.

        Of a word's terms, the one that scores highest in a passage counts. With `documents`, their
        ids, only those are searched; a term's weight is still that in the whole store.
        """

    def idf(self, words: Sequence[Forms]) -> dict[Forms, float]:
        """Return each word's inverse document frequency: that of its most frequent term."""

    def holding(
        self, words: Sequence[Forms], documents: Collection[int] | None = None
    ) -> list[int]:
        """Return the ids of all passages that hold each of `words`, at least one, in any form.

        In the order of their documents' paths, then of their place. With `documents`, their ids,
        only those are searched.
        """

    def terms(self, prefix: str, limit: int) -> dict[str, int]:
        """Return up to `limit` terms that begin with `prefix`, the most frequent first.

        Ties go by term. Each comes with the number of passages that hold it, as `idf` knows it.
        """

    def edition(self) -> str:
        """Return a text that names what is stored: another once documents or vectors change.

        Judgements and notes of unread files do not change it.
        """


class StoreWriter(Protocol):
    """The right to change a store. Each change is committed on its own, whole or not at all.

    Any method raises StoreUnwritableError when the disk refuses.
    """

    def view(self) -> AbstractContextManager[StoreView]:
        """Open a view of what has been committed so far, by this writer included."""

    def bind(self, source: VectorSource) -> None:
        """Accept vectors of this model from now on.

        Raises ForeignVectorsError when the store holds vectors of another, or of another runtime.
        """

    def replace(self, document: Document, paragraphs: Sequence[EmbeddedParagraph]) -> None:
        """Store a document in place of the one under its path.

        `paragraphs` is iterated once, in order. Judgements of quotes that the new text does not
        contain are deleted.
        """

    def note_copies(self, copies: Iterable[tuple[Copy, str]]) -> None:
        """Record files with the same bytes as a document, each with a path of that document.

        Anything stored under a copy's path is deleted. Raises KeyError for an unknown document.
        """

    def note_stamps(self, stamps: Mapping[str, str]) -> None:
        """Record what files look like from outside, so that unchanged ones are not read again.

        `replace`, `note_copies` and `remove` delete a path's stamp.
        """

    def note_unread(self, files: Iterable[UnreadFile], *, readable: Iterable[str] = ()) -> None:
        """Record files that could not be read; delete the notes and stamps of readable ones.

        `replace` and `remove` delete a path's note as well.
        """

    def remove(self, documents: Iterable[str]) -> int:
        """Delete documents by path, and notes of unread files; return how many there were.

        A document that has copies stays, under the path of the first copy, with the judgements of
        its quotes. When the writer is closed, nothing that was removed or replaced is left in the
        store's files.
        """

    def staged(self, source: VectorSource) -> frozenset[str]:
        """Return the paths of documents that have staged vectors of this model.

        Staged vectors of any other model are deleted.
        """

    def stage(
        self, source: VectorSource, path: str, paragraphs: Sequence[EmbeddedParagraph]
    ) -> None:
        """Stage a document's vectors of another model until `adopt`; searches use the old ones.

        Raises KeyError for an unknown path.
        """

    def adopt(self, source: VectorSource) -> None:
        """Replace all vectors by the staged ones, at once.

        Raises ValueError when a passage has no staged vector of this model.
        """


class VectorStore(Protocol):
    """Stores passages; they are searched by vector and by term."""

    def view(self) -> AbstractContextManager[StoreView]:
        """Open a view of the newest commit. Close it soon: an open view keeps old data on disk."""

    def writer(self) -> AbstractContextManager[StoreWriter]:
        """Acquire the right to change the store.

        Raises StoreBusyError at once when it is taken, and StoreUnwritableError.
        """

    def note_feedback(self, feedback: Feedback) -> None:
        """Record a judgement of an answer; the writer's lock is not needed."""

    def forget_feedback(self, feedback: Feedback) -> None:
        """Delete every judgement that equals one; the writer's lock is not needed."""

    def note_calibration(self, encoded: str | None) -> None:
        """Record what was fitted on the judgements, as text that the store does not interpret.

        It takes the place of what was recorded before; None removes that. The writer's lock is
        not needed. Raises StoreUnwritableError.
        """

    def close(self) -> None:
        """Close files and free memory; the store cannot be used afterwards."""
