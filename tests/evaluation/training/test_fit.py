"""Fitting recovers the constants that generated the examples."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from evaluation.datasets.beir import DatasetError, read_dataset
from evaluation.datasets.pairs import read_pairs
from evaluation.training.estimators import TopPassages, conditional_logit, logistic
from evaluation.training.fit import (
    json_text,
    likeness_weight,
    order_weight,
    rounded_weights,
    top_passages,
    with_cross_encoder,
)
from evaluation.training.fit_examples import Choice, Ranking, examples
from rag.models.hashing import HashingEmbedder
from rag.retrieval.calibration import FEATURES as CONFIDENCE, READ_FEATURES
from rag.retrieval.fitted_weights import WithCrossEncoder, all_weights
from rag.retrieval.highlights import FEATURES as HIGHLIGHT, READ_FEATURES as READ_HIGHLIGHT
from rag.retrieval.ranking import FEATURES as RANKING, PassageReadings
from rag.retrieval.relevance_feedback import resemblance


def test_a_conditional_logit_finds_the_weights_that_made_the_choices() -> None:
    chance = np.random.default_rng(1)
    true = np.array([2.0, -1.0, 0.0])
    choices = []
    for _ in range(4_000):
        features = chance.normal(size=(chance.integers(2, 6), 3))
        odds = np.exp(features @ true)
        right = np.arange(len(odds)) == chance.choice(len(odds), p=odds / odds.sum())
        choices.append(Choice(features, right))
    weights = conditional_logit([choices[:2_000], choices[2_000:]], penalty=0.0)
    assert weights == pytest.approx(true, abs=0.15)


def test_likeness_is_fitted_on_what_stands_behind_the_first_passages() -> None:
    """Passages share the first one's term in their own measure; the right one is drawn by it."""
    chance = np.random.default_rng(5)
    choices, terms = [], []
    for _ in range(3_000):
        passage_terms = [np.repeat([0, k + 1], [n, 9 - n]).astype(np.int32)
                for k, n in enumerate([9, 9, 9, *chance.choice([0, 0, 4, 9], 6)])]  # fmt: skip
        scores = np.array([9.0, 8.0, 7.0, *chance.uniform(0, 3, 6)])
        logits = scores + 4 * resemblance(scores, passage_terms, [0, 1, 2])
        odds = np.exp(logits[3:]) / np.exp(logits[3:]).sum()
        right = np.arange(9) == 3 + chance.choice(6, p=odds)
        choices.append(Choice(np.column_stack([scores, chance.random(9)]), right))
        terms.append(tuple(passage_terms))
    first = Choice(choices[0].features, np.arange(9) == 0)  # its answer leads: it teaches nothing
    sets = [[*choices[:1_500], first], choices[1_500:]]
    of_sets = [[*terms[:1_500], terms[0]], terms[1_500:]]
    assert likeness_weight(sets, of_sets, np.array([1.0, 0.0])) == pytest.approx(4, abs=0.4)


def test_the_probability_is_fitted_on_first_passages_and_then_on_those_behind() -> None:
    """Each question's candidates are ranked by their first feature alone."""
    chance = np.random.default_rng(2)
    questions = []
    for _ in range(12_000):
        scores = np.sort(chance.uniform(0, 3, 2))[::-1]
        features = chance.uniform(0, 1.2, (2, 4))
        logits = -3 + features @ [4, 2, -0.5, 0] - 1.5 * (scores[0] - scores)
        right = chance.random(2) < 1 / (1 + np.exp(-logits))
        ranking = np.column_stack([scores, chance.random(2)])
        questions.append(
            Ranking(("set", 1, "answered"), ranking, lambda _, f=features: f, right, None)
        )
    weights = logistic([top_passages(q, np.array([1.0, 0.0]), read=False) for q in questions])
    assert weights == pytest.approx([-3, 4, 2, -0.5, 0, -1.5], abs=0.25)


def read_questions() -> list[Ranking]:
    """Return questions whose right passage a reranker tells as well as the features do."""
    chance = np.random.default_rng(3)
    questions = []
    for number in range(6_000):
        scores = chance.uniform(0, 3, 2)
        relevance = chance.normal(size=2) * 2
        features = chance.uniform(0, 1, (2, 3))
        odds = np.exp(scores + 0.5 * relevance)
        right = np.arange(2) == chance.choice(2, p=odds / odds.sum())
        if number % 2:  # the passage that answers is not there
            right[:] = False
        group = ("set", 1, "missing" if number % 2 else "answered")
        ranking = np.column_stack([scores, chance.random(2)])
        answerability = chance.normal(size=2) + right
        readings = PassageReadings(relevance, answerability, chance.normal(size=2), {})
        columns_read = np.column_stack([features, answerability, readings.span_margin])
        # Of two sentences, the one where the reranker locates the answer holds it four times in
        # five; nothing else tells them apart.
        columns = np.zeros((2, len(READ_HIGHLIGHT)))
        columns[0, -1] = 1
        choice = Choice(columns, np.arange(2) == int(chance.random() < 0.2))
        questions.append(
            Ranking(
                group,
                ranking,
                lambda _, f=columns_read: f,
                right,
                lambda _, r=readings: r,
                lambda _, c=choice: (c,),
            )
        )
    return questions


def test_a_rerankers_order_is_trusted_in_part_and_what_it_says_by_its_worth() -> None:
    questions = read_questions()
    ranking = np.array([1.0, 0.0])
    read = [top_passages(question, ranking, read=True) for question in questions]
    for passages, question in zip(read, questions, strict=True):
        best_first = np.argsort(-question.ranking[:, 0])
        readings = question.read(passages.scores)
        assert passages.relevance.tolist() == readings.relevance[best_first].tolist()
        columns = np.column_stack([readings.answerability, readings.span_margin])
        assert passages.features[:, -2:].tolist() == columns[best_first].tolist()
    whole = order_weight(read)
    assert whole == pytest.approx(0.5, abs=0.06)  # of 3,000 drawn questions
    for trust in (1.0, 0.25):
        constants = with_cross_encoder(questions, ranking, trust)
        assert constants.order == pytest.approx(trust * whole, abs=1e-3)
        names = ["intercept", *READ_FEATURES, "behind"]
        assert list(constants.confidence) == names
        # Normal of width 1, and 1 higher where right: its log-odds rise by 1 a unit.
        assert constants.confidence["answerability"] == pytest.approx(1, abs=0.15)
        assert constants.confidence["span_margin"] == pytest.approx(0, abs=0.1)
        assert list(constants.highlight) == list(READ_HIGHLIGHT)
        assert constants.highlight["span"] == pytest.approx(np.log(4), abs=0.1)


def test_kinds_of_questions_count_by_their_share_however_many_there_are() -> None:
    """Of a single constant feature, the intercept is the log-odds of the mixture."""

    def top(kind: str, right: bool) -> TopPassages:
        return TopPassages(
            ("set", 1, kind), np.zeros(2), np.ones((2, 1)), np.zeros(2), np.array([right, False])
        )

    questions = [top("answered", True)] * 30 + [top("stranger", False)] * 500
    questions += [top("written", False)] * 3
    intercept, weight, _ = logistic(questions)
    share = 0.5 / (0.5 + 0.2 + 0.15)
    assert intercept + weight == pytest.approx(np.log(share / (1 - share)), abs=0.01)


def test_passages_are_ordered_by_their_score_with_the_cross_encoders_share() -> None:
    passages = TopPassages(
        group=("s", 1, "answered"),
        scores=np.array([2.0, 1.5, 0.0]),
        features=np.array([[1.0], [2.0], [3.0]]),
        relevance=np.array([-2.0, 1.0, 1.0]),
        right=np.array([False, True, False]),
    )
    reordered = passages.reordered(0.5)
    assert reordered.scores.tolist() == [2.0, 1.0, 0.5]
    assert reordered.features[:, 0].tolist() == [2.0, 1.0, 3.0]
    assert reordered.right.tolist() == [True, False, False]
    assert reordered.behind.tolist() == [0.0, 1.0, 1.5]


def test_examples_are_what_ranking_sees_with_and_without_the_answer(folder: Path) -> None:
    dataset = read_dataset(folder)
    found = examples([dataset, read_dataset(folder)], HashingEmbedder(), seed=0)
    [rankings, _] = found.rankings
    assert [choice.right.tolist() for choice in rankings[:2]] == [[True, False, False]] * 2
    assert rankings[2].right.sum() == 1
    assert not rankings[2].right[0]  # the first order puts the rivers before the food
    assert all(choice.features.shape == (3, len(RANKING)) for choice in rankings)
    [terms, _] = found.terms
    assert [len(of_choice) for of_choice in terms] == [3] * len(rankings)
    kinds = {kind: [q for q in found.questions if q.group == ("set", 3, kind)]
             for kind in ("answered", "missing", "written", "stranger")}  # fmt: skip
    assert [len(kinds[kind]) for kind in kinds] == [6, 6, 2, 6]
    assert [int(q.right.sum()) for q in kinds["answered"]] == [1] * 6
    assert not any(
        q.right.any() for kind in ("missing", "written", "stranger") for q in kinds[kind]
    )
    column = list(RANKING).index("lexical")
    for whole, without in zip(kinds["answered"], kinds["missing"], strict=True):
        assert len(without.right) == 2
        kept = whole.ranking[~whole.right]
        best = kept[:, column].max()
        assert without.ranking[:, column] == pytest.approx(kept[:, column] / (best or 1))
        assert without.confidence(None) == pytest.approx(whole.confidence(None)[~whole.right])
    assert found.supports[0] == pytest.approx(found.supports[1])
    assert found.highlights == [[], []]  # each passage is one sentence: there is no choice


def test_what_is_written_gives_the_constants_back_and_leaves_other_models_theirs() -> None:
    sizes = (len(RANKING), len(CONFIDENCE) + 2, len(HIGHLIGHT))
    with_reader = WithCrossEncoder(0.5, {"intercept": 1.0}, {"span": 2.0})
    ranking, confidence, highlight = (np.arange(n) / 8 for n in sizes)
    weights = rounded_weights(
        ["one", "two"],
        support=0.625,
        ranking=ranking,
        likeness=12.345,
        confidence=confidence,
        highlight=highlight,
        with_reader=with_reader,
    )
    assert weights.fitted_on == ("one", "two")
    assert weights.typical_support == 0.62
    assert weights.likeness == 12.35
    assert weights.ranking == {name: i / 8 for i, name in enumerate(RANKING)}
    names = ("intercept", *CONFIDENCE, "behind")
    assert weights.confidence == {name: i / 8 for i, name in enumerate(names)}
    assert weights.highlight == {name: i / 8 for i, name in enumerate(HIGHLIGHT)}
    written = json.loads(json_text("a model", weights))
    assert written["a model"]["ranking"] == weights.ranking
    assert written["a model"]["with_cross_encoder"] == {
        "order": 0.5,
        "confidence": {"intercept": 1.0},
        "highlight": {"span": 2.0},
    }
    for model, current in all_weights().items():
        assert written[model]["confidence"] == current.confidence


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


def test_whole_articles_are_left_of_pairs_that_mislead(tmp_path: Path) -> None:
    rows = [
        {**pair(i), "title": f"T{i % 40}", "answers": [] if i % 3 else ["Passage"]}
        for i in range(400)
    ]
    path = tmp_path / "x.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    dataset = read_pairs(path, questions=20)
    titles = {entry.title for entry in dataset.corpus}
    assert len(titles) == 10
    passages = {row["passage"] for row in rows if row["title"] in titles}
    assert {entry.text for entry in dataset.corpus} == passages
    assert len(dataset.queries) == len(dataset.unanswerable) == 20
    misleading = {row["question"] for row in rows if not row["answers"]}
    assert set(dataset.unanswerable.values()) <= misleading
    assert not set(dataset.queries.values()) & misleading


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"question": "a"}', r'x\.jsonl, line 1: no "title"'),
        ("{", "line 1: not JSON"),
        (json.dumps({**pair(0), "answers": "a"}), '"answers" is neither a list nor null'),
        ("", "contains no pairs"),
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
