"""Fit all constants of `rag.retrieval.fitted_weights` for a model.

    python -m evaluation.training.fit SET SET... [--model MODEL] [--write]

A SET is a folder in the BEIR layout, or a file of question and passage pairs (see
`evaluation.datasets.pairs`). Five models, in which all sets count equally, are fitted on the
evidence that `rag` itself gathers:

ranking      a conditional logit of the passage that answers among its rivals
likeness     the same, over questions whose answer is not among the first passages: what
             resemblance to those adds to a score
highlight    the same, of the sentences that hold the answer within the passage that answers
confidence   a logistic regression of whether a passage answers. Half of its examples are questions
             with an answer, 15 % the same questions with the passages that answer removed, 15 %
             questions that people wrote to mislead, and 20 % questions of another set: the mixture
             that the probability assumes. Since the best of many passages is nearer by chance, each
             set is searched as a whole and in random parts of 10, 100 and 1,000 passages.
with_cross_encoder
             what the cross-encoder's relevance adds to a ranking score (a conditional logit; only a
             part of the fitted weight is used, for it is more reliable on texts like those it was
             trained on than on a person's own), and the logistic regression with what it says.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from importlib.resources import files
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from evaluation.cli import FILE, run
from evaluation.datasets.beir import read_dataset
from evaluation.datasets.pairs import read_pairs
from evaluation.training.estimators import TopPassages, conditional_logit, logistic
from evaluation.training.fit_examples import QUESTIONS, Choice, Examples, Ranking, examples
from rag.factories import DEFAULT_MODEL, embedder_for
from rag.models.base import Embedder
from rag.models.cross_encoder_weights import tensors
from rag.models.registry import bundled_languages, named
from rag.models.sentence_transformers import SentenceTransformerEmbedder
from rag.retrieval.calibration import (
    FEATURES as confidence_names,
    READ_FEATURES,
)
from rag.retrieval.fitted_weights import (
    FILE as WEIGHTS_FILE,
    Weights,
    WithCrossEncoder,
    all_weights,
    in_order,
    weights_of,
)
from rag.retrieval.highlights import (
    FEATURES as highlight_names,
    READ_FEATURES as read_highlight_names,
)
from rag.retrieval.ranking import FEATURES as ranking_names, RERANKED
from rag.retrieval.relevance_feedback import FIRST, resemblance
from rag.retrieval.word_matching import Terms

_TRUST = 1 / 3
"""In the order by a cross-encoder, on kinds of text it was not trained on. Measured with two
cross-encoders, trained for a thousand steps each. One, trained on nq-qed and tydiqa alone and
tested on the reviews, had .63 and .78 of the weight of the shipped one, which was trained on
reviews too; the other, trained on the reviews alone and tested on the other sets, .09 and .23."""


def likeness_weight(
    sets: list[list[Choice]], terms: list[list[tuple[Terms, ...]]], ranking: NDArray[np.float64]
) -> float:
    """Return what resemblance to the first passages adds to the score of a passage after them."""
    choices_after: list[list[Choice]] = []
    for choices, set_terms in zip(sets, terms, strict=True):
        choices_after.append([])
        for choice, passage_terms in zip(choices, set_terms, strict=True):
            scores = choice.features @ ranking
            order = np.argsort(-scores, kind="stable")
            likeness = resemblance(scores, passage_terms, order[:FIRST].tolist())
            after = order[FIRST:]
            if choice.right[after].any():
                features = np.column_stack([scores[after], likeness[after]])
                choices_after[-1].append(Choice(features, choice.right[after]))
    score_weight, weight = conditional_logit([choices for choices in choices_after if choices])
    return float(weight / score_weight)


def top_passages(question: Ranking, ranking: NDArray[np.float64], *, read: bool) -> TopPassages:
    """Return the first passages by their features; with `read`, with a reranker's readings."""
    scores = question.ranking @ ranking
    relevance, readings = np.zeros(len(scores)), None
    highlights: tuple[Choice, ...] = ()
    if read and question.read:
        readings = question.read(scores)
        relevance = readings.relevance
        highlights = question.highlights(readings) if question.highlights else ()
    features = question.confidence(readings)
    first = np.argsort(-scores, kind="stable")[:RERANKED]
    return TopPassages(
        question.group,
        scores[first],
        features[first],
        relevance[first],
        question.right[first],
        highlights,
    )


def with_cross_encoder(
    questions: Sequence[Ranking], ranking: NDArray[np.float64], trust: float = _TRUST
) -> WithCrossEncoder:
    """Return the constants for use with a cross-encoder whose order is trusted in part."""
    read = [top_passages(question, ranking, read=True) for question in questions if question.read]
    order = trust * order_weight(read)
    confidence = logistic([passages.reordered(order) for passages in read])
    names = ("intercept", *READ_FEATURES, "behind")
    choices: dict[str, list[Choice]] = {}
    for passages in read:
        choices.setdefault(passages.group[0], []).extend(passages.highlights)
    highlight = conditional_logit([of_set for of_set in choices.values() if of_set])
    return WithCrossEncoder(
        round(order, 3),
        _by_name(names, confidence),
        _by_name(read_highlight_names, highlight),
    )


def order_weight(read: Sequence[TopPassages]) -> float:
    """Return what a unit of the cross-encoder's logit adds to a score if it is trusted fully."""
    sets: dict[str, list[Choice]] = {}
    for passages in read:
        set_name, _, kind = passages.group
        if kind == "answered" and passages.right.any() and not passages.right.all():
            features = np.column_stack([passages.scores, passages.relevance])
            sets.setdefault(set_name, []).append(Choice(features, passages.right))
    score_weight, logit_weight = conditional_logit(list(sets.values()))
    return float(logit_weight / score_weight)


def fit(set_names: Sequence[str], evidence: Examples) -> Weights:
    """Return all constants, fitted on the evidence gathered from some sets."""
    ranking = conditional_logit(evidence.rankings)
    unread = [top_passages(question, ranking, read=False) for question in evidence.questions]
    is_read = any(question.read for question in evidence.questions)
    return rounded_weights(
        set_names,
        support=float(np.mean([np.mean(shares) for shares in evidence.supports])),
        ranking=ranking,
        likeness=likeness_weight(evidence.rankings, evidence.terms, ranking),
        confidence=logistic(unread),
        highlight=conditional_logit([choices for choices in evidence.highlights if choices]),
        with_reader=with_cross_encoder(evidence.questions, ranking) if is_read else None,
    )


def refitted(set_names: Sequence[str], evidence: Examples, weights: Weights) -> Weights:
    """Return a model's constants with the probability and what a reader adds fitted anew."""
    ranking = in_order(weights.ranking, ranking_names)
    unread = [top_passages(question, ranking, read=False) for question in evidence.questions]
    is_read = any(question.read for question in evidence.questions)
    return replace(
        weights,
        fitted_on=tuple(dict.fromkeys((*weights.fitted_on, *set_names))),
        confidence=_by_name(("intercept", *confidence_names, "behind"), logistic(unread)),
        with_cross_encoder=with_cross_encoder(evidence.questions, ranking) if is_read else None,
    )


def rounded_weights(
    set_names: Sequence[str],
    *,
    support: float,
    ranking: NDArray[np.float64],
    likeness: float,
    confidence: NDArray[np.float64],
    highlight: NDArray[np.float64],
    with_reader: WithCrossEncoder | None,
) -> Weights:
    """Return constants under their names, rounded as they are stored."""
    return Weights(
        tuple(set_names),
        round(support, 2),
        _by_name(ranking_names, ranking),
        round(likeness, 2),
        _by_name(("intercept", *confidence_names, "behind"), confidence),
        _by_name(highlight_names, highlight),
        with_reader,
    )


def _by_name(names: Sequence[str], values: NDArray[np.float64]) -> dict[str, float]:
    return {name: round(float(v), 3) for name, v in zip(names, values, strict=True)}


def json_text(model: str, weights: Weights) -> str:
    """Return `rag/retrieval/weights.json` with new constants for a model, the others unchanged."""
    by_model = {name: asdict(old_weights) for name, old_weights in all_weights().items()}
    return json.dumps({**by_model, model: asdict(weights)}, indent=1) + "\n"


@click.command()
@click.argument("sets", nargs=-1, required=True, metavar="SET...",
                type=click.Path(path_type=Path))  # fmt: skip
@click.option("--model", default=DEFAULT_MODEL, show_default=True, metavar="NAME",
              callback=lambda context, option, name: named(name),
              help="The embedding model to fit for.")  # fmt: skip
@click.option("--cross-encoder", "cross_encoder_file", type=FILE, metavar="FILE",
              help="Fit for the cross-encoder with these weights.")  # fmt: skip
@click.option("--keep-ranking", is_flag=True,
              help="Keep all but the probability and what a reader adds.")  # fmt: skip
@click.option("--passages", type=int, help="The most passages of a file of pairs.")
@click.option("--questions", default=QUESTIONS, show_default=True,
              help="Questions of each kind, of each part, to fit the probability on.")  # fmt: skip
@click.option("--seed", default=0, show_default=True, help="Seed of the random samples.")
@click.option("--write", is_flag=True, help="Write rag/retrieval/weights.json.")
def main(
    sets: Sequence[Path],
    model: str,
    cross_encoder_file: Path | None,
    passages: int | None,
    questions: int,
    seed: int,
    *,
    keep_ranking: bool,
    write: bool,
) -> None:
    """Fit on SETs; print the new contents of rag/retrieval/weights.json, or write them."""
    if cross_encoder_file and not bundled_languages(model):
        raise click.UsageError("--cross-encoder needs a bundled model.")
    datasets = [
        read_dataset(path) if path.is_dir() else read_pairs(path, part=passages, seed=seed)
        for path in sets
    ]
    embedder: Embedder = embedder_for(model)
    if cross_encoder_file:
        embedder = SentenceTransformerEmbedder(model)
        embedder.cross_weights = tensors(cross_encoder_file)
    names = [dataset.name for dataset in datasets]
    evidence = examples(datasets, embedder, seed, questions, rankings=not keep_ranking)
    weights = refitted(names, evidence, weights_of(model)) if keep_ranking else fit(names, evidence)
    text = json_text(model, weights)
    if write:
        Path(str(files("rag.retrieval").joinpath(WEIGHTS_FILE))).write_text(text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    run(main)
