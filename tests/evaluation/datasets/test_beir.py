"""Labelled sets: read as they are, and refused with file and line when they are wrong."""

import json
from pathlib import Path

import pytest
from tests_support import write_files

from evaluation.datasets.beir import DatasetError, Entry, read_dataset

GOOD = {
    "corpus.jsonl": '{"_id": "d1", "title": "T", "text": "Alpha beta."}\n'
    '{"_id": "d2", "text": "C."}\n',
    "queries.jsonl": '{"_id": "q1", "text": "alpha?"}\n{"_id": "q2", "text": "gamma?"}\n',
    "qrels/test.tsv": "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\n",
    "answers.jsonl": '{"_id": "q1", "answers": ["Alpha", ""]}\n',
    "unanswerable.jsonl": '{"_id": "u1", "text": "delta?"}\n',
}


def test_a_set_is_read(tmp_path: Path) -> None:
    dataset = read_dataset(write_files(tmp_path / "set", GOOD))
    assert dataset.name == "set"
    assert dataset.corpus == (Entry("d1", "T", "Alpha beta."), Entry("d2", "", "C."))
    assert dataset.queries == {"q1": "alpha?", "q2": "gamma?"}
    assert dataset.qrels == {"q1": {"d1": 2}}
    assert dataset.answers == {"q1": ("Alpha",)}
    assert dataset.unanswerable == {"u1": "delta?"}


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("corpus.jsonl", '{"_id": "d1", "text": "a"}\n{oops\n', r"corpus\.jsonl, line 2: not JSON"),
        ("corpus.jsonl", '{"_id": "d1"}\n', r'corpus\.jsonl, line 1: no "text"'),
        ("corpus.jsonl", "[1]\n", r'line 1: no "_id"'),
        ("queries.jsonl", '{"_id": "q1", "text": "a"}\n' * 2, "line 2: the id q1 occurs twice"),
        ("queries.jsonl", '{"_id": "q1", "text": " "}\n', "line 1: the question is empty"),
        ("queries.jsonl", '{"_id": 1, "text": "a"}\n', 'line 1: "_id" must be a string'),
        ("unanswerable.jsonl", '\n{"_id": "u1", "text": ""}\n', "line 2: the question is empty"),
        ("answers.jsonl", '{"_id": "q9", "answers": []}\n', "line 1: no query has the id q9"),
        ("answers.jsonl", '{"_id": "q1", "answers": "a"}\n', '"answers" is not a list'),
        ("answers.jsonl", '{"_id": "q1", "answers": [1]}\n', '"answers" is not a list of strings'),
        ("unanswerable.jsonl", '{"_id": "q1", "text": "a"}\n', "a query has the id q1 as well"),
        ("corpus.jsonl", "[" * 100_000, "line 1: not JSON"),
        ("qrels/test.tsv", "h\nq1\td1\t--5\n", r"test\.tsv, line 2: not query-id"),
        ("qrels/test.tsv", "h\nq1\td1\t9999999\n", "line 2: not query-id"),
        ("qrels/test.tsv", "h\nq1\td1\t1\nq1\td1\t2\n", "line 3: d1 has another score for q1"),
        ("qrels/test.tsv", b"h\nq1\td\xe9\t1\n", "line 2: not UTF-8"),
        ("corpus.jsonl", '{"_id": "d1", "text": null}\n', "line 1: text and title must be strings"),
        ("corpus.jsonl", "", r"corpus\.jsonl contains no passages"),
        ("qrels/test.tsv", "h\nq9\td1\t1\n", "no query has the id q9"),
        ("qrels/test.tsv", "h\nq1\td9\t1\n", "no corpus entry has the id d9"),
        ("qrels/test.tsv", "h\nq1\td1\n", r"test\.tsv, line 2: not query-id, corpus-id, score"),
        ("qrels/test.tsv", "q1\td1\t1.0\n", "line 1: not query-id"),
        ("qrels/test.tsv", "q1\t0\td1\t1\n", "line 1: not query-id"),
        ("queries.jsonl", None, r"Cannot read the file .*queries\.jsonl"),
        ("qrels/test.tsv", None, r"contains no \.tsv"),
    ],
)
def test_a_wrong_set_is_refused_by_file_and_line(
    tmp_path: Path, file: str, content: str | bytes | None, message: str
) -> None:
    write_files(tmp_path, GOOD)
    (tmp_path / file).unlink() if content is None else write_files(tmp_path, {file: content})
    with pytest.raises(DatasetError, match=message):
        read_dataset(tmp_path)


def test_a_set_with_long_questions_is_read_whole(tmp_path: Path) -> None:
    questions = [{"_id": "q1", "text": "a " * 3_000}, {"_id": "q2", "text": "b" * 100_001}]
    lines = "".join(json.dumps(question) + "\n" for question in questions)
    dataset = read_dataset(write_files(tmp_path / "set", {**GOOD, "queries.jsonl": lines}))
    assert dataset.queries == {"q1": "a " * 3_000, "q2": "b" * 100_000}


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="There is no folder"):
        read_dataset(tmp_path / "none")


def test_judgements_need_no_header_and_may_end_with_a_blank_line(tmp_path: Path) -> None:
    write_files(tmp_path, {**GOOD, "qrels/test.tsv": "\ufeffq1\td1\t2\r\nq2\td2\t1\r\n\r\n"})
    assert read_dataset(tmp_path).qrels == {"q1": {"d1": 2}, "q2": {"d2": 1}}


def test_the_test_judgements_are_taken_where_there_are_several(tmp_path: Path) -> None:
    write_files(tmp_path, {**GOOD, "qrels/train.tsv": "q2\td2\t1\n"})
    assert read_dataset(tmp_path).qrels == {"q1": {"d1": 2}}
    (tmp_path / "qrels" / "test.tsv").rename(tmp_path / "qrels" / "dev.tsv")
    assert read_dataset(tmp_path).qrels == {"q1": {"d1": 2}, "q2": {"d2": 1}}


def test_a_set_in_which_nothing_can_be_asked_is_refused(tmp_path: Path) -> None:
    write_files(tmp_path, {**GOOD, "qrels/test.tsv": "q1\td1\t0\n", "unanswerable.jsonl": ""})
    with pytest.raises(DatasetError, match="has no questions"):
        read_dataset(tmp_path)
