"""What follows the first passages: those that resemble them, counted by hand."""

from math import exp, log, sqrt

import numpy as np
import pytest

from rag.retrieval.relevance_feedback import raised, resemblance


def terms(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int32)


PASSAGES = [terms(0, 1), terms(0, 2, 2), terms(0, 1, 2), terms(0, 3), terms()]
"""Term 0 stands in four of five, 1 and 2 in two each, 3 in one."""
COMMON, SHARED, ALONE = log(6 / 4), log(6 / 2), log(6 / 1)
TWICE = (1 + log(2)) * SHARED
LENGTHS = [
    sqrt(COMMON**2 + SHARED**2),
    sqrt(COMMON**2 + TWICE**2),
    sqrt(COMMON**2 + 2 * SHARED**2),
    sqrt(COMMON**2 + ALONE**2),
]


def test_resemblance_is_the_cosine_of_weighed_terms() -> None:
    found = resemblance(np.zeros(5), PASSAGES, [0])
    assert found == pytest.approx([
        1,
        COMMON**2 / (LENGTHS[0] * LENGTHS[1]),
        (COMMON**2 + SHARED**2) / (LENGTHS[0] * LENGTHS[2]),
        COMMON**2 / (LENGTHS[0] * LENGTHS[3]),
        0,  # a passage without a term is like none
    ])  # fmt: skip


def test_of_several_the_better_counts_more() -> None:
    scores = np.array([2.0, 1.0, 0.0, 0.0, 0.0])
    apart = [resemblance(scores, PASSAGES, [i]) for i in (0, 1)]
    odds = np.array([1, exp(-1)]) / (1 + exp(-1))
    both = resemblance(scores, PASSAGES, [0, 1])
    assert both == pytest.approx(odds[0] * apart[0] + odds[1] * apart[1])


def test_what_is_like_the_first_passes_what_is_not_and_never_the_first() -> None:
    scores = np.array([5.0, 4.0, 1.0, 3.0, 2.0, -7.0])
    found = raised(scores, PASSAGES, [0, 1], weight=40.0)
    alike = resemblance(scores[:5], PASSAGES, [0, 1])
    assert found[:2].tolist() == [5.0, 4.0]
    gained = scores[2:5] + 40 * alike[2:5]
    assert found[2:5] - found[2] == pytest.approx(gained - gained[0])
    assert found.argsort()[::-1].tolist() == [0, 1, 2, 3, 4, 5]  # without likeness: 0 1 3 4 2 5
    assert found[2] == 4.0 - 1
    assert scores.tolist() == [5.0, 4.0, 1.0, 3.0, 2.0, -7.0]


def test_scores_that_are_far_behind_stay_as_they_are() -> None:
    scores = np.array([50.0, 1.0, 0.0, -1.0, -2.0])
    found = raised(scores, PASSAGES, [0], weight=1.0)
    expected = scores[1:] + resemblance(scores, PASSAGES, [0])[1:]
    assert found[1:] == pytest.approx(expected)


@pytest.mark.parametrize("firsts", [[], [0, 1]])
def test_without_a_first_or_without_others_nothing_changes(firsts: list[int]) -> None:
    scores = np.array([1.0, 2.0])
    assert raised(scores, PASSAGES[:2], firsts, 12.0).tolist() == [1.0, 2.0]
