"""What is marked in a quote: the sentence that answers best, and the question's terms."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from rag.answers import Highlight
from rag.evidence import SentenceEvidence
from rag.weights import HIGHLIGHT
from rag.windows import Span
from vector_store import analysis


def highlight_features(sentences: SentenceEvidence) -> NDArray[np.float64]:
    """Return what the choice is made of, shape (sentences, 3), in the order of HIGHLIGHT."""
    return np.column_stack([sentences.closeness, sentences.support, sentences.answer_type])


def answer_sentence(sentences: SentenceEvidence) -> Span:
    """Return the span of the sentence that most likely holds the answer; the first of equals."""
    scores = highlight_features(sentences) @ list(HIGHLIGHT.values())
    return sentences.spans[int(np.argmax(scores))]


def highlights(text: str, answer: Span, terms: Collection[str]) -> tuple[Highlight, ...]:
    """Return a quote's highlights: its answer sentence, then each word that is in `terms`."""
    marked = (
        Highlight(token.start, token.end, "term")
        for token in analysis.tokens(text)
        if token.term in terms
    )
    return Highlight(*answer, "answer"), *marked
