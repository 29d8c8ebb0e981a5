"""TREC run files: read from any program, written for any."""

from pathlib import Path

import pytest

from evaluation.datasets.beir import Dataset, DatasetError, Entry
from evaluation.datasets.trec import read_run, run_lines

SET = Dataset(
    "set",
    tuple(Entry(name, "", "text") for name in ("a", "b", "c", "my docs/50%.txt#p2")),
    {"q1": "one?", "q2": "two?"},
    {"q1": {"a": 1}, "q2": {"c": 1}},
    {},
    {},
)


def test_a_run_is_read_by_score_whatever_its_ranks_say(tmp_path: Path) -> None:
    (tmp_path / "x.run").write_text(
        "q1 Q0 a 1 0.5 theirs\nq1 Q0 b 2 0.9 theirs\n"
        "\nq1\tQ0\tc\t3\t0.5\ttheirs\nq2 Q0 c 1 1 theirs\n"
    )
    assert read_run(tmp_path / "x.run", SET) == ("theirs", {"q1": ["b", "a", "c"], "q2": ["c"]})


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    rankings = {"q1": ["c", "my docs/50%.txt#p2", "b"], "q2": []}
    (tmp_path / "x.run").write_text("".join(run_lines("ours", rankings)))
    assert read_run(tmp_path / "x.run", SET) == ("ours", {"q1": rankings["q1"]})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("q1 Q0 a 1 0.5\n", r"x\.run, line 1: not query, Q0"),
        ("q1 Q0 a 1 high run\n", "line 1: not query"),
        ("q1 Q0 a 1 0.5 r\nq1 Q0 z 2 0.4 r\n", "line 2: no corpus entry has the id z"),
        ("q1 Q0 a 1 0.5 r\nq1 Q0 a 2 0.4 r\n", "line 2: a is ranked twice for the query q1"),
        ("q1 Q0 a 1 nan r\n", "line 1: the score nan is not a finite number"),
        ("q9 Q0 a 1 1 r\n", "ranks no query of set"),
        ("", "ranks no query of set"),
    ],
)
def test_a_wrong_run_is_refused_by_file_and_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "x.run").write_text(text)
    with pytest.raises(DatasetError, match=message):
        read_run(tmp_path / "x.run", SET)


def test_a_missing_run_is_reported(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="Cannot read the file"):
        read_run(tmp_path / "x.run", SET)
