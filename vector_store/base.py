"""What every store of passages can do: the seam between retrieval and where passages are kept.

`LocalStore` keeps a library in a folder; `MemoryStore` keeps one in memory, by the plainest
means, and is what the other is tested against. One contract test holds for both.
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
    Vectors,
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


class VectorStore(Protocol):
    """Passages kept, searched by vector and by term, and given back."""

    def writer(self) -> AbstractContextManager[None]:
        """Hold the right to change the store.

        Raises StoreBusyError at once when another holds it. `replace`, `remove` and
        `note_unread` are called within it, and what they change is committed one by one.
        """

    def source(self) -> VectorSource | None:
        """Return the model the store takes vectors of; None before the first `bind`."""

    def bind(self, source: VectorSource) -> None:
        """Take vectors of this model from now on.

        Raises ForeignVectorsError when the store holds vectors of another, or of another runtime.
        """

    def replace(self, document: Document, paragraphs: Sequence[EmbeddedParagraph]) -> None:
        """Keep a document in place of what was kept under its path, all of it or nothing.

        `paragraphs` is gone through once, in order. What was said of a quote that does not stand
        there any more is forgotten.
        """

    def note_copies(self, copies: Iterable[tuple[Copy, str]]) -> None:
        """Note files with the same bytes as a document's, each with a path of that document.

        What was kept under a copy's path is forgotten. Raises KeyError for an unknown document.
        """

    def stamps(self) -> dict[str, str]:
        """Return what files looked like when last read, by path; see `note_stamps`."""

    def note_stamps(self, stamps: Mapping[str, str]) -> None:
        """Remember what files look like from outside, so that unchanged ones need no reading.

        `replace`, `note_copies` and `remove` forget a path's stamp.
        """

    def staged(self, source: VectorSource) -> frozenset[str]:
        """Return the paths of documents whose vectors by another model lie aside.

        What lies aside of any other model than this is forgotten.
        """

    def stage(
        self, source: VectorSource, path: str, paragraphs: Sequence[EmbeddedParagraph]
    ) -> None:
        """Put a document's vectors by another model aside, until `adopt`.

        Searches go on with the old ones. Raises KeyError when none has the path.
        """

    def adopt(self, source: VectorSource) -> None:
        """Take what lies aside in place of all vectors there are, at once.

        Raises ValueError when a passage has no vector of this model aside.
        """

    def remove(self, documents: Iterable[str]) -> int:
        """Forget documents by path, and files noted as unread; return how many there were.

        A document that has copies goes on under the path of the first, and what was said of its
        quotes with it; else that is forgotten, too. When the writer lets go, nothing of what was
        removed or replaced is to be found where the store is kept.
        """

    def note_unread(self, files: Iterable[UnreadFile], *, readable: Iterable[str] = ()) -> None:
        """Remember files that could not be read, and forget notes and stamps of readable ones.

        `replace` and `remove` forget a path's note as well.
        """

    def note_feedback(self, feedback: Feedback) -> None:
        """Remember what a person said of an answer; no writer's lock is needed."""

    def feedback(self) -> list[Feedback]:
        """Return all that people said, in the order they said it."""

    def documents(self) -> list[DocumentInfo]:
        """Return every document without its text, by path."""

    def document(self, document_id: str) -> DocumentInfo:
        """Return a document without its text, by the id that citations name it by.

        That is `document_ids.document_id` of its own path, not of a copy's. Raises KeyError when
        none has it.
        """

    def contents(self, path: str) -> Contents:
        """Return a document with its passages, in order, by its path or a copy's.

        Raises KeyError when none has the path.
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
        """Return passages in the order asked; ids no longer kept are left out."""

    def sentences(self, passage_ids: Iterable[int]) -> dict[int, Sentences]:
        """Return passages' sentences with their vectors; ids no longer kept are left out."""

    def unread(self) -> list[UnreadFile]:
        """Return the files that could not be read, by path."""

    def altered(self) -> list[str]:
        """Return the paths of documents of which something is not as it was kept.

        Raises StoreDamagedError when what is damaged is not a document's only.
        """

    def counts(self) -> Counts:
        """Return how much is kept."""

    def search_dense(
        self,
        vector: NDArray[np.float32],
        limit: int,
        documents: Collection[int] | None = None,
    ) -> list[Match]:
        """Return the passages whose best window is nearest to `vector`, shape (dimensions,).

        The score is the inner product (the cosine, for vectors of length 1). Best first, ties
        by id; nothing when the store is empty. With `documents`, by their ids, only those are
        searched.
        """

    def search_dense_many(self, vectors: Vectors, limit: int) -> list[list[Match]]:
        """Return what `search_dense` does for each row of `vectors`, on every core."""

    def dense_search(self) -> DenseSearch:
        """Return how `search_dense` works at this size."""

    def similarities(
        self, vector: NDArray[np.float32], passage_ids: Iterable[int]
    ) -> dict[int, float]:
        """Return the score `search_dense` gives each passage; ids no longer kept are left out."""

    def search_lexical(
        self, words: Sequence[Forms], limit: int, documents: Collection[int] | None = None
    ) -> list[Match]:
        """Return the passages with the highest BM25 for `words`, best first, ties by id.

        Of a word's terms the one that scores highest in a passage counts. With `documents`, by
        their ids, only those are searched; a term weighs what it does in all.
        """

    def idf(self, words: Sequence[Forms]) -> dict[Forms, float]:
        """Return each word's inverse document frequency: the rarer, the higher.

        It is that of its commonest term.
        """

    def close(self) -> None:
        """Let go of files and memory; the store cannot be used after it."""
