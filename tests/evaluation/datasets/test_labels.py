"""Questions about a person's own library, with the spans that answer them."""

import json
from pathlib import Path

import pytest
from tests_support import SEEDS, write_files

from evaluation.datasets.beir import DatasetError
from evaluation.datasets.corpus import labelled
from evaluation.datasets.labels import Gold, read_labels
from rag import Library
from rag.errors import SourceError

TEXT = "Rain fell.\n\nThe king slept until noon."
ROW = {
    "id": "a",
    "question": "Who slept?",
    "answers": [{"document": "a.txt", "start": 12, "end": 20, "text": "The king"}],
}


@pytest.fixture
def library_folder(tmp_path: Path) -> Path:
    write_files(tmp_path / "docs", {"a.txt": TEXT})
    with Library.open(tmp_path / "library", model="hashing") as library:
        library.add(tmp_path / "docs")
    return tmp_path / "library"


def written(folder: Path, *rows: dict) -> Path:
    path = folder / "questions.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_a_question_is_judged_by_the_passage_that_holds_its_answer(
    library_folder: Path, tmp_path: Path
) -> None:
    labels = read_labels(written(tmp_path, ROW, {"id": "b", "question": "Why?", "answers": []}))
    assert labels[0].answers == (Gold("a.txt", 12, 20, "The king"),)
    with labelled(labels, library_folder, None, "mine") as corpus:
        path = str(tmp_path / "docs" / "a.txt")
        assert corpus.dataset.qrels == {"a": {f"{path}#p2": 1}}
        assert corpus.dataset.answers == {"a": ("The king",)}
        assert corpus.dataset.unanswerable == {"b": "Why?"}
        assert [entry.text for entry in corpus.dataset.corpus] == [
            "Rain fell.",
            "The king slept until noon.",
        ]
        hit = corpus.library.search("king slept")[0]
        assert corpus.id_of(hit.passage) == f"{path}#p2"
        cited = corpus.library.ask("king slept").passages[0].citation
        assert corpus.id_cited(cited) == f"{path}#p2"


def test_the_seeds_own_questions_are_labels(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library", model="hashing") as library:
        library.add(sorted(SEEDS.glob("*.txt")))
    labels = read_labels(SEEDS / "questions.jsonl")
    with labelled(labels, tmp_path / "library", None, "seeds") as corpus:
        assert len(corpus.dataset.qrels) == 12
        assert len(corpus.dataset.unanswerable) == 4
        [entry] = corpus.dataset.qrels["s01"]
        assert entry.endswith("000_93ec68f33ac78272.txt#p4")


def changed(**answer: object) -> dict:
    return {**ROW, "answers": [{**ROW["answers"][0], **answer}]}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (changed(document="b.txt"), "line 1: the library has no document 'b.txt'"),
        (changed(text="A queen"), "a.txt has 'The king' at 12 to 20, not 'A queen'"),
        (changed(start=20), 'an answer needs the strings "document" and "text"'),
        (changed(start="12"), 'an answer needs the strings "document" and "text"'),
        (changed(start=-7), 'an answer needs the strings "document" and "text"'),
        (changed(document=["a.txt"]), 'an answer needs the strings "document" and "text"'),
        (changed(text=5), 'an answer needs the strings "document" and "text"'),
        (changed(start=5, end=15, text=TEXT[5:15]), "no single passage of a.txt contains"),
        (
            {**ROW, "answers": [{"document": "a.txt"}]},
            'an answer needs the strings "document" and "text"',
        ),
        ({**ROW, "answers": {}}, '"answers" is not a list'),
        ({**ROW, "question": "  "}, "line 1: the question is empty"),
        ({"id": "a", "question": "Who?"}, 'line 1: no "answers"'),
    ],
)
def test_a_wrong_label_is_refused_by_file_and_line(
    library_folder: Path, tmp_path: Path, row: dict, message: str
) -> None:
    with (
        pytest.raises(DatasetError, match=message),
        labelled(read_labels(written(tmp_path, row)), library_folder, None, "mine"),
    ):
        pass


def test_a_file_without_questions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="contains no questions"):
        read_labels(written(tmp_path))


def test_documents_of_the_same_name_are_told_apart_by_path(tmp_path: Path) -> None:
    for folder, text in (("x", TEXT), ("y", "Nobody slept at all.")):
        write_files(tmp_path / folder, {"a.txt": text})
    with Library.open(tmp_path / "library", model="hashing") as library:
        library.add(tmp_path / "x")
        library.add(tmp_path / "y")
    with (
        pytest.raises(DatasetError, match=r"several documents are called 'a\.txt'\. Give the path"),
        labelled(read_labels(written(tmp_path, ROW)), tmp_path / "library", None, "mine"),
    ):
        pass
    path = str(tmp_path / "x" / "a.txt")
    labels = read_labels(written(tmp_path, changed(document=path)))
    with labelled(labels, tmp_path / "library", None, "mine") as corpus:
        assert corpus.dataset.qrels == {"a": {f"{path}#p2": 1}}


def test_a_library_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with (
        pytest.raises(SourceError, match="There is no library"),
        labelled(read_labels(written(tmp_path, ROW)), tmp_path / "none", None, "mine"),
    ):
        pass
    assert not (tmp_path / "none").exists()


def test_only_so_many_questions_are_asked(library_folder: Path, tmp_path: Path) -> None:
    labels = read_labels(written(tmp_path, ROW, {**ROW, "id": "b"}, {**ROW, "id": "c"}))
    with labelled(labels, library_folder, None, "mine", 2) as corpus:
        assert list(corpus.dataset.qrels) == ["a", "b"]
