"""Fit every constant of `rag.retrieval.fitted_weights` for a model.

    python -m evaluation.training.fit SET SET... [--write]

A SET is a folder in the BEIR layout, or a file of question and passage pairs (see `pairs`).
Five models, in which sets count alike, are fitted on the evidence that `rag` itself gathers:

ranking      a conditional logit (McFadden, 1974) of the passage that answers among its rivals
likeness     the same, of questions whose answer is not among the first passages: what resemblance
             to those adds to a score
highlight    the same, of the sentences that hold the answer within the passage that answers
confidence   a logistic regression (Platt, 1999) of whether a passage answers. Half of what it
             sees are questions with an answer, a quarter the same questions with the passages
             that answer taken away, a quarter questions of another set: the mixture that the
             probability assumes. Since the best of many passages is nearer by chance, each set
             is asked as a whole and in random parts of 10, 100 and 1,000 passages.
crossed      what the cross-encoder's logit adds to a ranking score (a conditional logit), and
             to the evidence of whether a passage answers (a logistic regression). Of texts like
             those that it was trained on it knows more than of a person's, so that only a part
             of what is fitted is kept.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evaluation.datasets.beir import DatasetError, read_dataset
from evaluation.datasets.pairs import read_pairs
from evaluation.training.fit_examples import Choice, Kind, Ranking, examples
from rag.errors import QuothError
from rag.factories import DEFAULT_MODEL, embedder_for
from rag.models.base import Embedder
from rag.models.cross_encoder_weights import tensors
from rag.models.registry import SMALL, named
from rag.models.sentence_transformers import SentenceTransformerEmbedder
from rag.retrieval.calibration import FEATURES as confidence_names
from rag.retrieval.fitted_weights import FILE, Weights, WithCrossEncoder, all_weights
from rag.retrieval.highlights import FEATURES as highlight_names
from rag.retrieval.ranking import FEATURES as ranking_names, RERANKED
from rag.retrieval.relevance_feedback import FIRST, resemblance
from rag.retrieval.word_matching import Terms

_SHARE = {"answered": 0.5, "missing": 0.25, "stranger": 0.25}
_TRUST = 1 / 3
"""Of a kind of text that the cross-encoder did not learn from. Two were trained for it, a thousand
steps each: of one that learnt from nq-qed and tydiqa alone, asked of the reviews, the weights were
.63 and .78 (order) and .38 and .24 (confidence) of the shipped one's, which had learnt from reviews
too; of one that learnt from the reviews alone, asked of the others, .09 and .23, .12 and .42. The
mean of the eight is .36."""
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


def likeness_weight(
    sets: list[list[Choice]], terms: list[list[tuple[Terms, ...]]], ranking: NDArray[np.float64]
) -> float:
    """Return what resemblance to the first passages adds to the score of one after them."""
    after: list[list[Choice]] = []
    for choices, of_choices in zip(sets, terms, strict=True):
        after.append([])
        for choice, of_choice in zip(choices, of_choices, strict=True):
            scores = choice.features @ ranking
            order = np.argsort(-scores, kind="stable")
            alike = resemblance(scores, of_choice, order[:FIRST].tolist())
            rest = order[FIRST:]
            if choice.right[rest].any():
                features = np.column_stack([scores[rest], alike[rest]])
                after[-1].append(Choice(features, choice.right[rest]))
    of_score, of_likeness = conditional_logit([choices for choices in after if choices])
    return float(of_likeness / of_score)


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """The passages of a question that a person would be shown, best first, a row each."""

    group: tuple[str, int, Kind]
    scores: NDArray[np.float64]
    features: NDArray[np.float64]
    """What confidence is made of; where the cross-encoder read, its logit last."""
    right: NDArray[np.bool_]

    @property
    def behind(self) -> NDArray[np.float64]:
        """How far each one's score is below the best."""
        found: NDArray[np.float64] = self.scores.max() - self.scores
        return found

    def reordered(self, order: float) -> "Shown":
        """Return them where each unit of the cross-encoder's logit adds so much to a score."""
        scores = self.scores + order * self.features[:, -1]
        by = np.argsort(-scores, kind="stable")
        return Shown(self.group, scores[by], self.features[by], self.right[by])


def first_shown(question: Ranking, ranking: NDArray[np.float64], *, read: bool) -> Shown:
    """Return the first passages by the evidence, read by the question's cross-encoder or not."""
    scores = question.ranking @ ranking
    features = question.confidence
    if read and question.cross:
        features = np.column_stack([features, question.cross(scores)])
    first = np.argsort(-scores, kind="stable")[:RERANKED]
    return Shown(question.group, scores[first], features[first], question.right[first])


def crossed(
    questions: Sequence[Ranking], ranking: NDArray[np.float64], trust: float = _TRUST
) -> WithCrossEncoder:
    """Return the constants for what a cross-encoder read, trusted in part, weighs."""
    read = [first_shown(one, ranking, read=True) for one in questions if one.cross]
    order = trust * order_weight(read)
    found = logistic([one.reordered(order) for one in read], trust)
    names = ("intercept", *confidence_names, "cross_encoder", "behind")
    return WithCrossEncoder(round(order, 3), _named(names, found))


def order_weight(read: Sequence[Shown]) -> float:
    """Return what a unit of the cross-encoder's logit adds to a score, were it fully trusted."""
    sets: dict[str, list[Choice]] = {}
    for one in read:
        if one.group[2] == "answered" and one.right.any() and not one.right.all():
            features = np.column_stack([one.scores, one.features[:, -1]])
            sets.setdefault(one.group[0], []).append(Choice(features, one.right))
    of_score, of_reading = conditional_logit(list(sets.values()))
    return float(of_reading / of_score)


def logistic(shown: Sequence[Shown], trust: float | None = None) -> NDArray[np.float64]:
    """Return intercept and weights of the probability that a passage answers.

    All but the last are fitted on the first passages; the last, of how far a passage's score is
    behind the best, on those that follow, with the others held. Sets, and the sizes they were
    asked in, count alike; kinds of question by their share. With `trust`, the last feature, the
    cross-encoder's logit, has that share of its weight in relation to the others, which keep the
    proportions that they have without it.
    """
    first = np.array([one.features[0] for one in shown])
    if trust is None:
        intercept, weights = _of_first(shown, first)
    else:
        weights = np.append(_of_first(shown, first[:, :-1])[1], 0.0)
        _, (others, last) = _of_first(shown, np.column_stack([first @ weights, first[:, -1]]))
        weights[-1] = trust * last / others
        intercept, scale = _of_first(shown, (first @ weights)[:, None])
        weights = weights * scale
    return np.concatenate([[intercept], weights, [_of_behind(shown, intercept, weights)]])


def _of_first(
    shown: Sequence[Shown], features: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """Return intercept and weights of whether the first passages answer, by these features."""
    from sklearn.linear_model import LogisticRegression

    sizes = Counter(one.group for one in shown)
    importance = np.array([_SHARE[one.group[2]] / sizes[one.group] for one in shown])
    right = np.array([one.right[0] for one in shown])
    model = LogisticRegression(C=1e3, max_iter=5000)
    model.fit(features, right, sample_weight=importance / importance.mean())
    return float(model.intercept_[0]), model.coef_[0]


def _of_behind(shown: Sequence[Shown], intercept: float, weights: NDArray[np.float64]) -> float:
    from scipy.optimize import minimize_scalar

    rest = [one for one in shown if one.group[2] == "answered"]
    logits = np.concatenate([one.features[1:] @ weights + intercept for one in rest])
    behind = np.concatenate([one.behind[1:] for one in rest])
    true = np.concatenate([one.right[1:] for one in rest])

    def loss(weight: float) -> float:
        signs = np.where(true, 1, -1)
        return float(np.logaddexp(0, -signs * (logits + weight * behind)).mean())

    return float(minimize_scalar(loss, bounds=(-3, 0), method="bounded").x)


def fitted(
    sets: list[str],
    support: float,
    ranking: NDArray[np.float64],
    likeness: float,
    confidence: NDArray[np.float64],
    highlight: NDArray[np.float64],
    with_cross_encoder: WithCrossEncoder | None,
) -> Weights:
    """Return the constants, each by its name."""
    return Weights(
        tuple(sets),
        round(support, 2),
        _named(ranking_names, ranking),
        round(likeness, 2),
        _named(("intercept", *confidence_names, "behind"), confidence),
        _named(highlight_names, highlight),
        with_cross_encoder,
    )


def _named(names: Sequence[str], values: NDArray[np.float64]) -> dict[str, float]:
    return {name: round(float(v), 3) for name, v in zip(names, values, strict=True)}


def json_text(model: str, found: Weights) -> str:
    """Return the contents of `rag/retrieval/weights.json` with these constants for a model."""
    known = {name: asdict(one) for name, one in all_weights().items()}
    return json.dumps({**known, model: asdict(found)}, indent=1) + "\n"


def main() -> None:
    """Fit on the sets named; print the new `rag/retrieval/weights.json`, or write it."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.training.fit")
    parser.add_argument("sets", nargs="+", type=Path, metavar="SET")
    parser.add_argument("--model", default=DEFAULT_MODEL, type=named)
    parser.add_argument("--cross-encoder", type=Path, help="another one's weights")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", action="store_true", help="write rag/retrieval/weights.json")
    options = parser.parse_args()
    if options.cross_encoder and options.model != SMALL:
        parser.error(f"a cross-encoder's weights go with {SMALL} alone")
    datasets = [
        read_dataset(path) if path.is_dir() else read_pairs(path, seed=options.seed)
        for path in options.sets
    ]
    embedder: Embedder = embedder_for(options.model)
    if options.cross_encoder:
        embedder = SentenceTransformerEmbedder(options.model)
        embedder.cross_weights = tensors(options.cross_encoder)
    found = examples(datasets, embedder, options.seed)
    ranking = conditional_logit(found.rankings)
    unread = [first_shown(question, ranking, read=False) for question in found.questions]
    has_cross_encoder = any(question.cross for question in found.questions)
    found_weights = fitted(
        [dataset.name for dataset in datasets],
        float(np.mean([np.mean(shares) for shares in found.supports])),
        ranking,
        likeness_weight(found.rankings, found.terms, ranking),
        logistic(unread),
        conditional_logit([choices for choices in found.highlights if choices]),
        crossed(found.questions, ranking) if has_cross_encoder else None,
    )
    text = json_text(options.model, found_weights)
    if options.write:
        Path(str(files("rag.retrieval").joinpath(FILE))).write_text(text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    try:
        main()
    except QuothError as error:
        sys.exit(f"quoth: {error}")
