"""Statistics of an evaluation: confidence intervals, p-values, ROC and risk-coverage curves."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import bootstrap, permutation_test
from sklearn.metrics import roc_auc_score

_RESAMPLES = 2_000
_BATCH_VALUES = 2_000_000
"""Resampled values held in memory at a time; the result does not depend on it."""


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over questions with its 95 % interval."""

    mean: float
    low: float
    high: float


def mean_with_interval(values: Sequence[float], *, seed: int = 0) -> Mean:
    """Return the mean and its 95 % percentile bootstrap interval (Efron, 1979).

    The interval of a single value is that value. Raises ValueError when there are no values.
    """
    if not values:
        raise ValueError("Cannot average over no questions.")
    sample = np.asarray(values, float)
    mean = float(sample.mean())
    if len(sample) == 1:  # which scipy refuses
        return Mean(mean, mean, mean)
    interval = bootstrap(
        (sample,),
        np.mean,
        n_resamples=_RESAMPLES,
        batch=_batch_size(len(sample)),
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return Mean(mean, float(interval.low), float(interval.high))


def randomisation_p(one: Sequence[float], other: Sequence[float], *, seed: int = 0) -> float:
    """Return the two-sided p-value of the paired randomisation test of two systems' means.

    Both sequences hold a value per question, in the same order (Smucker, Allan and Carterette,
    "A comparison of statistical significance tests for information retrieval evaluation", 2007).
    With ten questions or fewer all sign patterns are counted and p is exact; with more,
    2,000 random ones are. Raises ValueError when the lengths differ or are 0.
    """
    if len(one) != len(other) or not one:
        raise ValueError("Both systems must have been asked the same questions.")
    if len(one) == 1:  # either sign is as extreme as the other; scipy refuses it
        return 1.0
    differences = np.asarray(one, float) - np.asarray(other, float)
    test = permutation_test(
        (differences,),
        _absolute_mean,
        permutation_type="samples",  # of one sample: its signs are flipped
        vectorized=True,
        n_resamples=_RESAMPLES,
        batch=_batch_size(len(differences)),
        alternative="greater",
        rng=np.random.default_rng(seed),
    )
    return float(test.pvalue)


def _absolute_mean(values: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    means: NDArray[np.float64] = np.abs(values.mean(axis=axis))
    return means


def _batch_size(values: int) -> int:
    return max(1, _BATCH_VALUES // values)


def auroc(answerable: Sequence[float], unanswerable: Sequence[float]) -> float:
    """Return the probability that an answerable question scores above an unanswerable one.

    This is the area under the ROC curve, with ties counted half (Hanley and McNeil, "The meaning
    and use of the area under a receiver operating characteristic (ROC) curve", 1982); 0.5 is
    chance. Raises ValueError when either sequence is empty.
    """
    if not answerable or not unanswerable:
        raise ValueError("AUROC needs both kinds of questions, answerable and unanswerable.")
    labels = [True] * len(answerable) + [False] * len(unanswerable)
    return float(roc_auc_score(labels, [*answerable, *unanswerable]))


def risk_coverage(scores: Sequence[float], right: Sequence[bool]) -> list[tuple[float, float]]:
    """Return the risk-coverage curve: a point of coverage and risk per answer, best score first.

    Coverage is the share of questions answered so far, risk the share of those answers that are
    wrong (El-Yaniv and Wiener, "On the foundations of noise-free selective classification", 2010).
    Within a group of equal scores each answer counts as wrong as the group is on average, so that
    the order of the input does not matter.
    """
    confidence, wrong = np.asarray(scores, float), ~np.asarray(right, bool)
    order = np.argsort(-confidence, kind="stable")
    _, group = np.unique(confidence[order], return_inverse=True)
    wrong_share = np.bincount(group, wrong[order]) / np.bincount(group)
    wrong_so_far = np.cumsum(wrong_share[group])
    answered = np.arange(1, len(order) + 1)
    coverage, risk = answered / len(order), wrong_so_far / answered
    return list(zip(coverage.tolist(), risk.tolist(), strict=True))


def area_under_risk(curve: Sequence[tuple[float, float]]) -> float:
    """Return the mean risk over all coverages: 0 is perfect, lower is better."""
    return float(np.mean([risk for _, risk in curve]))


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of similar predicted probability, in a reliability diagram."""

    predicted: float
    """Mean predicted probability."""
    right: float
    """Share of the answers that were right."""
    answers: int


def reliability(probabilities: Sequence[float], right: Sequence[bool]) -> list[Bin]:
    """Return the bins of a reliability diagram: ten of equal width, without the empty ones."""
    predicted, is_right = np.asarray(probabilities, float), np.asarray(right, bool)
    bin_of = np.minimum((predicted * 10).astype(int), 9)
    return [
        Bin(float(predicted[members].mean()), float(is_right[members].mean()), int(members.sum()))
        for members in (bin_of == i for i in range(10))
        if members.any()
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """Return the expected calibration error (Naeini et al., 2015): 0 is perfect.

    The mean gap between predicted probability and share right, weighted by the answers per bin.
    Raises ValueError when there are no bins.
    """
    if not bins:
        raise ValueError("There is no answer to calibrate.")
    total = sum(b.answers for b in bins)
    return sum(b.answers * abs(b.predicted - b.right) for b in bins) / total
