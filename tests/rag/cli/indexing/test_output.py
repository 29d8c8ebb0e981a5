"""What `quoth index` shows of a run, and the report that it writes."""

import csv
import json
from pathlib import Path

import pytest
from tests_support import write_files

from rag.cli.indexing.output import shortened
from rag.cli.main import run

BROKEN = {f"{n:02}.pdf": b"%PDF-1.7 no more" for n in range(12)}


def test_many_files_that_were_not_read_are_counted_by_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    docs = write_files(tmp_path / "docs", {"a.txt": "Alpha.", "empty.txt": "", **BROKEN})
    arguments = ["index", str(docs), "--library", str(tmp_path / "l"), "--model", "hashing"]
    assert run(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("0 unchanged, 0 removed, 13 not read.")
    assert lines[1:] == [
        "  not read: 12 files: the file is damaged",
        "  not read: 1 file: the file is empty (empty.txt)",
        "To list every file: quoth status, or quoth index with --report FILE",
    ]
    write_files(docs, {"also empty.txt": ""})
    assert run(arguments) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "  not read: also empty.txt: the file is empty",
        "  not read: 13 files as in the run before",
        "To list every file: quoth status, or quoth index with --report FILE",
    ]


def test_a_renamed_file_is_said_to_be_renamed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    docs = write_files(tmp_path / "docs", {"a.txt": "Alpha.", "b.txt": "Beta."})
    arguments = ["index", str(docs), "--library", str(tmp_path / "l"), "--model", "hashing"]
    run(arguments)
    capsys.readouterr()
    (docs / "a.txt").rename(docs / "c.txt")
    assert run(arguments) == 0
    assert capsys.readouterr().out == (
        "Read 0 files into 0 passages: 0 added, 0 replaced; 1 unchanged, 1 renamed, 0 removed, "
        "0 not read.\n"
    )


def test_the_report_lists_every_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    docs = write_files(tmp_path / "docs", {"a.txt": "Alpha.", "empty.txt": ""})
    arguments = ["index", str(docs), "--library", str(tmp_path / "l"), "--model", "hashing"]
    run(arguments)
    write_files(docs, BROKEN)
    as_csv, as_json = tmp_path / "report.csv", tmp_path / "report.json"
    for file in (as_csv, as_json):
        assert run([*arguments, "--report", str(file)]) == 0
    with as_csv.open(encoding="utf-8-sig", newline="") as rows:
        written = list(csv.DictReader(rows))
    assert [row["name"] for row in written] == [*BROKEN, "empty.txt"]
    assert [row["new"] for row in written] == [*["True"] * 12, "False"]
    assert written[-1]["reason"] == "the file is empty"
    assert written[-1]["path"] == str(docs / "empty.txt")
    report = json.loads(as_json.read_text())
    assert (report["unchanged"], len(report["unread"])) == (1, 13)
    assert not any(row["new"] for row in report["unread"])
    assert run([*arguments, "--report", str(tmp_path / "none" / "r.csv")]) == 2
    assert "none" in capsys.readouterr().err


def test_no_name_in_the_report_runs_as_a_formula(tmp_path: Path) -> None:
    docs = write_files(tmp_path / "docs", {"a.txt": "Alpha.", "=cmd.txt": ""})
    file = tmp_path / "report.csv"
    arguments = ["index", str(docs), "--library", str(tmp_path / "l"), "--model", "hashing"]
    assert run([*arguments, "--report", str(file)]) == 0
    assert file.read_bytes().decode("utf-8-sig").splitlines()[1].startswith("'=cmd.txt,")


@pytest.mark.parametrize(
    ("name", "room", "shown"),
    [
        ("short.txt", 12, "short.txt"),
        ("received/batch A/docx/apache+tika.docx", 20, "receive\u2026he+tika.docx"),
    ],
)
def test_a_long_name_keeps_both_ends(name: str, room: int, shown: str) -> None:
    assert shortened(name, room) == shown
    assert len(shown) <= room
