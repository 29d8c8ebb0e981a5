"""How sure a figure is: means with intervals, differences with p-values, abstention curves."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_RESAMPLES = 2_000


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over questions with its 95 % interval."""

    mean: float
    low: float
    high: float


def mean_with_interval(values: Sequence[float], *, seed: int = 0) -> Mean:
    """Return the mean and its 95 % percentile bootstrap interval (Efron, 1979).

    Raises ValueError when there is no value.
    """
    if not values:
        raise ValueError("no question to take a mean over")
    sample = np.asarray(values, float)
    chosen = np.random.default_rng(seed).integers(0, len(sample), (_RESAMPLES, len(sample)))
    low, high = np.percentile(sample[chosen].mean(axis=1), [2.5, 97.5])
    return Mean(float(sample.mean()), float(low), float(high))


def randomisation_p(one: Sequence[float], other: Sequence[float], *, seed: int = 0) -> float:
    """Return the two-sided p-value that two systems' means differ by chance alone.

    The paired randomisation test over the same questions, in the same order (Smucker, Allan and
    Carterette, 2007). Raises ValueError when the lengths differ or are 0.
    """
    if len(one) != len(other) or not one:
        raise ValueError("both systems must have been asked the same questions")
    differences = np.asarray(one, float) - np.asarray(other, float)
    signs = np.random.default_rng(seed).choice((-1.0, 1.0), (_RESAMPLES, len(differences)))
    as_large = np.abs((signs * differences).mean(axis=1)) >= abs(differences.mean()) - 1e-12
    return float((as_large.sum() + 1) / (_RESAMPLES + 1))


def auroc(answerable: Sequence[float], unanswerable: Sequence[float]) -> float:
    """Return the chance that an answerable question scores above an unanswerable one.

    The area under the ROC curve by the Mann-Whitney statistic, ties counting half; .5 is
    guessing. Raises ValueError when either is empty.
    """
    if not answerable or not unanswerable:
        raise ValueError("questions of both kinds are needed")
    pairs = np.asarray(answerable, float)[:, None] - np.asarray(unanswerable, float)[None, :]
    return float((pairs > 0).mean() + 0.5 * (pairs == 0).mean())


def risk_coverage(scores: Sequence[float], right: Sequence[bool]) -> list[tuple[float, float]]:
    """Return coverage and risk when only the most confident answers are given, one by one.

    Coverage is the share of questions answered, risk the share of those answered wrongly
    (El-Yaniv and Wiener, 2010). Of equal scores each counts as wrong as they are on average.
    """
    confidence, mistaken = np.asarray(scores, float), ~np.asarray(right, bool)
    order = np.argsort(-confidence, kind="stable")
    _, group = np.unique(confidence[order], return_inverse=True)
    share = np.bincount(group, mistaken[order]) / np.bincount(group)
    wrong = np.cumsum(share[group])
    answered = np.arange(1, len(order) + 1)
    return [
        (float(n) / len(order), float(w) / float(n)) for n, w in zip(answered, wrong, strict=True)
    ]


def area_under_risk(curve: Sequence[tuple[float, float]]) -> float:
    """Return the mean risk over all coverages: 0 is perfect, lower is better."""
    return float(np.mean([risk for _, risk in curve]))


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of like probability: what was said of them, and what came true."""

    predicted: float
    """Mean probability."""
    right: float
    """Share that was right."""
    answers: int


def reliability(probabilities: Sequence[float], right: Sequence[bool]) -> list[Bin]:
    """Return a reliability diagram's bins, ten of equal width, empty ones left out."""
    said, true = np.asarray(probabilities, float), np.asarray(right, bool)
    place = np.minimum((said * 10).astype(int), 9)
    return [
        Bin(float(said[place == i].mean()), float(true[place == i].mean()), int((place == i).sum()))
        for i in range(10)
        if (place == i).any()
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """Return the mean gap between probability and share, weighed by answers (Naeini et al., 2015).

    0 is perfect. Raises ValueError when there is no bin.
    """
    if not bins:
        raise ValueError("no answer to judge")
    total = sum(b.answers for b in bins)
    return sum(b.answers * abs(b.predicted - b.right) for b in bins) / total
