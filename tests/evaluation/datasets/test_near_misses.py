"""The near-miss version of a set."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from evaluation.datasets.beir import Dataset, DatasetError, Entry, read_dataset
from evaluation.datasets.near_misses import (
    main,
    near_misses,
    without_passages,
    without_sentences,
    write_dataset,
)

CORPUS = tuple(
    Entry(name, "", text)
    for name, text in {
        "a": "Basra was founded in 636. It has a harbour.",
        "b": "Mosul lies on the Tigris. Its walls are old.",
        "c": "The year 1911 saw a flood. In 1911 the dam broke.",
        "d": "A bridge was opened in 1920. It is narrow.",
        "e": "The old town of Basra was founded in 636 as well.",
    }.items()
)
ANSWERS = {"q1": "636", "q2": "Tigris", "q3": "1911", "q4": "1920", "q5": "founded in 636"}
GOLDS = {"q1": "a", "q2": "b", "q3": "c", "q4": "d", "q5": "a"}
SET = Dataset(
    "towns",
    CORPUS,
    {query: f"Question {query}?" for query in GOLDS},
    {query: {gold: 1} for query, gold in GOLDS.items()},
    {query: (answer,) for query, answer in ANSWERS.items()},
    {"u": "Who knows?"},
)


def test_the_answers_of_every_other_question_are_taken_out_wherever_they_stand() -> None:
    misses = near_misses(SET)
    assert misses.removed == {"a", "c", "e"}  # e holds the answer of q5, though nobody judged it
    assert misses.questions == {q: f"Question {q}?" for q in ("q1", "q3", "q5")}
    reduced = without_passages(SET)
    assert [entry.id for entry in reduced.corpus] == ["b", "d"]
    assert reduced.qrels == {"q2": {"b": 1}, "q4": {"d": 1}}
    assert reduced.unanswerable == misses.questions
    assert set(reduced.answers) == set(reduced.queries) == {"q2", "q4"}


def test_a_question_that_passages_which_stay_may_answer_is_left_out() -> None:
    entries = (
        *CORPUS[:1],
        Entry("b", "", "Mosul was founded in 1080, Basra (founded in 636) too."),
    )
    two = Dataset("two", entries, {q: q for q in ("q5", "q2")}, {"q5": {"a": 1}, "q2": {"b": 1}},
                  {"q5": ("founded in 636",), "q2": ("1080",)}, {})  # fmt: skip
    misses = near_misses(two)
    assert misses.questions == {}
    reduced = without_passages(two)
    assert reduced.qrels == {"q2": {"b": 1}}
    assert reduced.unanswerable == {}


def test_sentences_that_answer_are_taken_out_and_the_rest_stays() -> None:
    reduced = without_sentences(SET)
    texts = {entry.id: entry.text for entry in reduced.corpus}
    assert texts["a"] == "It has a harbour."
    assert "c" not in texts  # nothing of it is left
    assert texts["b"] == CORPUS[1].text
    assert set(reduced.unanswerable) == {"q1", "q3", "q5"}
    assert set(reduced.qrels) == {"q2", "q4"}
    with pytest.raises(DatasetError, match="has no answers"):
        without_sentences(Dataset("x", CORPUS, {}, {}, {}, {}))


def test_the_command_writes_a_set_that_is_read_again(folder: Path, tmp_path: Path) -> None:
    whole = read_dataset(folder)
    done = CliRunner().invoke(main, [str(folder), str(tmp_path / "near")])
    assert done.exit_code == 0, done.output
    near = read_dataset(tmp_path / "near")
    expected = without_passages(whole)
    assert near.corpus == expected.corpus
    assert near.qrels == expected.qrels
    assert near.unanswerable == expected.unanswerable
    assert near.answers == expected.answers
    again = CliRunner().invoke(main, [str(folder), str(tmp_path / "near")])
    assert again.exit_code == 2
    assert "is not empty" in again.output


def test_a_set_is_written_as_it_was(folder: Path, tmp_path: Path) -> None:
    whole = read_dataset(folder)
    write_dataset(whole, tmp_path / whole.name)
    assert read_dataset(tmp_path / whole.name) == whole
