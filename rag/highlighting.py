"""What is marked in a quote: the sentence that answers best, and the question's terms."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.answers import Highlight
from rag.confidence import coverage
from rag.embedders import Embedder
from rag.sentences import sentences
from rag.windows import Span
from vector_store import analysis

_COVERAGE_WEIGHT = 0.5
"""Of the share of terms held, against the cosine, when choosing the sentence that answers."""
_MOST_SENTENCES = 40
"""Of a very long passage only the sentences with the most of the question's terms are embedded."""


def highlights(
    texts: Sequence[str],
    idf: Mapping[str, float],
    vector: NDArray[np.float32],
    embedder: Embedder,
) -> list[tuple[Highlight, ...]]:
    """Return the highlights of each passage: its answer sentence first, then its terms.

    `idf` weighs the question's terms, and `vector`, shape (dimensions,), is the question's.
    """
    candidates = [_candidates(text, idf) for text in texts]
    # All sentences of all passages in one batch, not a batch for each.
    flat = [text[a:b] for text, spans in zip(texts, candidates, strict=True) for a, b in spans]
    cosines = embedder.embed_documents(flat) @ vector
    held = np.array([coverage(idf, sentence) for sentence in flat])
    scores = cosines + _COVERAGE_WEIGHT * held
    found = []
    first = 0
    for text, spans in zip(texts, candidates, strict=True):
        start, end = spans[int(np.argmax(scores[first : first + len(spans)]))]
        found.append((Highlight(start, end, "answer"), *_terms(text, idf)))
        first += len(spans)
    return found


def _candidates(text: str, idf: Mapping[str, float]) -> list[Span]:
    """Return the sentences that may answer, in order; the whole text when it has none."""
    spans = sentences(text) or [(0, len(text))]
    if len(spans) <= _MOST_SENTENCES:
        return spans
    best = sorted(spans, key=lambda span: -coverage(idf, text[slice(*span)]))
    return sorted(best[:_MOST_SENTENCES])


def _terms(text: str, idf: Mapping[str, float]) -> list[Highlight]:
    return [
        Highlight(token.start, token.end, "term")
        for token in analysis.tokens(text)
        if token.term in idf
    ]
