"""Statistics, checked against values computed by hand."""

import pytest

from evaluation.quality.statistics import (
    Bin,
    Mean,
    area_under_risk,
    auroc,
    calibration_error,
    mean_with_interval,
    randomisation_p,
    reliability,
    risk_coverage,
)
from evaluation.quality.systems import reciprocal_rank_fusion


def test_a_mean_lies_in_its_interval_which_narrows_with_more_questions() -> None:
    few, many = mean_with_interval([0.0, 1.0] * 5), mean_with_interval([0.0, 1.0] * 500)
    assert few.mean == many.mean == 0.5
    assert few.low < many.low < 0.5 < many.high < few.high
    # The standard error of 1,000 fair coins is .5 / sqrt(1000) = .0158.
    assert many.high - many.low == pytest.approx(2 * 1.96 * 0.0158, rel=0.1)
    assert mean_with_interval([0.3, 0.3]).low == pytest.approx(0.3)
    assert mean_with_interval([0.3]) == Mean(0.3, 0.3, 0.3)
    with pytest.raises(ValueError, match="no question"):
        mean_with_interval([])


def test_chance_explains_no_difference_and_not_a_steady_one() -> None:
    assert randomisation_p([0.1, 0.9, 0.4], [0.1, 0.9, 0.4]) == 1.0
    assert randomisation_p([0.6] * 20, [0.5] * 20) < 0.01
    # Of the four sign patterns of (+1, +1), two are as far from 0 as the one observed.
    assert randomisation_p([1.0, 1.0], [0.0, 0.0]) == 0.5
    assert randomisation_p([1.0], [0.0]) == 1.0
    with pytest.raises(ValueError, match="same questions"):
        randomisation_p([1.0], [])


def test_random_sign_patterns_come_near_the_exact_p_value() -> None:
    ours, theirs = [1.0] * 10 + [0.0] * 2, [0.0] * 10 + [1.0] * 2
    # At most 2 or at least 10 heads in 12 tosses: 2 * (1 + 12 + 66) of 4,096 patterns.
    assert randomisation_p(ours, theirs) == pytest.approx(158 / 4096, abs=0.01)
    assert randomisation_p(ours, theirs) == randomisation_p(ours, theirs)


def test_auroc_counts_pairs() -> None:
    assert auroc([0.9, 0.8], [0.1, 0.2]) == 1.0
    assert auroc([0.1], [0.9]) == 0.0
    assert auroc([0.5, 0.9], [0.5, 0.1]) == pytest.approx((0.5 + 1 + 1 + 1) / 4)
    with pytest.raises(ValueError, match="both kinds"):
        auroc([], [0.1])


def test_risk_rises_with_the_coverage_of_wrong_answers() -> None:
    curve = risk_coverage([0.9, 0.2, 0.5], [True, False, True])
    assert curve == [
        (pytest.approx(1 / 3), 0.0),
        (pytest.approx(2 / 3), 0.0),
        (1.0, pytest.approx(1 / 3)),
    ]
    assert area_under_risk(curve) == pytest.approx(1 / 9)


def test_reciprocal_rank_fusion_by_hand() -> None:
    # First b with 2/62, then a and d with 1/61 each, in the order they were met.
    assert reciprocal_rank_fusion([["a", "b"], ["d", "b"]]) == ["b", "a", "d"]
    assert reciprocal_rank_fusion([["a", "b"], ["b", "c"]]) == ["b", "a", "c"]


def test_reliability_compares_what_was_said_with_what_came_true() -> None:
    bins = reliability([0.05, 0.92, 0.98, 1.0], [False, True, False, True])
    assert bins == [
        Bin(pytest.approx(0.05), 0.0, 1),
        Bin(pytest.approx(2.9 / 3), pytest.approx(2 / 3), 3),
    ]
    assert calibration_error(bins) == pytest.approx((0.05 + 3 * (2.9 - 2) / 3) / 4)
    with pytest.raises(ValueError, match="no answer"):
        calibration_error([])


def test_equal_scores_are_as_wrong_as_they_are_on_average() -> None:
    for right in ([True, False], [False, True]):
        assert risk_coverage([0.5, 0.5], right) == [(0.5, 0.5), (1.0, 0.5)]
