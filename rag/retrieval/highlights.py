"""The marks in a quote: the sentence that answers best, and the question's terms."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from rag.answers import Highlight
from rag.retrieval.features import SentenceFeatures
from rag.retrieval.fitted_weights import Weights, in_order
from rag.text.windows import Span
from vector_store.analysis import analyzer

FEATURES = ("closeness", "support", "answer_type")


def highlight_features(sentences: SentenceFeatures) -> NDArray[np.float64]:
    """Return the columns of the choice, shape (sentences, 3), in the order of FEATURES."""
    return np.column_stack([sentences.closeness, sentences.support, sentences.answer_type])


def answer_sentence(sentences: SentenceFeatures, weights: Weights) -> Span:
    """Return the span of the sentence that most likely holds the answer; the first of equals."""
    scores = highlight_features(sentences) @ in_order(weights.highlight, FEATURES)
    return sentences.spans[int(np.argmax(scores))]


def highlights(
    text: str, language: str, answer: Span, terms: Collection[str]
) -> tuple[Highlight, ...]:
    """Return a quote's highlights: its answer sentence, then each word with one of `terms`.

    Of a script without spaces, pairs of letters that follow each other are marked as one.
    """
    marked: list[Span] = []
    for forms, _, start, end, *_ in analyzer.tokens(text, analyzer.spoken(language)):
        if any(term in terms for term in forms):
            if marked and start < marked[-1][1]:
                start = marked.pop()[0]
            marked.append((start, end))
    return Highlight(*answer, "answer"), *(Highlight(*span, "term") for span in marked)
