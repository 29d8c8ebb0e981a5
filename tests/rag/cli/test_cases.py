"""`quoth cases`: what a person does with cases in a shell."""

import json
from pathlib import Path

import pytest
from tests_support import BASRA, SEEDS, write_files

from rag import Library
from rag.cli.main import run

Output = pytest.CaptureFixture[str]
TEXTS = {"fruit.txt": "Apples are red.\n\nPears are green.\n"}


@pytest.fixture
def passage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Make a library the one that commands open; give the id of a passage of it."""
    monkeypatch.setenv("QUOTH_LIBRARY", str(tmp_path / "library"))
    with Library.open(tmp_path / "library", model="hashing") as library:
        library.add(write_files(tmp_path / "docs", TEXTS))
        return library.ask('"Pears are green"').passages[0].citation.id


def output_of(capsys: Output, *arguments: str) -> str:
    assert run(["cases", *arguments]) == 0
    return capsys.readouterr().out


def shown(capsys: Output, case: str) -> dict:
    return json.loads(output_of(capsys, "show", case, "--json"))


def test_a_case_is_made_filled_changed_and_exported(
    passage: str, tmp_path: Path, capsys: Output
) -> None:
    assert "no cases yet" in output_of(capsys, "list")
    output_of(capsys, "new", "Fruit", "--note", "Colours")
    keep = ("keep", "Fruit", passage, "--question", "Green?", "--tag", "x", "--note", "mine")
    assert "[1] fruit.txt, paragraph 2" in output_of(capsys, *keep)
    [kept] = shown(capsys, "Fruit")["quotes"]
    assert (kept["note"], kept["tags"], kept["question"]) == ("mine", ["x"], "Green?")
    output_of(capsys, "note", kept["id"], "")
    output_of(capsys, "tag", kept["id"], "a", "b")
    output_of(capsys, "absent", "Fruit", "How does one reset a router?")
    output_of(capsys, "rename", "Fruit", "Pears")
    text = output_of(capsys, "show", "Pears")
    for part in ("Pears are green.", "Tags: a, b", "question: Green?", "not found"):
        assert part in text
    for name, part in {
        "c.md": b"Pears are green",
        "c.csv": b"Pears are green",
        "c.bib": b"@misc{",
        "c.csl.json": b'"accessed"',
        "c.json": b"quoth-case",
        "c.html": b"Not found in the documents",
        "c.docx": b"PK",
        "c.dossier.docx": b"PK",
    }.items():
        output_of(capsys, "export", "Pears", str(tmp_path / name))
        assert part in (tmp_path / name).read_bytes()
    assert run(["cases", "export", "Pears", str(tmp_path / "c.xyz")]) == 2
    assert ".dossier.docx" in capsys.readouterr().err
    assert "of 1 quote" in output_of(capsys, "import", str(tmp_path / "c.json"))
    rows = json.loads(output_of(capsys, "list", "--json"))
    assert [(row["name"], row["quotes"]) for row in rows] == [("Pears", 1)] * 2


def test_quotes_are_moved_deleted_and_restored(passage: str, capsys: Output) -> None:
    for name in ("A", "B"):
        output_of(capsys, "new", name)
    output_of(capsys, "keep", "A", passage)
    output_of(capsys, "keep", "A", passage, "--question", "Second?")
    first, second = (one["id"] for one in shown(capsys, "A")["quotes"])
    output_of(capsys, "move", second, "--position", "1")
    assert [one["id"] for one in shown(capsys, "A")["quotes"]] == [second, first]
    output_of(capsys, "move", first, "--to", "B")
    assert [one["id"] for one in shown(capsys, "B")["quotes"]] == [first]
    assert f"quoth cases restore {first}" in output_of(capsys, "drop", first)
    assert "Pears are green." in output_of(capsys, "bin")
    output_of(capsys, "restore", first)
    assert [one["id"] for one in shown(capsys, "B")["quotes"]] == [first]
    case = shown(capsys, "B")["id"]
    output_of(capsys, "delete", "B")
    output_of(capsys, "restore", case)
    output_of(capsys, "delete", "B")
    assert "1 deletion" in output_of(capsys, "bin", "--empty")
    assert run(["cases", "restore", case]) == 2
    assert "is not in the bin" in capsys.readouterr().err


def test_removing_a_document_says_how_many_quotes_remain(
    passage: str, tmp_path: Path, capsys: Output
) -> None:
    output_of(capsys, "new", "Fruit")
    output_of(capsys, "keep", "Fruit", passage)
    assert run(["remove", str(tmp_path / "docs")]) == 0
    assert "Your cases still hold 1 quote of it." in capsys.readouterr().out
    assert "no longer in the library" in output_of(capsys, "show", "Fruit")


@pytest.mark.slow
@pytest.mark.usefixtures("small_model")
def test_quotes_of_the_examples_are_kept_with_the_persons_own_library(
    home: Path, tmp_path: Path, capsys: Output
) -> None:
    output_of(capsys, "new", "Examples")
    with Library.open(home / "quoth" / "seeds") as seeds:
        named = seeds.ask("Which scholarships are there in Basra?").passages[0].citation
    assert named.document == BASRA
    output_of(capsys, "keep", "Examples", named.id)
    assert shown(capsys, "Examples")["quotes"][0]["condition"]["state"] == "unchanged"
    assert run(["index", str(SEEDS / BASRA)]) == 0
    capsys.readouterr()
    assert shown(capsys, "Examples")["quotes"][0]["condition"]["state"] == "unchanged"
