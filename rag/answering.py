"""From ranked passages to an answer: cited, highlighted, with a probability, or declined.

Nothing here writes a word: an answer is made of spans of documents.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag import highlighting
from rag.answers import (
    Answer,
    Citation,
    CitedPassage,
    Hit,
    Searched,
    Why,
)
from rag.confidence import THRESHOLD, evidence, probability
from rag.embedders import Embedder
from vector_store import analysis
from vector_store.stores import VectorStore


def compose(
    store: VectorStore,
    embedder: Embedder,
    question: str,
    vector: NDArray[np.float32],
    hits: Sequence[Hit],
) -> Answer:
    """Return the answer made of `hits`; `vector` is the question's, shape (dimensions,)."""
    idf = store.idf(analysis.content_terms(question))
    searched = _searched(store)
    scores = [probability(evidence(hit, idf, embedder.source, searched.passages)) for hit in hits]
    confidence = max(scores, default=0.0)
    marks = highlighting.highlights([hit.passage.text for hit in hits], idf, vector, embedder)
    passages = tuple(
        CitedPassage(
            text=hit.passage.text,
            score=round(score, 4),
            citation=_citation(number, hit),
            headings=hit.passage.paragraph.headings,
            highlights=highlights,
            why=_why(hit),
        )
        for number, (hit, score, highlights) in enumerate(
            zip(hits, scores, marks, strict=True), start=1
        )
    )
    answered = confidence >= THRESHOLD
    return Answer(question, answered, round(confidence, 4), passages, searched)


def nothing_to_search(store: VectorStore, question: str) -> Answer:
    """Return the answer of a library that holds nothing yet."""
    return Answer(question, False, 0.0, (), _searched(store))


def _searched(store: VectorStore) -> Searched:
    counts = store.counts()
    return Searched(counts.documents, counts.passages, counts.unread)


def _citation(number: int, hit: Hit) -> Citation:
    document, paragraph = hit.passage.document, hit.passage.paragraph
    return Citation(
        number,
        document.name,
        document.title,
        paragraph.page,
        paragraph.number,
        paragraph.start,
        paragraph.end,
        document.sha256,
        document.path,
    )


def _why(hit: Hit) -> Why:
    dense, lexical = hit.dense, hit.lexical
    return Why(
        dense.rank if dense else None,
        round(hit.cosine, 4),
        lexical.rank if lexical else None,
        round(lexical.score, 4) if lexical else None,
    )
