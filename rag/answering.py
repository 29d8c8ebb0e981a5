"""From ranked passages to an answer: cited, highlighted, with a probability, or declined.

Nothing here writes a word: an answer is made of spans of documents.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.answers import (
    Answer,
    Citation,
    CitedPassage,
    Highlight,
    Hit,
    Searched,
    Why,
)
from rag.confidence import THRESHOLD, coverage, evidence, probability
from rag.embedders import Embedder
from rag.sentences import sentences
from vector_store import analysis
from vector_store.stores import VectorStore

_SENTENCE_COVERAGE = 0.5
"""Weight of held terms against the cosine when choosing the sentence that answers."""
_MOST_SENTENCES = 40
"""Of a very long passage only the sentences with the most of the question's terms are embedded."""


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
    passages = tuple(
        CitedPassage(
            text=hit.passage.text,
            score=round(score, 4),
            citation=_citation(number, hit),
            headings=hit.passage.paragraph.headings,
            highlights=_highlights(hit.passage.text, idf, vector, embedder),
            why=_why(hit),
        )
        for number, (hit, score) in enumerate(zip(hits, scores, strict=True), start=1)
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


def _highlights(
    text: str, idf: Mapping[str, float], vector: NDArray[np.float32], embedder: Embedder
) -> tuple[Highlight, ...]:
    start, end = _answer_sentence(text, idf, vector, embedder)
    terms = [
        Highlight(token.start, token.end, "term")
        for token in analysis.tokens(text)
        if token.term in idf
    ]
    return (Highlight(start, end, "answer"), *terms)


def _answer_sentence(
    text: str, idf: Mapping[str, float], vector: NDArray[np.float32], embedder: Embedder
) -> tuple[int, int]:
    """Return the span of the sentence that answers best, by meaning and by terms held."""
    spans = sentences(text) or [(0, len(text))]
    held = [coverage(idf, text[a:b]) for a, b in spans]
    tried = sorted(range(len(spans)), key=lambda i: -held[i])[:_MOST_SENTENCES]
    if len(tried) == 1:
        return spans[tried[0]]
    vectors = embedder.embed_documents([text[slice(*spans[i])] for i in tried])
    scores = {
        i: float(cosine) + _SENTENCE_COVERAGE * held[i]
        for i, cosine in zip(tried, vectors @ vector, strict=True)
    }
    return spans[max(sorted(scores), key=lambda i: scores[i])]
