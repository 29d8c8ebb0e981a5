"""The estimators behind the fitted constants: conditional logit and logistic regression."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar
from sklearn.linear_model import LogisticRegression

from evaluation.datasets.beir import DatasetError
from evaluation.training.fit_examples import Choice, Kind

_SHARE = {"answered": 0.5, "missing": 0.15, "written": 0.15, "stranger": 0.2}
"""Of each kind of question in the mixture that the probability assumes."""
_PENALTY = 0.001
"""Of the squared standardised weights."""


def conditional_logit(
    sets: list[list[Choice]], *, penalty: float = _PENALTY
) -> NDArray[np.float64]:
    """Return the weights, shape (features,), that make the right options most likely.

    This is the model of McFadden, "Conditional logit analysis of qualitative choice behavior"
    (1974), with an L2 penalty. All sets count equally. Raises DatasetError when there are no
    choices.
    """
    if not any(sets):
        raise DatasetError("There is nothing to choose from. Do the sets have gold answers?")
    spread = np.concatenate([c.features for choices in sets for c in choices]).std(axis=0)
    spread[spread == 0] = 1
    padded = [_PaddedChoices(choices, spread) for choices in sets]
    weights: NDArray[np.float64] = _minimise(padded, penalty) / spread
    return weights


class _PaddedChoices:
    """The choices of one set, padded to one array so that the loss takes a few operations."""

    def __init__(self, choices: list[Choice], spread: NDArray[np.float64]) -> None:
        options = max(len(c.right) for c in choices)
        self.features = np.zeros((len(choices), options, len(spread)))
        self.right = np.zeros((len(choices), options), bool)
        self.is_option = np.zeros((len(choices), options), bool)
        for row, choice in enumerate(choices):
            n = len(choice.right)
            self.features[row, :n] = choice.features / spread
            self.right[row, :n] = choice.right
            self.is_option[row, :n] = True

    def loss(self, weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Return the mean of -ln P(a right option), and its gradient, shape (features,)."""
        scores = np.where(self.is_option, self.features @ weights, -np.inf)
        scores -= scores.max(axis=1, keepdims=True)
        odds = np.exp(scores)
        probability = odds / odds.sum(axis=1, keepdims=True)
        right_odds = np.where(self.right, odds, 0)
        probability_given_right = right_odds / right_odds.sum(axis=1, keepdims=True)
        value = -np.log((probability * self.right).sum(axis=1)).mean()
        gradient = np.einsum("qo,qof->f", probability - probability_given_right, self.features)
        return float(value), gradient / len(odds)


def _minimise(sets: list[_PaddedChoices], penalty: float) -> NDArray[np.float64]:
    def total(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        losses = [choices.loss(weights) for choices in sets]
        value = sum(loss for loss, _ in losses) / len(losses)
        gradient = sum(gradient for _, gradient in losses) / len(losses)
        return float(value + penalty * weights @ weights), gradient + 2 * penalty * weights

    start = np.zeros(sets[0].features.shape[2])
    weights: NDArray[np.float64] = minimize(total, start, jac=True, method="L-BFGS-B").x
    return weights


@dataclass(frozen=True, slots=True, eq=False)
class TopPassages:
    """The passages of a question that a person would see, best first, a row each."""

    group: tuple[str, int, Kind]
    """Set, number of passages and kind of question."""
    scores: NDArray[np.float64]
    features: NDArray[np.float64]
    """Shape (passages, features): what confidence is made of."""
    relevance: NDArray[np.float64]
    """The reranker's logits, shape (passages,); 0 where it did not read."""
    right: NDArray[np.bool_]
    highlights: tuple[Choice, ...] = ()
    """The choices among the sentences of right passages that a reranker read."""

    @property
    def behind(self) -> NDArray[np.float64]:
        """How far each score is below the best, shape (passages,)."""
        distances: NDArray[np.float64] = self.scores.max() - self.scores
        return distances

    def reordered(self, order: float) -> "TopPassages":
        """Return them sorted by score plus `order` times the reranker's logit."""
        scores = self.scores + order * self.relevance
        ranking = np.argsort(-scores, kind="stable")
        return TopPassages(
            self.group,
            scores[ranking],
            self.features[ranking],
            self.relevance[ranking],
            self.right[ranking],
            self.highlights,
        )


def logistic(questions: Sequence[TopPassages]) -> NDArray[np.float64]:
    """Return intercept and weights of the probability that a passage answers.

    All weights but the last are fitted on the first passage of each question (a logistic
    regression, as in Platt, "Probabilistic outputs for support vector machines", 1999). The last,
    of a passage's distance behind the best score, is fitted on the following passages with the
    others fixed. Kinds of questions count by their share; within a kind, sets and the sizes they
    were searched in count equally.
    """
    first = np.array([passages.features[0] for passages in questions])
    intercept, weights = _fit_first(questions, first)
    return np.concatenate([[intercept], weights, [_fit_behind(questions, intercept, weights)]])


def _fit_first(
    questions: Sequence[TopPassages], features: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """Return intercept and weights of whether the first passages answer, given some features."""
    sizes = Counter(passages.group for passages in questions)
    groups = Counter(kind for _, _, kind in sizes)
    importance = np.array(
        [_SHARE[q.group[2]] / groups[q.group[2]] / sizes[q.group] for q in questions]
    )
    right = np.array([passages.right[0] for passages in questions])
    model = LogisticRegression(C=1e3, max_iter=5000)
    model.fit(features, right, sample_weight=importance / importance.mean())
    return float(model.intercept_[0]), model.coef_[0]


def _fit_behind(
    questions: Sequence[TopPassages], intercept: float, weights: NDArray[np.float64]
) -> float:
    """Return the weight of the distance behind the best score, with the others fixed."""
    answered = [passages for passages in questions if passages.group[2] == "answered"]
    logits = np.concatenate([p.features[1:] @ weights + intercept for p in answered])
    behind = np.concatenate([p.behind[1:] for p in answered])
    right = np.concatenate([p.right[1:] for p in answered])

    def loss(weight: float) -> float:
        signs = np.where(right, 1, -1)
        return float(np.logaddexp(0, -signs * (logits + weight * behind)).mean())

    return float(minimize_scalar(loss, bounds=(-3, 0), method="bounded").x)
