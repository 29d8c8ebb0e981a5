"""The marks in a quote: the sentence that answers best, the answer in it, the question's terms."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from rag.answers import Highlight
from rag.retrieval.features import SentenceFeatures
from rag.retrieval.fitted_weights import Weights, in_order
from rag.text.windows import Span
from vector_store.analysis import analyzer

FEATURES = ("closeness", "support", "answer_type")
READ_FEATURES = (*FEATURES, "span")


def highlight_features(sentences: SentenceFeatures) -> NDArray[np.float64]:
    """Return the columns of the choice, shape (sentences, 3), in the order of FEATURES."""
    return np.column_stack([sentences.closeness, sentences.support, sentences.answer_type])


def read_highlight_features(
    sentences: SentenceFeatures, answer: Span | None, margin: float
) -> NDArray[np.float64]:
    """Return the columns of the choice, shape (sentences, 4), in the order of READ_FEATURES.

    `answer` is where a reranker locates the answer, and `margin` the logit of that.
    """
    holds = [answer is not None and start <= answer[0] < end for start, end in sentences.spans]
    located = np.array(holds, float) / (1 + np.exp(-margin))
    return np.column_stack([highlight_features(sentences), located])


def answer_sentence(sentences: SentenceFeatures, weights: Weights) -> Span:
    """Return the span of the sentence that most likely holds the answer; the first of equals."""
    scores = highlight_features(sentences) @ in_order(weights.highlight, FEATURES)
    return sentences.spans[int(np.argmax(scores))]


def read_answer_sentence(
    sentences: SentenceFeatures, answer: Span | None, margin: float, weights: Weights
) -> Span:
    """Return the same where a reranker read the passage; see `read_highlight_features`."""
    columns = read_highlight_features(sentences, answer, margin)
    scores = columns @ in_order(weights.for_reranker().highlight, READ_FEATURES)
    return sentences.spans[int(np.argmax(scores))]


def highlights(
    text: str, language: str, answer: Span, terms: Collection[str], exact: Span | None = None
) -> tuple[Highlight, ...]:
    """Return a quote's highlights: its answer sentence, then each word with one of `terms`.

    `exact` is where a reranker locates the answer; it is marked if it lies in the sentence.

    Of a script without spaces, pairs of letters that follow each other are marked as one.
    """
    marked: list[Span] = []
    for forms, _, start, end, *_ in analyzer.tokens(text, analyzer.spoken(language)):
        if any(term in terms for term in forms):
            if marked and start < marked[-1][1]:
                start = marked.pop()[0]
            marked.append((start, end))
    exact_mark: tuple[Highlight, ...] = ()
    if exact is not None and answer[0] <= exact[0] and exact[1] <= answer[1]:
        exact_mark = (Highlight(*exact, "exact"),)
    return (
        Highlight(*answer, "answer"),
        *exact_mark,
        *(Highlight(*span, "term") for span in marked),
    )
