"""Fitting: constants that made the examples are found again."""

import gzip
import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from evaluation.datasets import DatasetError, read_dataset
from evaluation.examples import Choice, Judged, examples
from evaluation.fit import conditional_logit, logistic, module_text
from evaluation.pairs import read_pairs
from rag.embedders import HashingEmbedder
from rag.weights import CONFIDENCE, HIGHLIGHT, RANKING


def test_a_conditional_logit_finds_the_weights_that_made_the_choices() -> None:
    chance = np.random.default_rng(1)
    true = np.array([2.0, -1.0, 0.0])
    choices = []
    for _ in range(4_000):
        features = chance.normal(size=(chance.integers(2, 6), 3))
        odds = np.exp(features @ true)
        right = np.arange(len(odds)) == chance.choice(len(odds), p=odds / odds.sum())
        choices.append(Choice(features, right))
    found = conditional_logit([choices[:2_000], choices[2_000:]], penalty=0.0)
    assert found == pytest.approx(true, abs=0.15)


def test_a_logistic_regression_finds_the_weights_that_made_the_examples() -> None:
    chance = np.random.default_rng(2)
    judged = []
    for _ in range(20_000):
        features = chance.uniform(0, 1.2, 4)
        logit = -3 + features @ [4, 2, -0.5, 0]
        right = bool(chance.random() < 1 / (1 + np.exp(-logit)))
        judged.append(Judged(("set", 1, "answered"), features, right))
    assert logistic(judged) == pytest.approx([-3, 4, 2, -0.5, 0], abs=0.25)


def test_examples_are_what_ranking_sees_with_and_without_the_answer(folder: Path) -> None:
    dataset = read_dataset(folder)
    found = examples([dataset, dataset], HashingEmbedder(), seed=0)
    [rankings, _] = found.rankings
    assert [choice.right.tolist() for choice in rankings[:2]] == [[True, False, False]] * 2
    assert rankings[2].right.sum() == 1
    assert not rankings[2].right[0]  # the first order puts the rivers before the food
    assert all(choice.features.shape == (3, len(RANKING)) for choice in rankings)
    of_first = [one for one in found.judged if one.group == ("set", 3, "answered")]
    assert [one.right for one in of_first].count(True) == 4  # two of three, in both sets
    without = [one for one in found.judged if one.group == ("set", 3, "missing")]
    assert not any(one.right for one in without)
    assert found.highlights == [[], []]  # each passage is one sentence: there is no choice


def test_the_module_that_is_written_gives_the_constants_back(tmp_path: Path) -> None:
    sizes = (len(RANKING), len(CONFIDENCE), len(HIGHLIGHT))
    values = [np.arange(n) / 8 for n in sizes]
    path = tmp_path / "written.py"
    path.write_text(module_text(["one", "two"], *values))
    spec = importlib.util.spec_from_file_location("written", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.FITTED_ON == ("one", "two")
    assert list(module.RANKING.items()) == list(zip(RANKING, values[0], strict=True))
    assert list(module.CONFIDENCE.items()) == list(zip(CONFIDENCE, values[1], strict=True))
    assert list(module.HIGHLIGHT.items()) == list(zip(HIGHLIGHT, values[2], strict=True))


def pair(number: int) -> dict:
    return {
        "question": f"Question {number}?",
        "title": "T",
        "passage": f"Passage {number // 2}.",
        "answers": ["Passage"],
    }


def test_pairs_are_read_as_a_labelled_set(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(json.dumps(pair(i)) for i in range(40)).encode()))
    dataset = read_pairs(path, passages=5, questions=8, seed=1)
    assert dataset.name == "x pairs"
    texts = {entry.id: entry.text for entry in dataset.corpus}
    assert len(texts) == len(set(texts.values())) == 5
    assert len(dataset.queries) == 8
    for query, text in dataset.queries.items():
        [entry] = dataset.qrels[query]
        number = int(text.split()[1].rstrip("?"))
        assert texts[entry] == f"Passage {number // 2}."
        assert dataset.answers[query] == ("Passage",)
    assert read_pairs(path, passages=5, questions=8, seed=1) == dataset


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"question": "a"}', r'x\.jsonl, line 1: no "title"'),
        ("{", "line 1: not JSON"),
        ("", "holds no pair"),
    ],
)
def test_wrong_pairs_are_refused_by_file_and_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "x.jsonl").write_text(text)
    with pytest.raises(DatasetError, match=message):
        read_pairs(tmp_path / "x.jsonl")


def test_a_sample_of_questions_is_spread_over_the_set(folder: Path) -> None:
    dataset = read_dataset(folder)
    assert list(dataset.sample(2).qrels) == ["q1", "q2"]
    assert list(dataset.sample(1).queries) == ["q1"]
    assert dataset.sample(9) == dataset
