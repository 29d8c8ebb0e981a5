"""The sentence marked as the answer, and the words marked in it."""

import numpy as np

from rag.answers import Highlight
from rag.retrieval.features import SentenceFeatures
from rag.retrieval.fitted_weights import weights_of
from rag.retrieval.highlights import answer_sentence, highlights

WEIGHTS = weights_of("m")


def sentences(*rows: tuple[float, float, float]) -> SentenceFeatures:
    columns = np.array(rows, float).T
    return SentenceFeatures(tuple((i, i + 1) for i in range(len(rows))), *columns)


def test_closeness_support_and_the_kind_of_answer_each_decide() -> None:
    assert answer_sentence(sentences((0.2, 0.5, 0.5), (0.9, 0.5, 0.5)), WEIGHTS) == (1, 2)
    assert answer_sentence(sentences((0.5, 0.9, 0.5), (0.5, 0.1, 0.5)), WEIGHTS) == (0, 1)
    assert answer_sentence(sentences((0.5, 0.5, 0.0), (0.5, 0.5, 1.0)), WEIGHTS) == (1, 2)
    assert answer_sentence(sentences((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)), WEIGHTS) == (0, 1)


def test_the_answer_is_marked_and_every_word_with_a_term_of_the_question() -> None:
    text = "A king. Kings rule; rain falls."
    assert highlights(text, "en", (8, 31), {"king", "fall"}) == (
        Highlight(8, 31, "answer"),
        Highlight(2, 6, "term"),
        Highlight(8, 13, "term"),
        Highlight(25, 30, "term"),
    )
