"""Vectors of words: the mean of their tokens, freed of what all words share."""

import numpy as np
import pytest

from rag.models.word_vectors import WordTable, common_directions

TOKENS = {"king": [0], "queen": [1], "kingqueen": [0, 1], "rain": [2], "": []}


def table() -> WordTable:
    chance = np.random.default_rng(0)
    own = chance.normal(size=(50, 8)).astype(np.float32)
    own[1] = own[0] + 0.1 * own[1]
    common = np.array([30, -20, 10, 0, 0, 0, 0, 0], np.float32)
    rows = own + common
    return WordTable(
        rows, common_directions(rows), lambda words: [TOKENS.get(word, [7]) for word in words]
    )


def test_like_words_are_near_and_the_common_part_is_gone() -> None:
    king, queen, rain, both = table().vectors(["king", "queen", "rain", "kingqueen"])
    assert np.linalg.norm(king) == pytest.approx(1, abs=1e-6)
    assert float(king @ queen) > 0.9
    assert abs(float(king @ rain)) < 0.9  # with the common part all would be .98 and more
    middle = king + queen
    assert float(both @ middle) / np.linalg.norm(middle) == pytest.approx(1, abs=0.01)


def test_a_word_without_tokens_has_no_direction() -> None:
    assert table().vectors([""])[0] == pytest.approx(np.zeros(8))
    assert table().vectors([]).shape == (0, 8)


def test_words_asked_again_get_the_same_vectors_however_many_came_between() -> None:
    words = table()
    before = words.vectors(["king", "rain"])
    words.vectors([f"word{i}" for i in range(10_000)])
    assert words.vectors(["king", "rain"]) == pytest.approx(before)


def test_a_model_without_a_table_knows_no_word() -> None:
    nothing = WordTable(
        np.zeros((0, 3), np.float32),
        np.zeros((4, 3), np.float32),
        lambda words: [[7] for _ in words],
    )
    assert nothing.vectors(["king"]) == pytest.approx(np.zeros((1, 3)))
