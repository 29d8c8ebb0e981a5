"""Fit every constant of `rag.weights`: `python -m evaluation.fit SET SET... [--write]`.

A SET is a folder in the BEIR layout, or a file of question and passage pairs (see `pairs`).
Three models are fitted, on the evidence that `rag` itself gathers:

ranking      a conditional logit (McFadden, 1974) of the passage that answers among its rivals
highlight    the same, of the sentences that hold the answer within the passage that answers
confidence   a logistic regression (Platt, 1999) of whether the first passage answers. Half of
             what it sees are questions with an answer, a quarter the same questions with the
             passages that answer taken away, a quarter questions of another set: the mixture
             that the probability assumes. Since the best of many passages is nearer by chance,
             each set is asked as a whole and in random parts of 10, 100 and 1,000 passages.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evaluation.datasets import read_dataset
from evaluation.examples import Choice, Judged, examples
from evaluation.pairs import read_pairs
from rag import weights
from rag.wiring import DEFAULT_MODEL, embedder_for

_SHARE = {"answered": 0.5, "missing": 0.25, "stranger": 0.25}
_PENALTY = 0.003
"""Of the squared standardised weights; results change little between .001 and .03."""


def conditional_logit(
    sets: list[list[Choice]], *, penalty: float = _PENALTY
) -> NDArray[np.float64]:
    """Return the weights, shape (features,), that make the right options most likely.

    Sets count alike: once fitted, each set's loss is divided by what it came to, and the fit
    made again, so that one whose questions have no clear answer does not outweigh the others.
    """
    spread = np.concatenate([c.features for choices in sets for c in choices]).std(axis=0)
    spread[spread == 0] = 1
    padded = [_Padded(choices, spread) for choices in sets]
    share = np.ones(len(sets))
    for _ in range(2):
        found = _minimise(padded, share / share.sum(), penalty)
        share = 1 / np.array([p.loss(found)[0] for p in padded])
    weights: NDArray[np.float64] = found / spread
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


def _minimise(
    sets: list[_Padded], share: NDArray[np.float64], penalty: float
) -> NDArray[np.float64]:
    from scipy.optimize import minimize

    def total(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        losses = [one.loss(weights) for one in sets]
        value = sum(s * loss for s, (loss, _) in zip(share, losses, strict=True))
        slope = sum(s * gradient for s, (_, gradient) in zip(share, losses, strict=True))
        return value + penalty * weights @ weights, slope + 2 * penalty * weights

    start = np.zeros(sets[0].features.shape[2])
    found: NDArray[np.float64] = minimize(total, start, jac=True, method="L-BFGS-B").x
    return found


def logistic(judged: list[Judged]) -> NDArray[np.float64]:
    """Return intercept and weights of the probability that an example is right.

    Sets, and the sizes they were asked in, count alike; kinds of question by their share.
    """
    from sklearn.linear_model import LogisticRegression

    groups: dict[tuple[str, int, str], int] = {}
    for example in judged:
        groups[example.group] = groups.get(example.group, 0) + 1
    importance = np.array([_SHARE[e.group[2]] / groups[e.group] for e in judged])
    model = LogisticRegression(C=1e3, max_iter=5000)
    features = np.array([example.features for example in judged])
    model.fit(features, [e.right for e in judged], sample_weight=importance / importance.mean())
    return np.append(model.intercept_, model.coef_[0])


def module_text(
    sets: list[str],
    ranking: NDArray[np.float64],
    confidence: NDArray[np.float64],
    highlight: NDArray[np.float64],
) -> str:
    """Return the source of `rag.weights` with these constants."""
    lines = [
        '"""Every fitted constant, and nothing else. Made by: python -m evaluation.fit."""',
        "",
        "FITTED_ON = (",
        *(f'    "{name}",' for name in sets),
        ")",
        '"""No figure on one of these says how good Quoth is on documents it never saw."""',
    ]
    for name, names, values in (
        ("RANKING", weights.RANKING, ranking),
        ("CONFIDENCE", weights.CONFIDENCE, confidence),
        ("HIGHLIGHT", weights.HIGHLIGHT, highlight),
    ):
        rows = (f'    "{key}": {value:.3f},' for key, value in zip(names, values, strict=True))
        lines += [f"{name} = {{", *rows, "}"]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Fit on the sets named; print the module, or write it in place."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.fit")
    parser.add_argument("sets", nargs="+", type=Path, metavar="SET")
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", action="store_true", help="write rag/weights.py")
    options = parser.parse_args()
    datasets = [
        read_dataset(path) if path.is_dir() else read_pairs(path, seed=options.seed)
        for path in options.sets
    ]
    found = examples(datasets, embedder_for(options.model), options.seed)
    text = module_text(
        [dataset.name for dataset in datasets],
        conditional_logit(found.rankings),
        logistic(found.judged),
        conditional_logit(found.highlights),
    )
    if options.write:
        Path(str(weights.__file__)).write_text(text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
