"""`quoth mentions`, `quoth ask --all` and `--questions`: lists on screen, as JSON and as CSV."""

import csv
import io
import json
from pathlib import Path

import pytest
from tests_support import write_files

from rag import Library
from rag.cli.main import run

TEXTS = {
    "a.txt": "Anna Keller signed.\n\nThe river is wide.",
    "b/c.txt": "It was signed by anna\nkeller.\n\n=HYPERLINK(1) signed, says Anna Keller.",
}


@pytest.fixture
def indexed(tmp_path: Path) -> list[str]:
    with Library.open(tmp_path / "library", model="hashing") as library:
        library.add(write_files(tmp_path / "docs", TEXTS))
    return ["--library", str(tmp_path / "library")]


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_every_mention_is_printed_and_written(
    indexed: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["mentions", "Anna Keller", *indexed]) == 0
    printed = capsys.readouterr().out
    assert printed.index("a.txt") < printed.index("b/c.txt")
    assert "It was signed by anna\nkeller.\n[2] b/c.txt, paragraph 1" in printed
    assert printed.endswith("3 passages in 2 documents mention Anna Keller.\n")
    assert run(["mentions", "nobody", *indexed]) == 1
    assert capsys.readouterr().out == "0 passages in 0 documents mention nobody.\n"

    file = tmp_path / "list.csv"
    assert run(["mentions", "Anna Keller", "--csv", str(file), *indexed]) == 0
    written = rows(file.read_text(encoding="utf-8-sig"))
    assert [(row["document"], row["paragraph"], row["mentions"]) for row in written] == [
        ("a.txt", "1", "0-11"),
        ("b/c.txt", "1", "17-28"),
        ("b/c.txt", "2", "58-69"),
    ]
    assert written[2]["quote"] == "'=HYPERLINK(1) signed, says Anna Keller."
    capsys.readouterr()
    assert run(["mentions", "Anna Keller", "--json", "--where", "a.txt", *indexed]) == 0
    [line] = capsys.readouterr().out.splitlines()
    assert json.loads(line)["spans"] == [[0, 11]]


def test_all_that_answers_is_listed(indexed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ask", "--all", '"signed"', "--sort", "document", *indexed]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("3 passages in 2 documents answer, or may (3 read of 4 searched).\n")
    assert [line[:3] for line in printed.splitlines() if line.startswith("[")] == [
        "[1]", "[2]", "[3]"
    ]  # fmt: skip
    assert run(["ask", "--all", '"signed"', "--json", *indexed]) == 0
    assert json.loads(capsys.readouterr().out)["may_answer"] == 3
    assert run(["ask", "--all", '"signed"', "--csv", "-", *indexed]) == 0
    assert [row["question"] for row in rows(capsys.readouterr().out)] == ['"signed"'] * 3


def test_a_file_of_questions_makes_a_table(
    indexed: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "names.txt"
    file.write_text('# names\n"Anna Keller"\n\nafter:never\n"Anna Kellar"\n', encoding="utf-8")
    assert run(["ask", "--questions", str(file), "--csv", "-", *indexed]) == 0
    table = rows(capsys.readouterr().out)
    assert [(row["question"], row["state"]) for row in table] == [
        ('"Anna Keller"', "answered"),
        ("after:never", "refused"),
        ('"Anna Kellar"', "not_found"),
    ]
    assert table[2]["did you mean"] == '"Anna Keller"'
    assert run(["ask", "--questions", str(file), *indexed]) == 0
    assert 'Did you mean: "Anna Keller"' in capsys.readouterr().out


def test_options_that_do_not_go_together_are_refused(
    indexed: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_text("# none\n")
    for arguments, message in (
        (["ask"], "Give either a question, or a file"),
        (["ask", "Who?", "--csv", "x.csv"], "give --all or --questions"),
        (["ask", "--questions", str(empty)], "The list has no question"),
        (["mentions", "?"], "Give a word"),
    ):
        assert run([*arguments, *indexed]) == 2
        assert message in capsys.readouterr().err
