"""Measuring: hand-computed figures over a hand-made set."""

import json
import math
from pathlib import Path

import pytest
from tests_support import write_files

from evaluation.calibrate import Example, fit
from evaluation.datasets import read_dataset
from evaluation.measuring import evaluate
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
            "unanswerable.jsonl": lines([{"_id": "u1", "text": "How do I reset a router?"}]),
        },
    )


def test_the_measures_are_those_of_the_ranking(folder: Path) -> None:
    seen: list[tuple[int, int]] = []
    found = evaluate(read_dataset(folder), progress=lambda done, of: seen.append((done, of)))
    ranks = [asked.retrieved.index(next(iter(asked.relevant))) for asked in found.asked[:3]]
    assert ranks[:2] == [0, 0]
    assert ranks[2] in (1, 2)
    gain = sum(1 / math.log2(rank + 2) for rank in ranks)
    assert found.measures == pytest.approx(
        {"nDCG@10": gain / 3, "first": 2 / 3, "in the first three": 1.0}
    )
    assert found.declined(answerable=True) == (0, 3)
    assert found.declined(answerable=False) == (1, 1)
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_the_command_prints_figures_and_what_was_missed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["evaluate", str(folder), "--json", str(folder / "out.json")]) == 0
    printed = capsys.readouterr().out
    assert "set: 3 passages, 4 questions" in printed
    assert "in the first three   1.000" in printed
    assert "missed: Which rivers meet near Basra, in short?" in printed
    written = json.loads((folder / "out.json").read_text())
    assert written["measures"]["first"] == pytest.approx(2 / 3)
    assert run(["evaluate", str(folder / "none")]) == 2


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
