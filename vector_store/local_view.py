"""One commit of a library in a folder: a read transaction, and the indexes of that commit."""

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cached_property
from typing import Concatenate, ParamSpec, TypeVar

import apsw
import numpy as np
from numpy.typing import NDArray

from vector_store.analysis.analyzer import Forms
from vector_store.base import VectorSource
from vector_store.indexes.current import Indexes
from vector_store.records import (
    Contents,
    Counts,
    DenseSearch,
    DocumentInfo,
    Feedback,
    Match,
    Passage,
    PassageInPlace,
    Sentences,
    UnreadFile,
)
from vector_store.sqlite import checksums, documents, file_paths, judgements, rows
from vector_store.sqlite.database import Database
from vector_store.sqlite.documents import select_in_order
from vector_store.sqlite.metadata import last_commit, select_calibration, select_edition

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")


class LocalView:
    """A `StoreView` over an open read transaction. Use it in one thread at a time."""

    def __init__(
        self,
        database: Database,
        connection: apsw.Connection,
        load_indexes: Callable[[], Indexes | None],
        count: Callable[[apsw.Connection], Counts],
    ) -> None:
        """Read through `connection`, in whose transaction all of this happens.

        `load_indexes` returns the indexes of the transaction's commit, None before any document;
        it is called at the first search.
        """
        self._database = database
        self._connection = connection
        self._load_indexes = load_indexes
        self._count = count

    @cached_property
    def _indexes(self) -> Indexes | None:
        with self._database.reported():
            return self._load_indexes()

    def _read(
        self,
        select: Callable[Concatenate[apsw.Connection, _Parameters], _Result],
        *arguments: _Parameters.args,
        **options: _Parameters.kwargs,
    ) -> _Result:
        with self._database.reported():
            return select(self._connection, *arguments, **options)

    def source(self) -> VectorSource | None:
        """Return the model of the vectors."""
        return self._read(rows.select_source)

    def version(self) -> str:
        """Return a text that no other commit has."""
        commit = self._read(last_commit)
        return f"{commit.number}-{commit.token}"

    def counts(self) -> Counts:
        """Return how much is stored."""
        return self._read(self._count)

    def documents(self) -> list[DocumentInfo]:
        """Return every document without its text, sorted by path."""
        return self._read(documents.select_documents)

    def document(self, document_id: str) -> DocumentInfo:
        """Return a document without its text, by its id. Raises KeyError for an unknown id."""
        return self._read(documents.select_info, document_id)

    def contents(self, path: str) -> Contents:
        """Return a document with its passages. Raises KeyError for an unknown path."""
        return self._read(documents.select_contents, path)

    def passage_at(
        self, document_id: str, start: int, end: int, *, around: int = 0
    ) -> PassageInPlace:
        """Return the passage of a span with its neighbours. Raises KeyError when there is none."""
        return self._read(documents.select_passage_at, document_id, start, end, around)

    def paragraph(self, document_id: str, number: int) -> Passage:
        """Return a document's passage by its number. Raises KeyError when there is none."""
        return self._read(documents.select_numbered, document_id, number)

    def passages(self, ids: Iterable[int]) -> list[Passage]:
        """Return passages in the order of `ids`; unknown ids are left out."""
        return self._read(documents.select_passages, ids)

    def sentences(self, passage_ids: Iterable[int]) -> dict[int, Sentences]:
        """Return the sentences of passages with their vectors; unknown ids are left out."""
        return self._read(rows.select_sentences, passage_ids)

    def unread(self) -> list[UnreadFile]:
        """Return the files that could not be read, sorted by path."""
        return self._read(rows.select_unread)

    def stamps(self) -> dict[str, str]:
        """Return the stamps of files when last read, by path."""
        return self._read(file_paths.select_stamps)

    def feedback(self) -> list[Feedback]:
        """Return every judgement, oldest first."""
        return self._read(judgements.select_feedback)

    def calibration(self) -> str | None:
        """Return what was fitted on the judgements; None when nothing was."""
        return self._read(select_calibration)

    def altered(self) -> list[str]:
        """Return the paths of documents whose stored data is not what was stored."""
        for read in (self.unread, self.feedback, self.stamps, self.source):
            read()  # these have no checksum, but must be readable
        return self._read(checksums.broken)

    def search_dense(
        self,
        vector: NDArray[np.float32],
        limit: int,
        documents: Collection[int] | None = None,
    ) -> list[Match]:
        """Return the passages nearest to `vector`, shape (dimensions,)."""
        return self._indexes.dense.search(vector, limit, documents) if self._indexes else []

    def dense_search(self) -> DenseSearch:
        """Return how vectors are searched."""
        return self._indexes.dense.described() if self._indexes else DenseSearch("exact", 1.0)

    def similarities(
        self, vector: NDArray[np.float32], passage_ids: Iterable[int]
    ) -> dict[int, float]:
        """Return the score that `search_dense` gives each passage."""
        return self._indexes.dense.similarities(vector, passage_ids) if self._indexes else {}

    def search_lexical(
        self, words: Sequence[Forms], limit: int, documents: Collection[int] | None = None
    ) -> list[Match]:
        """Return the passages with the highest BM25 for `words`."""
        return self._indexes.lexical.search(words, limit, documents) if self._indexes else []

    def holding(
        self, words: Sequence[Forms], documents: Collection[int] | None = None
    ) -> list[int]:
        """Return the ids of all passages that hold each word, by path and place."""
        ids = self._indexes.lexical.holding(words, documents) if self._indexes else []
        return self._read(select_in_order, ids) if ids else []

    def terms(self, prefix: str, limit: int) -> dict[str, int]:
        """Return the terms with a prefix, the most frequent first."""
        return self._indexes.lexical.terms(prefix, limit) if self._indexes else {}

    def edition(self) -> str:
        """Return a text that names what is stored."""
        source = self.source()
        return self._read(select_edition, source.fingerprint if source else "")

    def idf(self, words: Sequence[Forms]) -> dict[Forms, float]:
        """Return each word's inverse document frequency."""
        lexical = self._indexes.lexical if self._indexes else None
        return {forms: lexical.idf(forms) if lexical else 0.0 for forms in words}
