"""What people say of answers becomes the questions that `quoth evaluate` asks."""

import json
from pathlib import Path

import pytest
from tests_support import write_files

from rag import Library
from rag.answers import CitedPassage
from rag.cli.main import run
from rag.errors import QuestionError

TEXT = "Rain fell.\n\nThe king slept until noon."


@pytest.fixture
def kings(library: Library, tmp_path: Path) -> Library:
    library.add(write_files(tmp_path / "docs", {"a.txt": TEXT}))
    return library


def passage(library: Library, text: str) -> CitedPassage:
    [match] = [p for p in library.ask("king rain").passages if p.text == text]
    return match


def row(library: Library, number: int, question: str, *texts: str) -> dict:
    cited = [passage(library, text) for text in texts]
    answers = [
        {
            "document": p.citation.path,
            "start": p.citation.start,
            "end": p.citation.end,
            "text": p.text,
        }
        for p in cited
    ]
    return {"id": f"f{number}", "question": question, "answers": answers}


def test_passages_said_to_answer_are_the_gold(kings: Library) -> None:
    king, rain = passage(kings, "The king slept until noon."), passage(kings, "Rain fell.")
    kings.judge("Who slept?", king, answers=True)
    kings.judge("Who slept?", king, answers=True)
    kings.judge(" Why? ", None, answers=False)
    kings.judge("What fell?", king, answers=False)
    assert kings.labelled_questions() == [
        row(kings, 1, "Who slept?", king.text),
        row(kings, 2, "Why?"),
    ]
    kings.judge("What fell?", rain, answers=True)
    kings.judge("Why?", rain, answers=True)
    kings.judge("Who slept?", king, answers=False)
    assert kings.labelled_questions() == [
        row(kings, 1, "Why?", rain.text),
        row(kings, 2, "What fell?", rain.text),
    ]
    kings.judge("Why?", None, answers=False)
    assert kings.labelled_questions()[0] == row(kings, 1, "Why?")


def test_what_was_said_is_taken_back_and_what_was_said_before_counts_again(kings: Library) -> None:
    king, rain = passage(kings, "The king slept until noon."), passage(kings, "Rain fell.")
    kings.judge("Who slept?", king, answers=True)
    kings.judge("who slept", None, answers=False)
    kings.judge("Why?", None, answers=False)
    kings.take_back("Who slept?", rain)  # of which nothing was said
    assert kings.labelled_questions() == [
        row(kings, 1, "Who slept?", king.text), row(kings, 2, "who slept"), row(kings, 3, "Why?")
    ]  # fmt: skip
    kings.take_back("Who slept?", None)
    assert kings.labelled_questions() == [
        row(kings, 1, "Who slept?", king.text),
        row(kings, 2, "Why?"),
    ]
    kings.take_back("WHO SLEPT?", king)
    assert kings.labelled_questions() == [row(kings, 1, "Why?")]
    assert kings.judged("Who slept?") is None


def test_a_quote_whose_document_changed_is_no_longer_gold(kings: Library, tmp_path: Path) -> None:
    kings.judge("Who slept?", passage(kings, "The king slept until noon."), answers=True)
    kings.add(write_files(tmp_path / "docs", {"a.txt": "Snow fell, more than ever.\n\nNo king."}))
    assert kings.labelled_questions() == []


def test_what_says_nothing_is_refused(kings: Library) -> None:
    with pytest.raises(QuestionError, match="which passage"):
        kings.judge("Who slept?", None, answers=True)
    with pytest.raises(QuestionError):
        kings.judge("  ", None, answers=False)


def test_a_passage_is_judged_by_its_citation_s_id(
    kings: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    king = passage(kings, "The king slept until noon.")
    option = ["--library", kings.folder]
    assert run(["judge", "Who slept?", "--answers", king.citation.id, *option]) == 0
    assert kings.labelled_questions() == [row(kings, 1, "Who slept?", king.text)]
    assert run(["judge", "Who slept?", "--wrong", king.citation.id, *option]) == 0
    assert kings.labelled_questions() == []
    capsys.readouterr()
    for reference, message in [
        (f"{'0' * 24}-{'0' * 12}-0-9", "No document has the id"),
        ("not-an-id", "is not the id of a passage"),
        ("0", "0 is not a number from 1 to 100"),
    ]:
        assert run(["judge", "Who slept?", "--answers", reference, *option]) == 2
        assert message in capsys.readouterr().err


def test_from_judging_to_evaluating(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_files(tmp_path / "docs", {"a.txt": TEXT})
    option = ["--library", str(tmp_path / "library")]
    out = str(tmp_path / "mine.jsonl")
    assert run(["index", str(tmp_path / "docs"), "--model", "hashing", *option]) == 0
    assert run(["export", out, *option]) == 2
    assert "There is nothing to export" in capsys.readouterr().err
    assert run(["judge", "Who slept until noon?", "--answers", "1", *option]) == 0
    assert run(["judge", "Where is the router?", "--none", *option]) == 0
    assert run(["judge", "Who?", *option]) == 2
    assert run(["judge", "Who?", "--answers", "9", *option]) == 2
    assert "only 2 passages" in capsys.readouterr().err
    assert run(["export", out, *option]) == 0
    assert "Wrote 2 questions" in capsys.readouterr().out
    rows = [json.loads(line) for line in Path(out).read_text().splitlines()]
    assert [row["answers"][:1] and row["answers"][0]["text"] for row in rows] == [
        "The king slept until noon.",
        [],
    ]
    assert run(["evaluate", out, "--system", "quoth", *option]) == 0
    printed = capsys.readouterr().out
    assert "| mine | 2 | 1 | 1.000 |" in printed
    assert "| mine | 1 of 1 | " in printed
    assert "| mine | answerable | 1 | 0.0% | " in printed
    assert "| mine | written near miss | 1 | 100.0% | 0.0% | 1.000 |" in printed
    folder = tmp_path / "beir"
    assert run(["export", str(folder), "--qrels", *option]) == 0
    capsys.readouterr()
    assert (folder / "qrels" / "test.tsv").read_text().count("\t1\n") == 1
    assert len((folder / "corpus.jsonl").read_text().splitlines()) == 2
    assert run(["evaluate", str(folder), "--system", "quoth", "--model", "hashing"]) == 0
    assert "beir" in capsys.readouterr().out
