"""One state of a store in memory; every search reads every passage."""

import hashlib
import secrets
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from vector_store.analysis import analyzer
from vector_store.analysis.analyzer import Forms
from vector_store.base import VectorSource
from vector_store.document_ids import document_id as id_of
from vector_store.indexes.bm25_reference import PlainBM25, best
from vector_store.records import (
    Contents,
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


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddedPassage:
    """A passage and all that it is searched by."""

    passage: Passage
    vectors: Vectors
    sentences: Sentences
    terms: Counter[str]

    @classmethod
    def of(
        cls, passage_id: int, info: DocumentInfo, text: str, embedded: EmbeddedParagraph
    ) -> "EmbeddedPassage":
        """Return a paragraph of a document, whose whole text is `text`, as it is kept."""
        paragraph = embedded.paragraph
        passage = Passage(passage_id, info, paragraph, text[paragraph.start : paragraph.end])
        searched = analyzer.searchable(passage.context, passage.text)
        terms = Counter(analyzer.terms(searched, analyzer.spoken(info.language)))
        return cls(passage, _halves(embedded.vectors), _sentences(embedded), terms)

    def embedded_anew(self, embedded: EmbeddedParagraph) -> "EmbeddedPassage":
        """Return the same passage with the vectors of another model."""
        return replace(self, vectors=_halves(embedded.vectors), sentences=_sentences(embedded))


def languages_of(documents: Iterable[DocumentInfo]) -> tuple[str, ...]:
    """Return the known languages of documents, that of most passages first."""
    spoken: Counter[str] = Counter()
    for info in documents:
        spoken[info.language] += info.passages
    return tuple(sorted(filter(None, spoken), key=lambda one: (-spoken[one], one)))


def _sentences(embedded: EmbeddedParagraph) -> Sentences:
    return Sentences(embedded.sentences.spans, _halves(embedded.sentences.vectors))


def _halves(vectors: Vectors) -> Vectors:
    """Return vectors with the precision that `LocalStore` keeps."""
    return vectors.astype(np.float16).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class MemoryView:
    """A `StoreView` over mappings that are never changed in place."""

    vector_source: VectorSource | None = None
    by_path: Mapping[str, tuple[DocumentInfo, Document]] = field(default_factory=dict)
    """Documents, by their own path."""
    by_id: Mapping[int, EmbeddedPassage] = field(default_factory=dict)
    """Passages, by their id, in the order of ids."""
    unread_files: Mapping[str, UnreadFile] = field(default_factory=dict)
    file_stamps: Mapping[str, str] = field(default_factory=dict)
    judgements: tuple[Feedback, ...] = ()
    calibrated: str | None = None
    token: str = field(default_factory=lambda: secrets.token_hex(8), init=False)
    """Made anew for every state."""

    def source(self) -> VectorSource | None:
        """Return the model of the vectors."""
        return self.vector_source

    def version(self) -> str:
        """Return a text that no other state has."""
        return self.token

    def counts(self) -> Counts:
        """Return how much is stored."""
        windows = sum(len(passage.vectors) for passage in self.by_id.values())
        languages = languages_of(info for info, _ in self.by_path.values())
        return Counts(
            len(self.by_path), len(self.by_id), windows, len(self.unread_files), languages
        )

    def documents(self) -> list[DocumentInfo]:
        """Return every document without its text, sorted by path."""
        return [self.by_path[path][0] for path in sorted(self.by_path)]

    def document(self, document_id: str) -> DocumentInfo:
        """Return a document without its text, by its id. Raises KeyError for an unknown id."""
        for path, (info, _) in self.by_path.items():
            if id_of(path) == document_id:
                return info
        raise KeyError(document_id)

    def contents(self, path: str) -> Contents:
        """Return a document with its passages. Raises KeyError for an unknown path."""
        info, document = self.by_path[self.own_path(path)]
        passages = (embedded.passage for embedded in self.by_id.values())
        return Contents(document, tuple(p for p in passages if p.document == info))

    def own_path(self, path: str) -> str:
        """Return the path that a document is stored under, given that or a copy's."""
        for own, (info, _) in self.by_path.items():
            if path in (copy.path for copy in info.copies):
                return own
        return path

    def passage_at(
        self, document_id: str, start: int, end: int, *, around: int = 0
    ) -> PassageInPlace:
        """Return the passage of a span with its neighbours. Raises KeyError when there is none."""
        passages = self.contents(self.document(document_id).path).passages
        for at, passage in enumerate(passages):
            if (passage.paragraph.start, passage.paragraph.end) == (start, end):
                before, after = passages[max(0, at - around) : at], passages[at + 1 :][:around]
                return PassageInPlace(before, passage, after)
        raise KeyError(start)

    def paragraph(self, document_id: str, number: int) -> Passage:
        """Return a document's passage by its number. Raises KeyError when there is none."""
        for passage in self.contents(self.document(document_id).path).passages:
            if passage.paragraph.number == number:
                return passage
        raise KeyError(number)

    def passages(self, ids: Iterable[int]) -> list[Passage]:
        """Return passages in the order of `ids`; unknown ids are left out."""
        return [self.by_id[i].passage for i in ids if i in self.by_id]

    def sentences(self, passage_ids: Iterable[int]) -> dict[int, Sentences]:
        """Return the sentences of passages with their vectors; unknown ids are left out."""
        return {i: self.by_id[i].sentences for i in passage_ids if i in self.by_id}

    def unread(self) -> list[UnreadFile]:
        """Return the files that could not be read, sorted by path."""
        return [self.unread_files[path] for path in sorted(self.unread_files)]

    def stamps(self) -> dict[str, str]:
        """Return the stamps of files when last read, by path."""
        return dict(self.file_stamps)

    def feedback(self) -> list[Feedback]:
        """Return every judgement, oldest first."""
        return list(self.judgements)

    def calibration(self) -> str | None:
        """Return what was fitted on the judgements; None when nothing was."""
        return self.calibrated

    def altered(self) -> list[str]:
        """Return nothing: data in memory does not outlive the process, so it is not checked."""
        return []

    def search_dense(
        self,
        vector: NDArray[np.float32],
        limit: int,
        documents: Collection[int] | None = None,
    ) -> list[Match]:
        """Return the passages nearest to `vector`, shape (dimensions,)."""
        return best(self.similarities(vector, self._within(documents)), limit)

    def dense_search(self) -> DenseSearch:
        """Return how vectors are searched."""
        return DenseSearch("exact", 1.0)

    def _within(self, documents: Collection[int] | None) -> dict[int, EmbeddedPassage]:
        """Return the passages of these documents, or all."""
        return {
            i: embedded
            for i, embedded in self.by_id.items()
            if documents is None or embedded.passage.document.id in documents
        }

    def similarities(
        self, vector: NDArray[np.float32], passage_ids: Iterable[int]
    ) -> dict[int, float]:
        """Return the score that `search_dense` gives each passage."""
        known = (i for i in passage_ids if i in self.by_id)
        return {i: float((self.by_id[i].vectors @ vector).max()) for i in known}

    def search_lexical(
        self, words: Sequence[Forms], limit: int, documents: Collection[int] | None = None
    ) -> list[Match]:
        """Return the passages with the highest BM25."""
        texts = {i: embedded.terms for i, embedded in self._within(documents).items()}
        return best(self._bm25().scores(texts, words), limit)

    def idf(self, words: Sequence[Forms]) -> dict[Forms, float]:
        """Return each word's inverse document frequency."""
        bm25 = self._bm25()
        return {forms: bm25.idf(forms) for forms in words}

    def holding(
        self, words: Sequence[Forms], documents: Collection[int] | None = None
    ) -> list[int]:
        """Return the ids of all passages that hold each word, by path and place."""
        passages = [
            embedded.passage
            for embedded in self._within(documents).values()
            if all(any(term in embedded.terms for term in forms) for forms in words)
        ]
        passages.sort(
            key=lambda passage: (
                passage.document.path.encode("utf-8", "surrogatepass"),
                passage.paragraph.number,
            )
        )
        return [passage.id for passage in passages]

    def terms(self, prefix: str, limit: int) -> dict[str, int]:
        """Return the terms with a prefix, the most frequent first."""
        counts = Counter(term for embedded in self.by_id.values() for term in embedded.terms)
        ordered = sorted((-n, term) for term, n in counts.items() if term.startswith(prefix))
        return {term: -n for n, term in ordered[:limit]}

    def edition(self) -> str:
        """Return a text that names what is stored."""
        source = self.vector_source.fingerprint if self.vector_source else ""
        held = sorted((info.id, path, len(info.copies)) for path, (info, _) in self.by_path.items())
        return hashlib.sha256(repr((source, held)).encode("utf-8", "replace")).hexdigest()[:16]

    def _bm25(self) -> PlainBM25:
        return PlainBM25([embedded.terms for embedded in self.by_id.values()])
