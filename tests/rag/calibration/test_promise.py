"""The promise: the least threshold of the definition, and what it holds on further questions."""

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from rag.calibration.platt import refitted
from rag.calibration.promise import checked_promise, needed, promised_threshold
from rag.calibration.wording import missing_judgements_text, promise_text, share
from rag.errors import SettingError


def keeps(threshold: float, confidences: list[float], alpha: float) -> bool:
    """Tell whether a threshold meets the definition, on probabilities as they are shown."""
    n = len(confidences)
    risk = sum(round(c, 4) >= threshold for c in confidences) / n if n else 0.0
    return n / (n + 1) * risk + 1 / (n + 1) <= alpha + 1e-9


@given(st.lists(st.floats(0, 1), max_size=40), st.sampled_from([0.05, 0.1, 0.2, 1 / 3, 0.5, 0.9]))
def test_it_is_the_least_threshold_of_the_definition(
    confidences: list[float], alpha: float
) -> None:
    threshold = promised_threshold(confidences, alpha)
    if threshold is None:
        assert not keeps(1.1, confidences, alpha)
        assert len(confidences) < needed(alpha)
        return
    assert len(confidences) >= needed(alpha)
    assert keeps(threshold, confidences, alpha)
    assert not keeps(round(threshold - 0.0001, 4), confidences, alpha)
    assert 0 < threshold == round(threshold, 4) <= 1.0001


@pytest.mark.parametrize(
    ("alpha", "questions"), [(0.5, 1), (1 / 3, 2), (0.2, 4), (0.1, 9), (0.05, 19), (0.3, 3)]
)
def test_a_promise_needs_as_many_questions_as_it_says(alpha: float, questions: int) -> None:
    assert needed(alpha) == questions
    assert promised_threshold([0.4] * questions, alpha) == 0.4001
    assert promised_threshold([0.4] * (questions - 1), alpha) is None


def test_nothing_is_answered_where_even_the_surest_would_be_wrong() -> None:
    assert promised_threshold([1.0] * 30, 0.2) == 1.0001
    assert promised_threshold([0.0] * 30, 0.2) == 0.0001


@pytest.mark.parametrize("alpha", [0.1, 0.2, 0.5])
@pytest.mark.parametrize("judged", [9, 30])
def test_the_promise_holds_on_average_over_draws(alpha: float, judged: int) -> None:
    """The questions are drawn anew each time; the probability is as wrong as can be."""
    draw = np.random.default_rng(judged)
    draws, further = 3000, 20
    answered = []
    for _ in range(draws):
        confidences = draw.beta(0.7, 0.4, judged + further)  # of questions without an answer
        threshold = promised_threshold(confidences[:judged].tolist(), alpha)
        assert threshold is not None
        answered.append(np.mean(np.round(confidences[judged:], 4) >= threshold))
    deviation = 3 * np.std(answered) / math.sqrt(draws)
    assert np.mean(answered) <= alpha + deviation
    assert np.mean(answered) >= alpha - 1 / (judged + 1) - deviation  # and is not given away


@pytest.mark.slow
def test_the_promise_holds_where_the_probability_was_fitted_to_the_same_questions() -> None:
    draw = np.random.default_rng(7)
    draws, alpha, answered = 1500, 0.2, []
    for _ in range(draws):
        without = draw.normal(1, 2, 25 + 20)
        with_answer = draw.normal(3, 2, 25)
        judged = np.concatenate([without[:25], with_answer])
        right = np.concatenate([np.zeros(25, bool), draw.random(25) < 0.8])
        slope, offset = refitted(judged, right)
        probability = 1 / (1 + np.exp(-(slope * without + offset)))
        threshold = promised_threshold(probability[:25].tolist(), alpha)
        answered.append(np.mean(np.round(probability[25:], 4) >= threshold))
    assert np.mean(answered) <= alpha + 3 * np.std(answered) / math.sqrt(draws)


@pytest.mark.parametrize("alpha", [0.0, 1.0, -0.2, 1.5, math.nan, math.inf])
def test_a_share_that_is_none_is_refused(alpha: float) -> None:
    with pytest.raises(SettingError, match="must be above 0 and below 1"):
        checked_promise(alpha)


def test_the_promise_is_said_in_words() -> None:
    assert [share(a) for a in (0.5, 0.2, 1 / 3, 0.1, 0.05, 0.3)] == [
        *("one in two", "one in five", "one in three", "one in ten", "1 in 20", "3 in 10")
    ]
    assert promise_text(0.2, 30) == (
        "of questions like these that your documents do not answer, at most one in five is "
        "answered (30 judged)"
    )
    assert "at most 3 in 10 are answered (1,000 judged)" in promise_text(0.3, 1000)
    assert missing_judgements_text(0.2, 3) == (
        "To promise at most one in five, judge 1 more question that your documents do not answer: "
        "quoth judge QUESTION --none"
    )
