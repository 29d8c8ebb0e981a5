"""Measuring: hand-computed figures over a hand-made set."""

import json
import math
from itertools import pairwise
from pathlib import Path

import pytest
from tests_support import write_files

from evaluation.calibrate import Example, fit
from evaluation.datasets import read_dataset
from evaluation.measuring import evaluate
from evaluation.statistics import Mean
from rag.cli import run
from rag.confidence import Evidence

CORPUS = {
    "rivers": "The Tigris and the Euphrates meet near Basra and flow to the sea.",
    "schools": "The university offers scholarships for medicine and engineering.",
    "food": "Dates are pressed into syrup after the harvest in autumn.",
}
QUERIES = {
    "q1": ("Which rivers meet near Basra?", "rivers"),
    "q2": ("For which subjects are there scholarships?", "schools"),
    "q3": ("Which rivers meet near Basra, in short?", "food"),  # judged so that it is missed
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    def lines(rows: list[dict]) -> str:
        return "".join(json.dumps(row) + "\n" for row in rows)

    qrels = "".join(f"{query}\t{entry}\t1\n" for query, (_, entry) in QUERIES.items())
    return write_files(
        tmp_path / "set",
        {
            "corpus.jsonl": lines([{"_id": i, "text": text} for i, text in CORPUS.items()]),
            "queries.jsonl": lines([{"_id": i, "text": text} for i, (text, _) in QUERIES.items()]),
            "qrels/test.tsv": "query-id\tcorpus-id\tscore\n" + qrels,
            "answers.jsonl": lines(
                [
                    {"_id": "q1", "answers": ["The Tigris and the Euphrates"]},
                    {"_id": "q2", "answers": ["medicine and engineering", "medicine"]},
                ]
            ),
            "unanswerable.jsonl": lines([{"_id": "u1", "text": "How do I reset a router?"}]),
        },
    )


def test_the_measures_are_those_of_the_ranking(folder: Path) -> None:
    seen: list[tuple[int, int]] = []
    found = evaluate(
        read_dataset(folder), model="hashing", progress=lambda done, of: seen.append((done, of))
    )
    assert [result.name for result in found.systems] == ["bm25", "dense", "rrf", "quoth"]
    quoth = found.systems[3]
    runs = {q: [row.doc_id for row in quoth.run if row.query_id == q] for q in QUERIES}
    ranks = [runs[query].index(entry) for query, (_, entry) in QUERIES.items()]
    assert ranks[:2] == [0, 0]
    assert ranks[2] in (1, 2)
    assert quoth.per_question["nDCG@10"] == pytest.approx(
        [1 / math.log2(rank + 2) for rank in ranks]
    )
    assert quoth.per_question["R@1"] == (1.0, 1.0, 0.0)
    assert [asked.right for asked in found.asked] == [True, True, False, False]
    assert found.declined(answerable=False) == (1, 1)
    assert found.auroc() == 1.0
    assert found.verbatim == 1.0
    assert found.highlight_accuracy() == (2, 2)
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_ties_are_measured_in_the_order_shown(folder: Path) -> None:
    """With one relevant entry a question, AP is RR, whatever a tool makes of ties."""
    for result in evaluate(read_dataset(folder), model="hashing").systems:
        for query in QUERIES:
            scores = [row.score for row in result.run if row.query_id == query]
            assert all(a > b for a, b in pairwise(scores))
        assert result.per_question["RR@10"] == pytest.approx(result.per_question["AP"])


def test_a_question_that_finds_nothing_counts_as_nothing(folder: Path) -> None:
    write_files(folder, {"queries.jsonl": json.dumps({"_id": "q1", "text": "xyzzy"})})
    write_files(folder, {"qrels/test.tsv": "h\nq1\trivers\t1\n", "answers.jsonl": ""})
    [bm25] = evaluate(read_dataset(folder), systems=["bm25"], model="hashing").systems
    assert bm25.run == ()
    assert bm25.means()["nDCG@10"] == Mean(0.0, 0.0, 0.0)


def test_the_command_prints_figures_and_what_was_missed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = ["--json", str(folder / "out.json"), "--run", str(folder / "out.run")]
    options = ["--model", "hashing", "--system", "quoth", "--system", "bm25"]
    assert run(["evaluate", str(folder), *options, *files]) == 0
    printed = capsys.readouterr().out
    assert "set: 3 passages, 3 questions with an answer, 1 without" in printed
    assert "first passage right      2 of 3" in printed
    assert "declined without an answer 1 of 1" in printed
    assert "missed: Which rivers meet near Basra, in short?" in printed
    written = json.loads((folder / "out.json").read_text())
    assert written["systems"]["quoth"]["R@1"]["mean"] == pytest.approx(2 / 3)
    assert written["declined"] == {"answerable": [0, 3], "unanswerable": [1, 1]}
    lines = (folder / "out.run").read_text().splitlines()
    assert lines[0].split()[:4] == ["q1", "Q0", "rivers", "1"]
    assert {line.split()[5] for line in lines} == {"quoth", "bm25"}
    assert run(["evaluate", str(folder / "none")]) == 2
    assert run(["evaluate", str(folder), "--json", str(folder / "no" / "x")]) == 2


def test_the_fit_finds_the_constants_that_made_the_examples() -> None:
    """Examples drawn from a known logistic function give its weights back."""
    import random

    chance = random.Random(3)
    examples = []
    for _ in range(20_000):
        found = Evidence(chance.uniform(0, 1.2), chance.random(), chance.choice([10, 100, 1000]))
        logit = -3 + 4 * found.closeness + 2 * found.coverage - 0.2 * math.log(found.passages)
        right = chance.random() < 1 / (1 + math.exp(-logit))
        examples.append(Example(("set", 1, "answered"), found, right))
    assert fit(examples) == pytest.approx((-3, 4, 2, -0.2), abs=0.25)
