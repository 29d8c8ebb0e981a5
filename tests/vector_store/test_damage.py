"""What a library notices of damage to itself, and what it does when the disk will take no more."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import apsw
import filelock
import pytest
from tests_support import ask_texts, write_files

from rag import Library, ModelError, StoreDamagedError, StoreUnwritableError
from vector_store.indexes.temp_folders import PrivateFolder
from vector_store.local import LocalStore

QUESTION = "Who offers scholarships in Basra?"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a library of two small files, and close it."""
    files = {"a.txt": "Universities in Basra offer scholarships.", "b.txt": "A river is wide."}
    write_files(tmp_path / "docs", files)
    with Library.open(tmp_path / "library", model="hashing") as library:
        library.add(tmp_path / "docs")
    return tmp_path / "library"


def alter(folder: Path, sql: str) -> None:
    connection = apsw.Connection(str(folder / "library.sqlite3"))
    connection.execute(sql)
    connection.close()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE windows SET vector = zeroblob(length(vector)) WHERE id = 1",
        "UPDATE sentences SET spans = CAST(X'00000000' || substr(spans, 5) || '' AS BLOB),"
        " vectors = zeroblob(length(vectors)) WHERE passage = 1",
        "UPDATE passages SET page = 7, place = CAST('sheet' AS BLOB) WHERE id = 1",
        "UPDATE documents SET title = CAST('Another' AS BLOB), language = 'fr' WHERE id = 1",
        "DELETE FROM windows WHERE id = 1",
        "DELETE FROM seals WHERE document = 1",
    ],
)
def test_verify_notices_whatever_of_a_document_was_altered(folder: Path, sql: str) -> None:
    alter(folder, sql)
    with Library.open(folder) as library:
        [problem] = library.verify().problems
    assert problem.document == "a.txt"
    assert problem.kind == "altered"
    assert "index it again" in problem.message


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE facts SET value = replace(value, 'hashing', 'another')", "vectors was altered"),
        ("UPDATE passages SET first_byte = 100000", "outside its document"),
        ("UPDATE windows SET vector = CAST(replace(hex(vector), '00', 'FF') AS BLOB)", "length"),
        ("UPDATE sentences SET vectors = CAST(X'007E' || substr(vectors, 3) AS BLOB)", "numbers"),
        ("DELETE FROM commits", "commits are gone"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(folder: Path, sql: str, said: str) -> None:
    alter(folder, sql)
    for snapshot in (folder / "snapshots").iterdir():
        snapshot.rename(folder / "aside")
    with pytest.raises(StoreDamagedError, match=said), Library.open(folder) as library:
        library.ask(QUESTION)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE facts SET value = replace(value, 'hashing', 'another')",
        "INSERT INTO unread VALUES (CAST('p' AS BLOB), X'FF', X'FF')",
    ],
)
def test_verify_refuses_what_another_command_would(folder: Path, sql: str) -> None:
    alter(folder, sql)
    with Library.open(folder) as library, pytest.raises(StoreDamagedError, match="damaged"):
        library.verify()


def test_verify_notices_passages_of_a_document_that_is_gone(folder: Path) -> None:
    alter(folder, "DELETE FROM documents WHERE id = 1")
    with Library.open(folder) as library, pytest.raises(StoreDamagedError, match="damaged"):
        library.verify()


def test_seals_follow_renames_replacements_and_copies(folder: Path) -> None:
    docs = folder.parent / "docs"
    (docs / "a.txt").rename(docs / "z.txt")
    (docs / "copy of b.txt").write_bytes((docs / "b.txt").read_bytes())
    with Library.open(folder) as library:
        library.add(docs)
        (docs / "b.txt").write_text("Another text stands here.")
        library.add(docs)
        assert library.verify().problems == ()


def test_a_dead_writers_temporary_folders_do_not_gather(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = folder / "snapshots" / "tmp-0123"
    left.mkdir()
    with Library.open(folder) as library:
        library.add(write_files(folder.parent / "docs", {"c.txt": "Something new."}))
    [newest] = (folder / "snapshots").iterdir()
    left.mkdir()
    shutil.copytree(
        newest, newest.with_name("indexes-1-0123")
    )  # as if killed before it was dropped
    with LocalStore(folder).writer():
        pass
    assert list((folder / "snapshots").iterdir()) == [newest]

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    old, young, owned = (tmp_path / f"quoth-lexical-{name}" for name in ("old", "young", "owned"))
    for made in (old, young, owned):
        made.mkdir()
    lock = filelock.FileLock(owned / "owner.lock")
    with lock:
        for made in (old, owned):
            os.utime(made, (time.time() - 600,) * 2)
        private = PrivateFolder()
        assert [old.exists(), young.exists(), owned.exists()] == [False, True, True]
    path = private.path
    assert path.exists()
    del private
    assert not path.exists()


def test_a_temporary_folder_that_takes_nothing_is_said(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(folder / "snapshots")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    with Library.open(folder) as library:
        with pytest.raises(StoreUnwritableError, match="TMPDIR"):
            library.ask(QUESTION)
        monkeypatch.setattr("tempfile.tempdir", None)
        assert library.ask(QUESTION).passages

    from rag.text import languages

    languages._detector.cache_clear()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    with pytest.raises(ModelError, match="TMPDIR"):
        languages.language_of_text("Vulkane speien Feuer.")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no limit on a file's size")
def test_a_full_disk_is_said_and_what_was_there_is_kept(folder: Path) -> None:
    """A limit on the size of files stands for a disk that takes no more."""
    docs = folder.parent / "docs"
    with Library.open(folder) as library:
        before = ask_texts(library, QUESTION)
    words = " ".join(f"word{number}" for number in range(40_000))
    write_files(docs, {"big.txt": words, "a.txt": "Rewritten, and shorter."})
    code = (
        "import resource, sys; from rag.cli.main import run\n"
        "from rag.text.languages import language_of_text\n"
        "language_of_text('loads a file of its own')\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000,) * 2)\n"
        "sys.exit(run(['index', sys.argv[1], '--library', sys.argv[2]]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(docs), str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert "make room and run the same command again" in done.stderr
    assert "Traceback" not in done.stderr
    with Library.open(folder) as library:
        names = {info.name for info in library.documents()}
        assert names == {"a.txt", "b.txt"}
        assert all(problem.kind == "changed" for problem in library.verify().problems)
        assert ask_texts(library, QUESTION) == before or "Rewritten, and shorter." in ask_texts(
            library, "What is rewritten?"
        )
        assert library.add(docs).added == 1
        assert library.verify().problems == ()
