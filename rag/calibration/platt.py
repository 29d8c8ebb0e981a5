"""The slope and the offset of the log-odds, fitted on questions whose first passage was judged.

Platt scaling ("Probabilistic outputs for support vector machines", 1999) with a Gaussian prior
around slope 1 and offset 0, which a few judgements change little. Kamath, Jia and Liang,
"Selective Question Answering under Domain Shift" (2020), show why a probability that was fitted on
other documents is refitted on some questions about one's own: a model is too sure of itself there.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

SLOPE_SPREAD = 0.5
"""The standard deviation of the prior of the slope."""
OFFSET_SPREAD = 1.0
"""The standard deviation of the prior of the offset."""
LEAST_SLOPE = 0.1
"""A slope of 0 or below would make all passages equal, or turn their order round."""
_SHIPPED = (1.0, 0.0)
_MOST_STEPS = 100
_CLOSE = 1e-10

Floats = NDArray[np.float64]


def refitted(
    log_odds: ArrayLike,
    right: ArrayLike,
    *,
    slope_spread: float = SLOPE_SPREAD,
    offset_spread: float = OFFSET_SPREAD,
) -> tuple[float, float]:
    """Return the most likely slope and offset after the judgements, the slope at least LEAST_SLOPE.

    `log_odds`, shape (questions,), are those of each question's first passage as shipped; `right`,
    of the same shape, says whether that passage answers. Without questions, that is (1, 0).
    Raises ValueError when the shapes differ.
    """
    scores, labels = np.asarray(log_odds, np.float64), np.asarray(right, np.float64)
    if scores.ndim != 1 or scores.shape != labels.shape:
        raise ValueError(f"log-odds and labels of shapes {scores.shape} and {labels.shape}")
    columns = np.column_stack([scores, np.ones(len(scores))])
    precision = np.array([slope_spread, offset_spread]) ** -2.0
    fit = _minimised(columns, labels, precision, np.array(_SHIPPED), free=[0, 1])
    if fit[0] < LEAST_SLOPE:  # the loss is convex: the best allowed slope is on the bound
        bounded = np.array([LEAST_SLOPE, fit[1]])
        fit = _minimised(columns, labels, precision, bounded, free=[1])
    return float(fit[0]), float(fit[1])


def _minimised(
    columns: Floats, labels: Floats, precision: Floats, start: Floats, free: list[int]
) -> Floats:
    """Return where the penalised loss is least, by Newton's method with halved steps.

    That is the method of Lin, Lin and Weng, "A note on Platt's probabilistic outputs for support
    vector machines" (2007). Only the weights `free` are changed; all are of shape (2,), and
    `columns` of shape (questions, 2).
    """
    weights = start.copy()
    loss = _loss(columns, labels, precision, weights)
    for _ in range(_MOST_STEPS):
        probability = 1 / (1 + np.exp(-columns @ weights))
        gradient = columns.T @ (probability - labels) + precision * (weights - _SHIPPED)
        if np.abs(gradient[free]).max() < _CLOSE:
            break
        variance = probability * (1 - probability)
        hessian = (columns.T * variance) @ columns + np.diag(precision)
        step = np.zeros(2)
        step[free] = np.linalg.solve(hessian[np.ix_(free, free)], gradient[free])
        length = 1.0
        while (next_loss := _loss(columns, labels, precision, weights - length * step)) > loss:
            length /= 2
            if length < _CLOSE:  # nearer than numbers of this precision can tell
                return weights
        weights, loss = weights - length * step, next_loss
    return weights


def _loss(columns: Floats, labels: Floats, precision: Floats, weights: Floats) -> float:
    """Return the negative logarithm of the posterior, less a constant."""
    log_odds = columns @ weights
    likelihood = np.logaddexp(0, log_odds) - labels * log_odds
    prior = precision * (weights - _SHIPPED) ** 2 / 2
    return float(likelihood.sum() + prior.sum())
