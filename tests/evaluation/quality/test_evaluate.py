"""Evaluation: figures computed by hand over a small set made by hand."""

import json
import math
from collections import Counter
from pathlib import Path

import pytest
from tests_support import write_files

from evaluation.datasets.beir import read_dataset
from evaluation.datasets.corpus import indexed
from evaluation.quality.answers import off_subject
from evaluation.quality.evaluate import evaluate
from evaluation.quality.results import Comparison, Evaluation
from evaluation.quality.statistics import Mean, randomisation_p
from evaluation.report.figures import figures
from evaluation.report.markdown import markdown
from rag.errors import QuothError

OURS = ("bm25", "dense", "rrf", "quoth")


def evaluated(folder: Path, **options: object) -> Evaluation:
    with indexed(read_dataset(folder), "hashing") as corpus:
        return evaluate(corpus, **{"systems": OURS, **options})


def test_the_measures_are_those_of_the_ranking(folder: Path) -> None:
    progress: list[str] = []
    evaluation = evaluated(folder, report=progress.append)
    assert [result.name for result in evaluation.systems] == list(OURS)
    quoth = evaluation.systems[3]
    assert {q: ranked[0] for q, ranked in quoth.rankings.items()} == {
        "q1": "rivers",
        "q2": "schools",
        "q3": "rivers",
    }
    rank = quoth.rankings["q3"].index("food")
    assert rank in (1, 2)
    assert quoth.per_question["nDCG@10"] == pytest.approx([1, 1, 1 / math.log2(rank + 2)])
    assert quoth.per_question["R@1"] == (1.0, 1.0, 0.0)
    assert quoth.per_question["R@100"] == (1.0, 1.0, 1.0)
    assert len(quoth.seconds) == 3
    assert progress == ["set: bm25", "set: dense", "set: rrf", "set: quoth", "set: answers"]


def test_the_answers_are_measured_as_a_user_sees_them(folder: Path) -> None:
    evaluation = evaluated(folder)
    of_set = evaluation.answered[:4]
    assert [question.right for question in of_set] == [True, True, False, False]
    assert evaluation.declined("answerable") == (0, 3)
    assert evaluation.declined("written near miss") == (1, 1)
    assert evaluation.may_answer("written near miss") == 0
    confidences = [question.answer.confidence for question in of_set]
    assert evaluation.declined_below(0, "answerable") == 0
    below = sum(confidence < max(confidences) for confidence in confidences[:3]) / 3
    assert 0 < below < 1
    assert evaluation.declined_below(max(confidences), "answerable") == pytest.approx(below)
    assert evaluation.declined_below(confidences[3], "written near miss") == 0
    assert evaluation.declined_below(min(confidences[:3]), "written near miss") == 1
    assert evaluation.auroc() == 1.0
    assert evaluation.verbatim == 1.0
    assert evaluation.highlight_accuracy() == (2, 2)
    assert [question.first_score for question in evaluation.answered] == [
        question.answer.passages[0].score for question in evaluation.answered
    ]
    coverage, risk = evaluation.risk_coverage()[-1]
    assert (coverage, risk) == (1.0, pytest.approx(1 - 2 / len(evaluation.answered)))


def test_near_misses_and_what_is_off_subject_are_asked_as_well(folder: Path) -> None:
    evaluation = evaluated(folder)
    kinds = Counter(question.kind for question in evaluation.answered)
    assert kinds == {
        "answerable": 3, "written near miss": 1, "answer removed": 2, "off subject": 40
    }  # fmt: skip
    removed = [q for q in evaluation.answered if q.kind == "answer removed"]
    assert [q.id for q in removed] == ["q1 without its answer", "q3 without its answer"]
    for question in removed:  # what answers q1 and q3 is gone, and what answers q2 stays
        assert question.retrieved == ("schools",)
        assert not question.right
    report = markdown([evaluation], 0)
    assert "| set | off subject | 40 | " in report
    answers = figures([evaluation])["sets"]["set"]["answers"]
    assert answers["declined"]["off subject"][1] == 40
    assert answers["auroc"]["off subject"] == evaluation.auroc("off subject")


def test_what_is_off_subject_is_asked_in_the_language_of_the_set() -> None:
    persian = off_subject({"q": "پایتخت ایران کجاست و چه کسی آن را ساخت؟"})
    assert len(persian) == 16
    assert any("وای‌فای" in text for text in persian.values())
    assert "wifi" in off_subject({"q": "Wo liegt die Hauptstadt des Landes?"})["off subject 1"]


def test_questions_that_were_read_in_part_are_counted(folder: Path) -> None:
    queries = folder / "queries.jsonl"
    rows = [json.loads(line) for line in queries.read_text().splitlines()]
    rows[0]["text"] += " And so on." * 400
    queries.write_text("".join(json.dumps(row) + "\n" for row in rows))
    evaluation = evaluated(folder)
    assert evaluation.truncated == 2  # once with and once without its answer
    assert figures([evaluation])["sets"]["set"]["answers"]["truncated"] == 2
    assert "Of set, 2 long questions were read in part." in markdown([evaluation], 0)


def test_systems_are_compared_with_quoth_question_by_question(folder: Path) -> None:
    evaluation = evaluated(folder)
    assert [(c.one, c.other) for c in evaluation.comparisons] == [
        ("quoth", "bm25"),
        ("quoth", "dense"),
        ("quoth", "rrf"),
    ]
    mine, theirs = (evaluation.systems[i].per_question["nDCG@10"] for i in (3, 0))
    assert evaluation.comparisons[0] == Comparison(
        "quoth",
        "bm25",
        pytest.approx(sum(mine) / 3 - sum(theirs) / 3),
        randomisation_p(mine, theirs),
    )


def test_ties_are_measured_in_the_order_shown(folder: Path) -> None:
    """With one relevant entry a question, AP is RR, whatever a tool makes of ties."""
    for result in evaluated(folder).systems:
        assert result.per_question["RR@10"] == pytest.approx(result.per_question["AP"])


def test_a_question_that_finds_nothing_counts_as_nothing(folder: Path) -> None:
    write_files(folder, {"queries.jsonl": json.dumps({"_id": "q1", "text": "xyzzy"})})
    write_files(folder, {"qrels/test.tsv": "h\nq1\trivers\t1\n", "answers.jsonl": ""})
    evaluation = evaluated(folder, systems=["bm25"])
    assert evaluation.systems[0].rankings == {"q1": []}
    assert evaluation.systems[0].means["nDCG@10"] == Mean(0.0, 0.0, 0.0)
    assert evaluation.answered == ()  # quoth is not among the systems
    assert evaluation.comparisons == ()


def test_a_run_made_elsewhere_is_measured_beside_ours(folder: Path) -> None:
    run = ("theirs", {"q1": ["food", "rivers"], "q2": ["schools"]})
    theirs = evaluated(folder, systems=["bm25"], runs=[run]).systems[1]
    assert theirs.per_question["RR@10"] == (0.5, 1.0, 0.0)  # q3 was not ranked, and counts 0
    assert theirs.seconds == ()


def test_a_program_that_is_not_installed_is_said_to_be(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evaluation.quality.peers.find_spec", lambda package: None)
    for name in ("txtai", "haystack"):
        with pytest.raises(QuothError, match=rf"{name} is not installed.*quoth\[peers\]"):
            evaluated(folder, systems=[name])
