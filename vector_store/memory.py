"""A store in memory, by the plainest means: every search looks at every passage.

For a corpus that is asked a few times and thrown away, and the reference that the contract test
holds `LocalStore` to. Nothing of it touches the disk.
"""

import contextlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from vector_store.analysis.analyzer import Forms
from vector_store.base import VectorSource
from vector_store.document_ids import document_id as id_of
from vector_store.embedded_passages import EmbeddedPassage, languages_of
from vector_store.errors import StoreBusyError
from vector_store.indexes.bm25_reference import PlainBM25, best
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
from vector_store.sqlite.judgements import settled


class MemoryStore:
    """A `VectorStore` that forgets everything when it is closed; see the module."""

    def __init__(self) -> None:
        """Make an empty store."""
        self._source: VectorSource | None = None
        self._documents: dict[str, tuple[DocumentInfo, Document]] = {}
        self._kept: dict[int, EmbeddedPassage] = {}
        self._unread: dict[str, UnreadFile] = {}
        self._stamps: dict[str, str] = {}
        self._feedback: list[Feedback] = []
        self._staged: tuple[VectorSource | None, dict[str, Sequence[EmbeddedParagraph]]]
        self._staged = None, {}
        self._next_document = self._next_passage = 1
        self._writing = False

    @contextlib.contextmanager
    def writer(self) -> Iterator[None]:
        """Hold the right to change the store."""
        if self._writing:
            raise StoreBusyError("This library is being changed already. Wait until that is done.")
        self._writing = True
        try:
            yield
        finally:
            self._writing = False

    def source(self) -> VectorSource | None:
        """Return the model the vectors come from."""
        return self._source

    def bind(self, source: VectorSource) -> None:
        """Take vectors of this model only."""
        known = self._source if self._source and self._kept else source
        known.refuse_others(source)
        self._source = known

    def replace(self, document: Document, paragraphs: Sequence[EmbeddedParagraph]) -> None:
        """Keep a document."""
        _, moved = self._take_out(document.path)
        info = DocumentInfo(
            self._next_document,
            document.path,
            document.name,
            document.title,
            document.sha256,
            len(paragraphs),
            document.reader,
            language=document.language,
        )
        self._next_document += 1
        # Readers in other threads go on with the dictionaries they have: none is changed in place.
        self._documents = {**self._documents, document.path: (info, document)}
        kept = {}
        for number, embedded in enumerate(paragraphs, start=self._next_passage):
            kept[number] = EmbeddedPassage.of(number, info, document.text, embedded)
        self._next_passage += len(kept)
        self._kept = {**self._kept, **kept}
        self._settle_quotes(document.path, moved)

    def note_copies(self, copies: Iterable[tuple[Copy, str]]) -> None:
        """Note where else documents lie."""
        for copy, original in copies:
            document_id = self._documents[self._own(original)][0].id
            if self._own(copy.path) == self._own(original):
                continue
            _, moved = self._take_out(copy.path)
            path = next(p for p, (info, _) in self._documents.items() if info.id == document_id)
            info = self._documents[path][0]
            known = sorted({*info.copies, copy}, key=lambda one: one.path)
            self._rename(path, replace(info, copies=tuple(known)))
            self._settle_quotes(copy.path, moved)

    def stamps(self) -> dict[str, str]:
        """Return what was noted of files' looks, by path."""
        return dict(self._stamps)

    def note_stamps(self, stamps: Mapping[str, str]) -> None:
        """Remember what files look like."""
        self._stamps = {**self._stamps, **stamps}

    def staged(self, source: VectorSource) -> frozenset[str]:
        """Return the paths of documents whose vectors by another model lie aside."""
        if self._staged[0] != source:
            self._staged = source, {}
        return frozenset(self._staged[1])

    def stage(
        self, source: VectorSource, path: str, paragraphs: Sequence[EmbeddedParagraph]
    ) -> None:
        """Put a document's vectors by another model aside."""
        self.contents(path)
        self._staged[1][path] = paragraphs

    def adopt(self, source: VectorSource) -> None:
        """Take what lies aside in place of all vectors there are."""
        of, staged = self._staged
        if of != source or set(staged) != set(self._documents):
            raise ValueError(f"some passages have no vector of {source.model} yet")
        new = {}
        for path, paragraphs in staged.items():
            for passage, embedded in zip(self.contents(path).passages, paragraphs, strict=True):
                new[passage.id] = self._kept[passage.id].embedded_anew(embedded)
        self._kept, self._source, self._staged = new, source, (None, {})

    def remove(self, documents: Iterable[str]) -> int:
        """Forget documents."""
        removed = 0
        for path in documents:
            known, moved = self._take_out(path)
            self._settle_quotes(path, moved)
            removed += known
        return removed

    def _take_out(self, path: str) -> tuple[bool, Copy | None]:
        """Forget a path but for judgements: whether a document was there, and is kept elsewhere."""
        was = self._documents.get(self._own(path))
        self._unread = {p: file for p, file in self._unread.items() if p != path}
        self._stamps = {p: stamp for p, stamp in self._stamps.items() if p != path}
        known = self._forget(path)
        left = (info for info, _ in self._documents.values() if was and info.id == was[0].id)
        return known, next((Copy(info.path, info.name) for info in left), None)

    def _settle_quotes(self, path: str, moved: Copy | None) -> None:
        """Forget what was said of quotes that stand neither there nor in the document moved."""
        here = self._documents.get(self._own(path))
        text = here[1].text if here else None
        left = (settled(said, path, text, moved) for said in self._feedback)
        self._feedback = [said for said in left if said is not None]

    def _own(self, path: str) -> str:
        """Return the path that a document is kept under, given that or a copy's."""
        for own, (info, _) in self._documents.items():
            if path in (copy.path for copy in info.copies):
                return own
        return path

    def _forget(self, path: str) -> bool:
        """Forget a path: a document's own, one of a copy, or none."""
        self._staged[1].pop(path, None)
        for own, (info, _) in self._documents.items():
            others = tuple(copy for copy in info.copies if copy.path != path)
            if others != info.copies:
                self._rename(own, replace(info, copies=others))
                return True
        if path not in self._documents:
            return False
        info = self._documents[path][0]
        if info.copies:
            first, rest = info.copies[0], info.copies[1:]
            self._rename(path, replace(info, path=first.path, name=first.name, copies=rest))
            return True
        self._documents = {p: d for p, d in self._documents.items() if p != path}
        self._kept = {i: k for i, k in self._kept.items() if k.passage.document.id != info.id}
        return True

    def _rename(self, path: str, info: DocumentInfo) -> None:
        """Put what is now known of a document in place of what was known of it under `path`."""
        document = replace(self._documents[path][1], path=info.path, name=info.name)
        others = {p: d for p, d in self._documents.items() if p != path}
        self._documents = {**others, info.path: (info, document)}
        self._kept = {
            i: replace(k, passage=replace(k.passage, document=info))
            if k.passage.document.id == info.id
            else k
            for i, k in self._kept.items()
        }

    def note_unread(self, files: Iterable[UnreadFile], *, readable: Iterable[str] = ()) -> None:
        """Remember files that could not be read."""
        forgotten = set(readable)
        kept = {p: file for p, file in self._unread.items() if p not in forgotten}
        self._stamps = {p: stamp for p, stamp in self._stamps.items() if p not in forgotten}
        self._unread = {**kept, **{file.path: file for file in files}}

    def note_feedback(self, feedback: Feedback) -> None:
        """Remember what a person said of an answer."""
        self._feedback = [*self._feedback, feedback]

    def feedback(self) -> list[Feedback]:
        """Return all that people said, in the order they said it."""
        return list(self._feedback)

    def documents(self) -> list[DocumentInfo]:
        """Return every document without its text, by path."""
        return [self._documents[path][0] for path in sorted(self._documents)]

    def document(self, document_id: str) -> DocumentInfo:
        """Return a document without its text, by its id. Raises KeyError when none has it."""
        for path, (info, _) in self._documents.items():
            if id_of(path) == document_id:
                return info
        raise KeyError(document_id)

    def passage_at(
        self, document_id: str, start: int, end: int, *, around: int = 0
    ) -> PassageInPlace:
        """Return the passage of a span with its neighbours. Raises KeyError when there is none."""
        passages = self.contents(self.document(document_id).path).passages
        for at, one in enumerate(passages):
            if (one.paragraph.start, one.paragraph.end) == (start, end):
                before, after = passages[max(0, at - around) : at], passages[at + 1 :][:around]
                return PassageInPlace(before, one, after)
        raise KeyError(start)

    def paragraph(self, document_id: str, number: int) -> Passage:
        """Return the passage of a number in a document. Raises KeyError when there is none."""
        for passage in self.contents(self.document(document_id).path).passages:
            if passage.paragraph.number == number:
                return passage
        raise KeyError(number)

    def contents(self, path: str) -> Contents:
        """Return a document with its passages. Raises KeyError when none has this path."""
        info, document = self._documents[self._own(path)]
        kept = (k.passage for k in self._kept.values() if k.passage.document == info)
        return Contents(document, tuple(kept))

    def passages(self, ids: Iterable[int]) -> list[Passage]:
        """Return passages in the order asked; ids no longer kept are left out."""
        now = self._kept
        return [now[i].passage for i in ids if i in now]

    def sentences(self, passage_ids: Iterable[int]) -> dict[int, Sentences]:
        """Return passages' sentences with their vectors; ids no longer kept are left out."""
        now = self._kept
        return {i: now[i].sentences for i in passage_ids if i in now}

    def unread(self) -> list[UnreadFile]:
        """Return the files that could not be read, by path."""
        return [self._unread[path] for path in sorted(self._unread)]

    def altered(self) -> list[str]:
        """Return nothing: memory is not lasting enough to be damaged."""
        return []

    def counts(self) -> Counts:
        """Return how much is kept."""
        windows = sum(len(kept.vectors) for kept in self._kept.values())
        languages = languages_of(info for info, _ in self._documents.values())
        return Counts(len(self._documents), len(self._kept), windows, len(self._unread), languages)

    def search_dense(
        self,
        vector: NDArray[np.float32],
        limit: int,
        documents: Collection[int] | None = None,
    ) -> list[Match]:
        """Return the passages nearest to `vector`, shape (dimensions,)."""
        return best(self.similarities(vector, self._of(documents)), limit)

    def search_dense_many(self, vectors: Vectors, limit: int) -> list[list[Match]]:
        """Return the passages nearest to each row."""
        return [self.search_dense(vector, limit) for vector in vectors]

    def dense_search(self) -> DenseSearch:
        """Return how vectors are searched."""
        return DenseSearch("exact", 1.0)

    def _of(self, documents: Collection[int] | None) -> dict[int, EmbeddedPassage]:
        """Return the passages of these documents, or all."""
        return {
            i: kept
            for i, kept in self._kept.items()
            if documents is None or kept.passage.document.id in documents
        }

    def similarities(
        self, vector: NDArray[np.float32], passage_ids: Iterable[int]
    ) -> dict[int, float]:
        """Return the score `search_dense` gives each passage."""
        now = self._kept
        kept = {i: now[i] for i in passage_ids if i in now}
        return {i: float((k.vectors @ vector).max()) for i, k in kept.items()}

    def search_lexical(
        self, words: Sequence[Forms], limit: int, documents: Collection[int] | None = None
    ) -> list[Match]:
        """Return the passages with the highest BM25."""
        texts = {i: kept.terms for i, kept in self._of(documents).items()}
        return best(
            PlainBM25([kept.terms for kept in self._kept.values()]).scores(texts, words), limit
        )

    def idf(self, words: Sequence[Forms]) -> dict[Forms, float]:
        """Return each word's inverse document frequency."""
        by = PlainBM25([kept.terms for kept in self._kept.values()])
        return {forms: by.idf(forms) for forms in words}

    def close(self) -> None:
        """Forget everything."""
        self._documents, self._kept, self._unread, self._feedback = {}, {}, {}, []
