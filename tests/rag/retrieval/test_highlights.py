"""The sentence marked as the answer, and the words marked in it."""

import numpy as np

from rag.answers import Highlight
from rag.models.registry import SMALL
from rag.retrieval.features import SentenceFeatures
from rag.retrieval.fitted_weights import weights_of
from rag.retrieval.highlights import (
    answer_sentence,
    highlights,
    read_answer_sentence,
    read_highlight_features,
)

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


def test_where_a_reranker_locates_the_answer_counts_by_how_sure_it_is() -> None:
    two = sentences((0.6, 0.5, 0.5), (0.5, 0.5, 0.5))
    assert read_highlight_features(two, (1, 2), 0.0)[:, 3].tolist() == [0.0, 0.5]
    assert read_highlight_features(two, None, 9.0)[:, 3].tolist() == [0.0, 0.0]
    weights = weights_of(SMALL)
    assert read_answer_sentence(two, (1, 2), -12.0, weights) == (0, 1)
    assert read_answer_sentence(two, (1, 2), 6.0, weights) == (1, 2)
    assert read_answer_sentence(two, None, 6.0, weights) == (0, 1)


def test_the_exact_answer_is_marked_within_the_sentence_only() -> None:
    text = "A king. Kings rule; rain falls."
    assert highlights(text, "en", (8, 31), (), (14, 18)) == (
        Highlight(8, 31, "answer"),
        Highlight(14, 18, "exact"),
    )
    assert highlights(text, "en", (8, 31), (), (2, 6)) == (Highlight(8, 31, "answer"),)
    assert highlights(text, "en", (8, 31), (), (5, 12)) == (Highlight(8, 31, "answer"),)
