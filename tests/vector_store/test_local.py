"""A library on disk: what survives closing, damage, other processes and other versions."""

import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path

import apsw
import pytest
from tests_support import Newest, ask_texts, documents_seen_at_once, write_files

from rag import Library, Progress
from vector_store.errors import (
    StoreBusyError,
    StoreDamagedError,
    StoreUnwritableError,
    StoreVersionError,
)
from vector_store.local import LocalStore

QUESTION = "Who offers scholarships in Basra?"
FILES = {
    "a.txt": "Universities in Basra offer scholarships to students.\n\nThe river is wide here.",
    "b.txt": "Seminaries in Qom hold conferences every year.",
    "c.txt": "Joint medical missions visit both cities.",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a library of three small files, and close it."""
    write_files(tmp_path / "docs", FILES)
    with Library.open(tmp_path / "library", model="hashing") as library:
        library.add(tmp_path / "docs")
    return tmp_path / "library"


def snapshots_of(folder: Path) -> list[Path]:
    return sorted((folder / "snapshots").glob("indexes-*"))


def test_reopening_gives_the_same_answers_from_the_snapshot(folder: Path) -> None:
    with Library.open(folder) as library:
        first = library.ask(QUESTION)
    assert first.passages[0].text.startswith("Universities in Basra")
    with Library.open(folder) as library:
        assert library.ask(QUESTION) == first
    shutil.rmtree(folder / "snapshots")
    with Library.open(folder) as library:
        assert library.ask(QUESTION) == first


@pytest.mark.parametrize("position", [0.0, 0.5, 0.99])
def test_a_flipped_byte_in_any_saved_file_is_noticed_and_made_good(
    folder: Path, position: float, caplog: pytest.LogCaptureFixture
) -> None:
    with Library.open(folder) as library:
        expected = library.ask(QUESTION)
    [snapshot] = snapshots_of(folder)
    pristine = snapshot.with_name("pristine")
    shutil.copytree(snapshot, pristine)
    for name in [p.relative_to(snapshot) for p in snapshot.rglob("*") if p.is_file()]:
        shutil.rmtree(snapshot)
        shutil.copytree(pristine, snapshot)
        data = bytearray((snapshot / name).read_bytes())
        if not data:
            continue
        data[int(position * (len(data) - 1))] ^= 0x41
        (snapshot / name).write_bytes(data)
        caplog.clear()
        with caplog.at_level(logging.WARNING, "quoth"), Library.open(folder) as library:
            assert library.ask(QUESTION) == expected
        assert "not usable" in caplog.text, name


def test_a_snapshot_of_another_library_is_not_used(folder: Path, tmp_path: Path) -> None:
    write_files(tmp_path / "other docs", {"x.txt": "Nothing to do with it at all."})
    with Library.open(tmp_path / "other", model="hashing") as other:
        other.add(tmp_path / "other docs")
    with Library.open(folder) as library:
        expected = library.ask(QUESTION)
    [mine], [foreign] = snapshots_of(folder), snapshots_of(tmp_path / "other")
    shutil.rmtree(mine)
    shutil.copytree(foreign, folder / "snapshots" / "indexes-999999-feed")
    with Library.open(folder) as library:
        assert library.ask(QUESTION) == expected


def test_changes_after_the_snapshot_are_found_and_removed_ones_are_not(folder: Path) -> None:
    docs = folder.parent / "docs"
    [old] = snapshots_of(folder)
    kept = folder / "kept"
    shutil.copytree(old, kept)
    write_files(docs, {"d.txt": "Scholarships in Basra have doubled.", "b.txt": "Rewritten."})
    (docs / "c.txt").unlink()
    with Library.open(folder) as library:
        library.add(docs)
        expected = ask_texts(library, QUESTION)
    for newer in snapshots_of(folder):
        shutil.rmtree(newer)
    shutil.copytree(kept, folder / "snapshots" / old.name)  # as if the last save had failed
    with Library.open(folder) as library:
        assert ask_texts(library, QUESTION) == expected
        assert "Scholarships in Basra have doubled." in expected
        assert not any("Seminaries" in text or "missions" in text for text in expected)


def test_an_interruption_leaves_indexes_for_later_unless_a_document_was_removed(
    folder: Path,
) -> None:
    docs = folder.parent / "docs"

    def interrupt(progress: Progress) -> None:
        if progress.passages:
            raise KeyboardInterrupt

    saved = snapshots_of(folder)
    write_files(docs, {"d.txt": "Scholarships in Basra have doubled."})
    with Library.open(folder) as library:
        with pytest.raises(KeyboardInterrupt):
            library.add(docs, progress=interrupt)
        assert snapshots_of(folder) == saved
        assert "Scholarships in Basra have doubled." in ask_texts(library, QUESTION)
    with Library.open(folder) as library:
        assert "Scholarships in Basra have doubled." in ask_texts(library, QUESTION)
        write_files(docs, {"d.txt": "Scholarships in Basra have been halved."})
        with pytest.raises(KeyboardInterrupt):
            library.add(docs, progress=interrupt)
        assert snapshots_of(folder) != saved
    with Library.open(folder) as library:
        assert "Scholarships in Basra have been halved." in ask_texts(library, QUESTION)


def test_a_reader_sees_what_another_process_committed(folder: Path) -> None:
    docs = folder.parent / "docs"
    with Library.open(folder) as reader:
        assert not any("doubled" in text for text in ask_texts(reader, QUESTION))
        write_files(docs, {"d.txt": "Scholarships in Basra have doubled."})
        code = (
            "import sys; from rag import Library\n"
            "with Library.open(sys.argv[1]) as library: library.add(sys.argv[2])"
        )
        subprocess.run([sys.executable, "-c", code, str(folder), str(docs)], check=True)
        assert "Scholarships in Basra have doubled." in ask_texts(reader, QUESTION)


def test_a_second_writing_process_is_refused_and_a_dead_one_does_not_block(folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from vector_store.local import LocalStore\n"
        "store = LocalStore(Path(sys.argv[1]))\n"
        "with store.writer(): print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with Library.open(folder) as library:
            with pytest.raises(StoreBusyError, match="is being changed already"):
                library.remove(folder.parent / "docs")
            assert library.ask(QUESTION).passages  # reading goes on
        holder.kill()
    with Library.open(folder) as library:
        assert library.remove(folder.parent / "docs") == 3


def test_a_library_of_an_older_format_is_refused_with_what_to_do(folder: Path) -> None:
    connection = apsw.Connection(str(folder / "library.sqlite3"))
    connection.pragma("user_version", 1)
    connection.close()
    with pytest.raises(StoreVersionError, match="index your documents again"):
        LocalStore(folder)


def test_a_library_of_a_newer_format_is_refused(folder: Path) -> None:
    connection = apsw.Connection(str(folder / "library.sqlite3"))
    connection.pragma("user_version", 99)
    connection.close()
    with pytest.raises(StoreVersionError, match="format 99"):
        LocalStore(folder)


def test_a_file_that_is_no_database_is_reported(tmp_path: Path) -> None:
    (tmp_path / "library.sqlite3").write_bytes(b"not a database at all, but long enough" * 100)
    with pytest.raises(StoreDamagedError, match="damaged"):
        LocalStore(tmp_path)


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnwritableError, match="--library"):
        LocalStore(tmp_path / "file" / "library")


def test_nothing_is_half_kept_when_a_change_fails(folder: Path) -> None:
    store = LocalStore(folder)
    before = Newest(store).counts()
    with pytest.raises(RuntimeError, match="midway"), store._database.writing() as connection:
        connection.execute("DELETE FROM documents")
        raise RuntimeError("midway")
    assert Newest(store).counts() == before
    store.close()


def test_a_restored_backup_is_not_answered_from_the_indexes_of_another_history(
    folder: Path, tmp_path: Path
) -> None:
    """Both histories come to the same number of commits and the same passage ids."""
    docs = folder.parent / "docs"
    backup = (folder / "library.sqlite3").read_bytes()
    with Library.open(folder) as library:
        library.add(write_files(docs, {"x.txt": "Xylophones are loud."}))
    (docs / "x.txt").unlink()
    (folder / "library.sqlite3").write_bytes(backup)
    with Library.open(folder) as library:
        library.add(write_files(docs, {"y.txt": "Yaks live in Tibet."}))
        assert library.ask("yaks").passages[0].why.lexical_rank == 1
    with Library.open(folder) as library:
        assert library.ask("yaks").passages[0].text == "Yaks live in Tibet."
        assert library.ask("yaks").passages[0].why.lexical_rank == 1
        assert all(p.why.lexical_rank is None for p in library.ask("xylophones").passages)


def test_several_processes_may_open_a_new_library_at_once(tmp_path: Path) -> None:
    assert documents_seen_at_once(tmp_path / "new", processes=4) == [0] * 4


def test_a_snapshot_that_cannot_be_read_is_made_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Library.open(folder) as library:
        expected = library.ask(QUESTION)
    [snapshot] = snapshots_of(folder)
    (snapshot / "vectors" / "vectors.faiss").unlink()
    (snapshot / "vectors" / "vectors.faiss").mkdir()
    with Library.open(folder) as library:
        assert library.ask(QUESTION) == expected


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_reported(folder: Path) -> None:
    """Others may be writing there, so it cannot be read as one that never changes."""
    folder.chmod(0o555)
    try:
        with pytest.raises(StoreUnwritableError, match="Make the folder writable"):
            LocalStore(folder)
    finally:
        folder.chmod(0o755)


def test_damaged_text_in_the_database_is_reported_as_such(folder: Path) -> None:
    connection = apsw.Connection(str(folder / "library.sqlite3"))
    connection.execute("UPDATE documents SET text = CAST(X'FFFE' || text AS BLOB)")
    connection.close()
    with Library.open(folder) as library, pytest.raises(StoreDamagedError, match="is damaged"):
        library.verify()


def test_more_passages_than_there_are_may_be_asked_for(folder: Path) -> None:
    with Library.open(folder) as library:
        assert len(library.search(QUESTION, k=10**9)) == 4
