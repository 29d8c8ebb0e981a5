"""Labelled sets: read as they are, and refused with file and line when they are wrong."""

from pathlib import Path

import pytest
from tests_support import write_files

from evaluation.datasets import DatasetError, Entry, read_dataset

GOOD = {
    "corpus.jsonl": '{"_id": "d1", "title": "T", "text": "Alpha beta."}\n'
    '{"_id": "d2", "text": "C."}\n',
    "queries.jsonl": '{"_id": "q1", "text": "alpha?"}\n{"_id": "q2", "text": "gamma?"}\n',
    "qrels/test.tsv": "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\n",
    "answers.jsonl": '{"_id": "q1", "answers": ["Alpha"]}\n',
    "unanswerable.jsonl": '{"_id": "u1", "text": "delta?", "corpus_id": "d2"}\n',
}


def test_a_set_is_read(tmp_path: Path) -> None:
    dataset = read_dataset(write_files(tmp_path / "set", GOOD))
    assert dataset.name == "set"
    assert dataset.corpus == (Entry("d1", "T", "Alpha beta."), Entry("d2", "", "C."))
    assert dataset.queries == {"q1": "alpha?", "q2": "gamma?"}
    assert dataset.qrels == {"q1": {"d1": 2}}
    assert dataset.answers == {"q1": ("Alpha",)}
    assert dataset.unanswerable == {"u1": "delta?"}
    assert dataset.beside == {"u1": "d2"}


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("corpus.jsonl", '{"_id": "d1", "text": "a"}\n{oops\n', r"corpus\.jsonl, line 2: not JSON"),
        ("corpus.jsonl", '{"_id": "d1"}\n', r'corpus\.jsonl, line 1: no "text"'),
        ("corpus.jsonl", "[1]\n", r'line 1: no "_id"'),
        ("queries.jsonl", '{"_id": "q1", "text": "a"}\n' * 2, "line 2: the id q1 stands twice"),
        ("queries.jsonl", '{"_id": "q1", "text": " "}\n', "line 1: the question q1 is empty"),
        ("queries.jsonl", '{"_id": 1, "text": "a"}\n', 'line 1: "_id" must be a string'),
        ("unanswerable.jsonl", '\n{"_id": "u1", "text": ""}\n', "line 2: the question u1 is empty"),
        ("answers.jsonl", '{"_id": "q9", "answers": []}\n', "line 1: no query has the id q9"),
        ("answers.jsonl", '{"_id": "q1", "answers": "a"}\n', '"answers" is not a list'),
        ("corpus.jsonl", '{"_id": "d1", "text": null}\n', "line 1: text and title must be strings"),
        ("corpus.jsonl", "", r"corpus\.jsonl holds no passage"),
        ("qrels/test.tsv", "h\nq9\td1\t1\n", "no query has the id q9"),
        ("qrels/test.tsv", "h\nq1\td9\t1\n", "no corpus entry has the id d9"),
        ("qrels/test.tsv", "h\nq1\td1\n", r"test\.tsv, line 2: not query-id, corpus-id, score"),
        ("queries.jsonl", None, r"no file .*queries\.jsonl"),
        ("qrels/test.tsv", None, r"holds no \.tsv"),
    ],
)
def test_a_wrong_set_is_refused_by_file_and_line(
    tmp_path: Path, file: str, content: str | None, message: str
) -> None:
    write_files(tmp_path, GOOD)
    (tmp_path / file).unlink() if content is None else write_files(tmp_path, {file: content})
    with pytest.raises(DatasetError, match=message):
        read_dataset(tmp_path)


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="There is no folder"):
        read_dataset(tmp_path / "none")
