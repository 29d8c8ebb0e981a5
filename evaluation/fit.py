"""Fit every constant of `rag.weights` for a model: `python -m evaluation.fit SET SET... [--write]`.

A SET is a folder in the BEIR layout, or a file of question and passage pairs (see `pairs`).
Three models, in which sets count alike, are fitted on the evidence that `rag` itself gathers:

ranking      a conditional logit (McFadden, 1974) of the passage that answers among its rivals
highlight    the same, of the sentences that hold the answer within the passage that answers
confidence   a logistic regression (Platt, 1999) of whether a passage answers. Half of what it
             sees are questions with an answer, a quarter the same questions with the passages
             that answer taken away, a quarter questions of another set: the mixture that the
             probability assumes. Since the best of many passages is nearer by chance, each set
             is asked as a whole and in random parts of 10, 100 and 1,000 passages.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evaluation.datasets import DatasetError, read_dataset
from evaluation.examples import Choice, Question, examples
from evaluation.pairs import read_pairs
from rag.confidence import FEATURES as confidence_names
from rag.errors import QuothError
from rag.highlighting import FEATURES as highlight_names
from rag.model_files import named
from rag.ranking import FEATURES as ranking_names
from rag.weights import FILE, Weights, all_weights
from rag.wiring import DEFAULT_MODEL, embedder_for

_SHARE = {"answered": 0.5, "missing": 0.25, "stranger": 0.25}
_SHOWN = 5
"""Passages that an answer shows by default."""
_PENALTY = 0.001
"""Of the squared standardised weights."""


def conditional_logit(
    sets: list[list[Choice]], *, penalty: float = _PENALTY
) -> NDArray[np.float64]:
    """Return the weights, shape (features,), that make the right options most likely.

    Sets count alike. Raises DatasetError when there is no choice at all.
    """
    if not any(sets):
        raise DatasetError("There is nothing to choose from: do the sets have gold answers?")
    spread = np.concatenate([c.features for choices in sets for c in choices]).std(axis=0)
    spread[spread == 0] = 1
    padded = [_Padded(choices, spread) for choices in sets]
    weights: NDArray[np.float64] = _minimise(padded, penalty) / spread
    return weights


class _Padded:
    """The choices of one set as one array, so that a loss is a few operations."""

    def __init__(self, choices: list[Choice], spread: NDArray[np.float64]) -> None:
        most = max(len(c.right) for c in choices)
        self.features = np.zeros((len(choices), most, len(spread)))
        self.right = np.zeros((len(choices), most), bool)
        self.there = np.zeros((len(choices), most), bool)
        for row, choice in enumerate(choices):
            n = len(choice.right)
            self.features[row, :n] = choice.features / spread
            self.right[row, :n] = choice.right
            self.there[row, :n] = True

    def loss(self, weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Return the mean of -ln P(a right option), and its gradient."""
        scores = np.where(self.there, self.features @ weights, -np.inf)
        scores -= scores.max(axis=1, keepdims=True)
        odds = np.exp(scores)
        chance = odds / odds.sum(axis=1, keepdims=True)
        right = np.where(self.right, odds, 0)
        given_right = right / right.sum(axis=1, keepdims=True)
        value = -np.log((chance * self.right).sum(axis=1)).mean()
        slope = np.einsum("qo,qof->f", chance - given_right, self.features) / len(odds)
        return float(value), slope


def _minimise(sets: list[_Padded], penalty: float) -> NDArray[np.float64]:
    from scipy.optimize import minimize

    def total(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        losses = [one.loss(weights) for one in sets]
        value = sum(loss for loss, _ in losses) / len(losses)
        slope = sum(gradient for _, gradient in losses) / len(losses)
        return float(value + penalty * weights @ weights), slope + 2 * penalty * weights

    start = np.zeros(sets[0].features.shape[2])
    found: NDArray[np.float64] = minimize(total, start, jac=True, method="L-BFGS-B").x
    return found


def logistic(questions: Sequence[Question], ranking: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return intercept and weights of the probability that a passage answers.

    All but the last are fitted on the first passages; the last, of how far a passage's score is
    behind the best, on those that follow, with the others held. Sets, and the sizes they were
    asked in, count alike; kinds of question by their share.
    """
    from scipy.optimize import minimize_scalar
    from sklearn.linear_model import LogisticRegression

    shown = [_Shown(question, ranking) for question in questions]
    sizes = Counter(one.question.group for one in shown)
    importance = np.array([_SHARE[g[2]] / sizes[g] for g in (one.question.group for one in shown)])
    model = LogisticRegression(C=1e3, max_iter=5000)
    first = np.array([one.features[0] for one in shown])
    right = np.array([one.right[0] for one in shown])
    model.fit(first, right, sample_weight=importance / importance.mean())

    rest = [one for one in shown if one.question.group[2] == "answered"]
    logits = np.concatenate([model.decision_function(one.features)[1:] for one in rest])
    behind = np.concatenate([one.behind[1:] for one in rest])
    true = np.concatenate([one.right[1:] for one in rest])

    def loss(weight: float) -> float:
        signs = np.where(true, 1, -1)
        return float(np.logaddexp(0, -signs * (logits + weight * behind)).mean())

    of_behind = minimize_scalar(loss, bounds=(-3, 0), method="bounded").x
    return np.concatenate([model.intercept_, model.coef_[0], [of_behind]])


class _Shown:
    """The passages of a question that a person would be shown, best first."""

    def __init__(self, question: Question, ranking: NDArray[np.float64]) -> None:
        scores = question.ranking @ ranking
        order = np.argsort(-scores, kind="stable")[:_SHOWN]
        self.question = question
        self.features = question.confidence[order]
        self.right = question.right[order]
        self.behind = scores.max() - scores[order]


def fitted(
    sets: list[str],
    support: float,
    ranking: NDArray[np.float64],
    confidence: NDArray[np.float64],
    highlight: NDArray[np.float64],
) -> Weights:
    """Return the constants, each by its name."""

    def named(names: Sequence[str], values: NDArray[np.float64]) -> dict[str, float]:
        return {name: round(float(v), 3) for name, v in zip(names, values, strict=True)}

    return Weights(
        tuple(sets),
        round(support, 2),
        named(ranking_names, ranking),
        named(("intercept", *confidence_names, "behind"), confidence),
        named(highlight_names, highlight),
    )


def json_text(model: str, found: Weights) -> str:
    """Return the contents of `rag/weights.json` with these constants for a model."""
    known = {name: asdict(one) for name, one in all_weights().items()}
    return json.dumps({**known, model: asdict(found)}, indent=1) + "\n"


def main() -> None:
    """Fit on the sets named; print `rag/weights.json` with what was found, or write it."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.fit")
    parser.add_argument("sets", nargs="+", type=Path, metavar="SET")
    parser.add_argument("--model", default=DEFAULT_MODEL, type=named)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", action="store_true", help="write rag/weights.json")
    options = parser.parse_args()
    datasets = [
        read_dataset(path) if path.is_dir() else read_pairs(path, seed=options.seed)
        for path in options.sets
    ]
    found = examples(datasets, embedder_for(options.model), options.seed)
    ranking = conditional_logit(found.rankings)
    found_weights = fitted(
        [dataset.name for dataset in datasets],
        float(np.mean([np.mean(shares) for shares in found.supports])),
        ranking,
        logistic(found.questions, ranking),
        conditional_logit([choices for choices in found.highlights if choices]),
    )
    text = json_text(options.model, found_weights)
    if options.write:
        Path(str(files("rag").joinpath(FILE))).write_text(text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    try:
        main()
    except QuothError as error:
        sys.exit(f"quoth: {error}")
