"""Passages with their vectors and terms, as the store in memory keeps them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from vector_store.analysis import analyzer
from vector_store.records import (
    DocumentInfo,
    EmbeddedParagraph,
    Passage,
    Sentences,
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
        searched = analyzer.searchable(paragraph.headings, passage.text)
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
