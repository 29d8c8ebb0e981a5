"""The command line: what it prints, its exit status, and one clear sentence for bad input."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import apsw
import pytest
from tests_support import BASRA, PATIENCE, ROOT, SEEDS, Newest, write_files

from rag import Library
from rag.cli.main import run
from rag.indexing.model_choice import model_for
from rag.models.registry import SMALL
from vector_store.local import LocalStore


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    return write_files(
        tmp_path / "docs",
        {
            "a.txt": "Scholarships cover medicine.\n\nRivers flow.",
            "b.txt": "Qom holds conferences.",
        },
    )


@pytest.fixture
def indexed(docs: Path, tmp_path: Path) -> list[str]:
    """Index the documents and return the option that names their library."""
    with Library.open(tmp_path / "library", model="hashing") as library:
        library.add(docs)
    return ["--library", str(tmp_path / "library")]


def test_index_reports_every_file(
    docs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_files(docs, {"empty.txt": ""})
    arguments = ["index", str(docs), "--library", str(tmp_path / "l"), "--model", "hashing"]
    assert run(arguments) == 0
    assert capsys.readouterr().out == (
        "Read 2 files into 3 passages: 2 added, 0 replaced; 0 unchanged, 0 removed, 1 not read.\n"
        "  not read: empty.txt: the file is empty\n"
    )
    assert run(arguments) == 0
    assert "0 added, 0 replaced; 2 unchanged" in capsys.readouterr().out


def test_ask_prints_the_quote_as_it_stands(
    indexed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["ask", "What do scholarships cover?", "-k", "1", *indexed]) == 0
    printed = capsys.readouterr().out
    assert re.match(
        r"(Answered|May answer, read it): 1 passage from 1 document, quoted word for word "
        r"\(searched 2 documents\)\.\n",
        printed,
    )
    quote = r"\nScholarships cover medicine\.\n\[1\] a\.txt, paragraph 1   \w+ \(\d+%\)\n"
    assert re.search(quote, printed)
    assert "\x1b" not in printed


def test_ask_keeps_weaker_matches_apart(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ask", "What do Iranian media based in Qom feature?"]) == 0
    strong, weak = capsys.readouterr().out.split("\n4 weaker matches:\n")
    assert strong.startswith("Answered: 1 passage from 1 document, quoted word for word")
    assert [part.count(" likely (") for part in (strong, weak)] == [1, 0]
    assert [part.count(" unlikely (") for part in (strong, weak)] == [0, 4]


def test_ask_says_when_nothing_answers_and_exits_1(
    indexed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["ask", "router password?", *indexed]) == 1
    assert capsys.readouterr().out.startswith(
        "Not found in your documents (searched 3 passages of 2 documents).\n"
    )


def test_ask_as_json_is_the_answer_object(
    indexed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["ask", "What do scholarships cover?", "--json", *indexed]) == 0
    printed = json.loads(capsys.readouterr().out)
    with Library.open(indexed[1]) as library:
        assert printed == json.loads(
            json.dumps(library.ask("What do scholarships cover?").to_dict())
        )


def test_status_verify_and_remove(
    indexed: list[str], docs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["status", "--json", *indexed]) == 0
    assert json.loads(capsys.readouterr().out)["counts"] == {
        "documents": 2,
        "passages": 3,
        "windows": 3,
        "unread": 0,
        "languages": [],
    }
    assert run(["verify", *indexed]) == 0
    assert capsys.readouterr().out == (
        "All 3 passages of 2 documents equal their source, character for character.\n"
        "Second reading (the bytes themselves): 3 of 3 passages confirmed.\n"
    )
    write_files(docs, {"a.txt": "Changed."})
    assert run(["verify", *indexed]) == 1
    assert "changed: a.txt: the file has changed since" in capsys.readouterr().out
    assert run(["remove", str(docs / "a.txt"), *indexed]) == 0
    assert capsys.readouterr().out == "Removed 1 document.\n"
    assert run(["status", *indexed]) == 0
    assert "1 document, 1 passage" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["index", "nowhere", "--library", "{l}"], "no file or folder nowhere"),
        (["index", "{empty}", "--library", "{l}"], "empty.txt: the file is empty"),
        (["index", "{binary}", "--library", "{l}"], "binary.txt: the file is not text"),
        (["index", "{bare}", "--library", "{l}"], "There is no file in"),
        (["index", "{docs}", "--library", "{docs}/a.txt/x"], "Cannot make the library folder"),
        (["index", "{docs}", "--library", "{l}", "--model", "{bare}"], "cannot be loaded"),
        (["ask", "  ", "--library", "{indexed}"], "The question is empty"),
        (["ask", "x" * 100_001, "--library", "{indexed}"], "has 100,001 characters"),
        (["ask", "x", "--library", "{l}"], "There is no library in"),
        (["ask", "x", "--library", "{indexed}", "--model", "all-MiniLM-L6-v2"], "Leave out --mod"),
        (["status", "--library", "{l}"], "quoth index PATH --library"),
        (["remove", "{bare}", "--library", "{indexed}"], "The library has no document at these"),
        (["ask"], "Give either a question"),
        (["nonsense"], "No such command 'nonsense'"),
    ],
)
def test_bad_input_gets_one_clear_sentence_and_exit_status_2(
    arguments: list[str],
    message: str,
    indexed: list[str],
    docs: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_files(tmp_path, {"empty.txt": "", "binary.txt": b"\x89PNG\0\0" + bytes(range(256)) * 4})
    (tmp_path / "bare").mkdir()
    places = {
        "l": tmp_path / "l",
        "docs": docs,
        "bare": tmp_path / "bare",
        "indexed": indexed[1],
        "empty": tmp_path / "empty.txt",
        "binary": tmp_path / "binary.txt",
    }
    before = Newest(LocalStore(Path(indexed[1]))).counts()
    assert run([argument.format(**places) for argument in arguments]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert "Traceback" not in captured.err
    assert captured.out == ""
    assert Newest(LocalStore(Path(indexed[1]))).counts() == before


def test_a_second_writer_is_told_to_wait(
    indexed: list[str], docs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with LocalStore(Path(indexed[1])).writer():
        assert run(["index", str(docs), *indexed]) == 2
    assert "is being changed already, here or by another process" in capsys.readouterr().err


def test_control_characters_of_a_document_do_not_reach_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path / "docs", {"a.txt": "Danger \x1b[31mred\x07 \u202etxet basra."})
    options = ["--library", str(tmp_path / "l"), "--model", "hashing"]
    run(["index", str(tmp_path / "docs"), *options])
    monkeypatch.setenv("FORCE_COLOR", "1")
    run(["ask", "basra", *options])
    printed = capsys.readouterr().out
    assert "\x1b[31m" not in printed
    assert "\x07" not in printed
    assert "\u202e" not in printed
    assert "basra" in printed


@pytest.mark.usefixtures("small_model")
def test_the_command_asks_the_seeds_when_there_is_no_library(home: Path) -> None:
    asked = subprocess.run(
        [sys.executable, "-m", "rag", "ask", "Which university in Qom offers scholarships?"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    assert asked.returncode == 0, asked.stderr
    assert "asking the two seed documents" in asked.stderr
    assert "The Al Mustafa International University in Qom" in asked.stdout
    assert (home / "quoth" / "seeds" / "library.sqlite3").is_file()
    assert not (home / "quoth" / "library").exists()


HELD_UP = f"""
import time
from rag.cli.main import main
from vector_store.local_writer import LocalWriter

replace, kept = LocalWriter.replace, []

def replace_and_wait(*given):
    replace(*given)
    kept.append(given)
    if len(kept) == 20:
        print("20 kept", flush=True)
        time.sleep({PATIENCE})  # until it is interrupted

LocalWriter.replace = replace_and_wait
main()
"""


def test_ctrl_c_while_indexing_loses_nothing_that_was_kept(tmp_path: Path) -> None:
    text = (SEEDS / BASRA).read_text(encoding="utf-8")
    files = {f"{n:03}.txt": f"{text}\nDocument {n}." for n in range(100)}
    docs = write_files(tmp_path / "docs", files)
    arguments = ["index", str(docs), "--library", str(tmp_path / "l"), "--model", "hashing"]
    indexing = subprocess.Popen(
        [sys.executable, "-c", HELD_UP, *arguments],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert indexing.stdout is not None
    assert indexing.stdout.readline() == "20 kept\n"
    indexing.send_signal(signal.SIGINT)
    _, errors = indexing.communicate(timeout=PATIENCE)
    assert indexing.returncode == 130, errors
    assert "run the same command again to continue" in errors
    with Library.open(tmp_path / "l") as library:
        counts = library.status().counts
        assert counts.documents == 20
        assert counts.passages == 10 * counts.documents
        assert library.verify().problems == ()
        assert library.add(docs).added == 80


def test_an_empty_library_of_ones_own_does_not_hide_the_seeds(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["index", "nowhere", "--model", "hashing"]) == 2
    assert run(["ask", "--model", "hashing", "Which university in Qom offers scholarships?"]) == 0
    captured = capsys.readouterr()
    assert "asking the two seed documents" in captured.err
    assert "Al Mustafa International University" in captured.out


def test_seeds_kept_by_another_version_are_read_anew(home: Path) -> None:
    question = ["ask", "--model", "hashing", "Which university in Qom offers scholarships?"]
    assert run(question) == 0
    database = home / "quoth" / "seeds" / "library.sqlite3"
    connection = apsw.Connection(str(database))
    connection.pragma("user_version", 1)
    connection.close()
    assert run(question) == 0
    with Library.open(database.parent) as library:
        assert library.status().counts.documents == 2


def test_a_terminal_without_the_characters_gets_stand_ins(docs: Path, indexed: list[str]) -> None:
    write_files(docs, {"c.txt": "Caf\u00e9 zanzibar."})
    with Library.open(indexed[1]) as library:
        library.add(docs)
    asked = subprocess.run(
        [sys.executable, "-m", "rag", "ask", "zanzibar", *indexed],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        check=False,
    )
    assert asked.returncode == 0, asked.stderr
    assert b"Caf? zanzibar." in asked.stdout


def test_a_question_may_follow_another(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    earlier = ["--after", "Which scholarships do universities in Basra offer?"]
    assert run(["ask", "-k", "1", "And in Qom?", *earlier]) == 0
    printed = capsys.readouterr().out
    assert "Also using from the previous question: scholarships, universities, offer" in printed
    assert "Al Mustafa International University" in printed


def test_signs_in_a_question_are_kept_to(
    indexed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["ask", '"no such phrase anywhere"', *indexed]) == 1
    assert "Not found in your documents" in capsys.readouterr().out
    assert run(["ask", *indexed, "--", "-onlythis"]) == 2
    assert run(["ask", "king type:pdf", *indexed]) == 2
    assert "No document of the library matches type:pdf" in capsys.readouterr().err


@pytest.mark.slow
def test_languages_choose_the_model_and_switch_changes_it(
    docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from rag import library_models
    from rag.models.hashing import HashingEmbedder

    named = []

    def embedder_for(model: str, runtime: str | None = None) -> HashingEmbedder:
        named.append(model)
        return HashingEmbedder()

    monkeypatch.setattr(library_models, "embedder_for", embedder_for)
    library = ["--library", str(tmp_path / "l")]
    assert run(["index", str(docs), "--languages", "ar,en", *library]) == 0
    assert run(["switch", "small", *library]) == 0
    assert "2 documents now searched by all-MiniLM-L6-v2." in capsys.readouterr().out
    assert named[0] == model_for(["ar"])
    assert named[-1] == SMALL
    assert run(["index", str(docs), "--languages", "klingon", *library]) == 2
    assert "'klingon' is not an ISO 639-1 language code" in capsys.readouterr().err
