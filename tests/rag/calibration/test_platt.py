"""Slope and offset: against an independent optimiser, and where judgements are few or one-sided."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.optimize import minimize, minimize_scalar
from sklearn.linear_model import LogisticRegression

from rag.calibration.platt import LEAST_SLOPE, OFFSET_SPREAD, SLOPE_SPREAD, refitted

QUESTIONS = st.lists(
    st.tuples(st.floats(-12, 12).map(lambda x: round(x, 3)), st.booleans()), max_size=60
)


def loss(slope: float, offset: float, log_odds: np.ndarray, right: np.ndarray) -> float:
    """Return the negative log posterior, written out question by question."""
    total = (slope - 1) ** 2 / (2 * SLOPE_SPREAD**2) + offset**2 / (2 * OFFSET_SPREAD**2)
    for x, answers in zip(log_odds, right, strict=True):
        z = slope * x + offset
        total += np.log1p(np.exp(-z if answers else z))
    return float(total)


@given(QUESTIONS)
def test_it_is_the_posteriors_mode(questions: list[tuple[float, bool]]) -> None:
    log_odds = np.array([x for x, _ in questions])
    right = np.array([answers for _, answers in questions], bool)
    slope, offset = refitted(log_odds, right)
    witness = minimize(
        lambda at: loss(at[0], at[1], log_odds, right),
        (1.0, 0.0),
        method="L-BFGS-B",
        bounds=[(LEAST_SLOPE, None), (None, None)],
        options={"ftol": 1e-14, "gtol": 1e-9},
    )
    assert loss(slope, offset, log_odds, right) <= witness.fun + 1e-7
    assert (slope, offset) == pytest.approx(tuple(witness.x), abs=2e-3)


def test_with_a_flat_prior_it_is_a_logistic_regression() -> None:
    draw = np.random.default_rng(0)
    log_odds = draw.normal(1, 2, 500)
    right = draw.random(500) < 1 / (1 + np.exp(-(0.6 * log_odds - 0.8)))
    free = LogisticRegression(C=np.inf, tol=1e-10).fit(log_odds[:, None], right)
    fit = refitted(log_odds, right, slope_spread=1e6, offset_spread=1e6)
    assert fit == pytest.approx((free.coef_[0, 0], free.intercept_[0]), abs=1e-4)


def test_many_judgements_tell_the_true_slope_and_offset() -> None:
    draw = np.random.default_rng(1)
    log_odds = draw.normal(0, 2, 20_000)
    right = draw.random(20_000) < 1 / (1 + np.exp(-(0.5 * log_odds - 1)))
    assert refitted(log_odds, right) == pytest.approx((0.5, -1), abs=0.06)


def test_without_judgements_nothing_changes() -> None:
    assert refitted([], []) == (1.0, 0.0)


@pytest.mark.parametrize("sure", [1.0, 4.0, 12.0])
def test_judgements_of_one_kind_do_not_explode(sure: float) -> None:
    all_right = refitted(np.full(20, sure), np.ones(20, bool))
    assert 1 <= all_right[0] < 2.2
    assert 0 <= all_right[1] < 2
    all_wrong = refitted(np.full(20, sure), np.zeros(20, bool))
    assert LEAST_SLOPE <= all_wrong[0] < 1
    assert -3 < all_wrong[1] < 0
    shown = 1 / (1 + np.exp(-(all_wrong[0] * sure + all_wrong[1])))
    assert 0.01 < shown < 0.3


def test_one_wrong_answer_of_many_right_changes_little() -> None:
    log_odds = np.linspace(1, 4, 20)
    right = np.ones(20, bool)
    right[3] = False
    slope, offset = refitted(log_odds, right)
    assert (slope, offset) == pytest.approx((1, 0), abs=0.35)


def test_the_order_of_passages_is_never_turned_round() -> None:
    log_odds = np.concatenate([np.full(100, 4.0), np.full(100, -4.0)])
    right = log_odds < 0
    slope, offset = refitted(log_odds, right)
    assert slope == LEAST_SLOPE
    best = minimize_scalar(lambda at: loss(LEAST_SLOPE, at, log_odds, right))
    assert offset == pytest.approx(best.x, abs=1e-5)


def test_labels_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match=r"shapes \(2,\) and \(1,\)"):
        refitted([1, 2], [True])
