"""A library whose database is gone is no new library; who may read one; earlier formats."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import apsw
import pytest
from tests_support import (
    FILES,
    Newest,
    as_format_6,
    documents_seen_at_once,
    small_library,
    write_files,
)

from rag import Library, NotFoundError, StoreDamagedError, restore
from rag.cli.main import run
from rag.ids import document_id
from vector_store.local import LocalStore
from vector_store.sqlite.schema import FORMAT

QUESTION = "Who offers scholarships in Basra?"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a library of two small files, and close it."""
    return small_library(tmp_path)


def bytes_in(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def lose(folder: Path, how: str) -> None:
    database = folder / "library.sqlite3"
    database.unlink()
    if how == "emptied":
        database.touch()
    elif how == "without a format":
        apsw.Connection(str(database)).pragma("journal_mode", "wal")


@pytest.mark.parametrize("how", ["missing", "emptied", "without a format"])
def test_a_library_that_lost_its_database_is_not_taken_for_a_new_one(
    folder: Path, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lose(folder, how)
    before = bytes_in(folder / "snapshots")
    docs = str(folder.parent / "docs")
    for command in (["verify"], ["status"], ["ask", QUESTION], ["index", docs], ["remove", docs]):
        assert run([*command, "--library", str(folder)]) == 2
        said = " ".join(capsys.readouterr().err.split())
        assert f"quoth restore --library {folder}" in said
    assert bytes_in(folder / "snapshots") == before
    found = restore(folder, folder.parent / "new").salvaged
    assert found.documents == 0
    assert found.lost == tuple(str(folder.parent / "docs" / name) for name in FILES)


def test_ones_own_library_that_lost_its_database_is_not_passed_over_for_the_seeds(
    home: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = home / "quoth" / "library"
    own.parent.mkdir(parents=True)
    folder.rename(own)
    with Library.open():
        pass  # it is where one's own library is
    (own / "library.sqlite3").unlink()
    assert run(["ask", QUESTION]) == 2
    assert "quoth restore" in capsys.readouterr().err


def test_files_taken_in_tell_of_a_library(folder: Path) -> None:
    write_files(folder / "files", {"c.txt": "Cats sleep."})
    for path in (folder / "snapshots").rglob("*"):
        if path.is_file():
            path.unlink()
    for path in sorted((folder / "snapshots").rglob("*"), reverse=True):
        path.rmdir()
    (folder / "library.sqlite3").unlink()
    with pytest.raises(StoreDamagedError, match="missing or empty"):
        LocalStore(folder)


def test_what_the_log_alone_holds_is_restored(folder: Path, tmp_path: Path) -> None:
    holding = apsw.Connection(str(folder / "library.sqlite3"))
    holding.pragma("wal_autocheckpoint", 0)
    holding.execute("VACUUM")  # every page is in the log now
    log = (folder / "library.sqlite3-wal").read_bytes()
    holding.close()
    (folder / "library.sqlite3").unlink()
    (folder / "library.sqlite3-wal").write_bytes(log)
    with pytest.raises(StoreDamagedError, match="quoth restore"):
        LocalStore(folder)
    assert restore(folder, tmp_path / "new").salvaged.documents == 2


@pytest.mark.parametrize(
    "there", [{}, {"password": "x", "keys": "x", "writer.lock": "", "serving.lock": ""},
              {"library.sqlite3": ""}, {"files/of mine.txt": "text", "snapshots/of mine.png": "x"}],
)  # fmt: skip
def test_a_folder_without_anything_of_a_library_is_new(
    tmp_path: Path, there: dict[str, str]
) -> None:
    write_files(tmp_path / "new", there)
    with Library.open(tmp_path / "new", model="hashing") as library:
        assert library.documents() == []


def test_another_programs_database_is_left_as_it_is(tmp_path: Path) -> None:
    made = apsw.Connection(str(tmp_path / "library.sqlite3"))
    made.execute("CREATE TABLE books (title)")
    with pytest.raises(StoreDamagedError, match="no format"):
        LocalStore(tmp_path)
    assert made.execute("SELECT name FROM sqlite_schema").fetchall() == [("books",)]
    made.close()


@pytest.mark.parametrize("fact", ["vectors", "library"])
def test_a_fact_that_is_gone_is_not_taken_for_one_never_set(folder: Path, fact: str) -> None:
    connection = apsw.Connection(str(folder / "library.sqlite3"))
    connection.execute("DELETE FROM facts WHERE key = ?", (fact,))
    connection.close()
    for use in (lambda library: library.ask(QUESTION), Library.verify):
        with Library.open(folder) as library, pytest.raises(StoreDamagedError, match="is gone"):
            use(library)


@pytest.mark.skipif(sys.platform == "win32", reason="has no such permissions")
def test_a_library_is_its_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    write_files(tmp_path / "docs", FILES)
    (tmp_path / "own").mkdir(mode=0o755)
    (tmp_path / "own").chmod(0o755)
    code = (
        "import os, stat, sys; os.umask(0o022)\n"
        "from pathlib import Path; from rag import Library\n"
        "def modes(folder):\n"
        "    paths = [folder, *folder.rglob('*')]\n"
        "    return {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in paths}\n"
        "for name in ('new', 'own'):\n"
        "    folder = Path(sys.argv[1]) / name\n"
        "    with Library.open(folder, model='hashing') as library:\n"
        "        library.add(Path(sys.argv[1]) / 'docs')\n"
        "        library.judge('Is it wide?', None, answers=False)\n"
        "        print(sorted(modes(folder)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    private = {(False, 0o600), (True, 0o700)}
    shared = private | {(True, 0o755)}  # a folder of the person's own stays as it is
    assert done.stdout.splitlines() == [str(sorted(private)), str(sorted(shared))]


def test_a_library_of_format_6_is_brought_to_todays_in_place(folder: Path) -> None:
    with Library.open(folder) as library:
        library.judge(QUESTION, library.ask(QUESTION).passages[0], answers=True)
        library.judge("How old are rooks?", None, answers=False)
        expected, judgements = library.ask(QUESTION), Newest(library.store).feedback()
    as_format_6(folder)
    folder.chmod(0o755)
    (folder / "library.sqlite3").chmod(0o644)
    with Library.open(folder) as library:
        assert library.ask(QUESTION) == expected
        citation = expected.passages[0].citation
        assert library.path_of(citation.document_id) == str(folder.parent / "docs" / "a.txt")
        assert library.passage(citation.id).passage.text == FILES["a.txt"]
        assert library.verify().problems == ()
        assert Newest(library.store).feedback() == judgements
        assert len(judgements) == 2
    held = (folder / "library.sqlite3").read_bytes()
    assert b"Vorontsova" not in held  # nothing of what that version removed
    connection = apsw.Connection(str(folder / "library.sqlite3"))
    assert connection.pragma("user_version") == FORMAT == 8
    connection.close()
    if os.name != "nt":
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / "library.sqlite3").stat().st_mode) == 0o600


def test_a_library_is_brought_to_todays_format_once(folder: Path) -> None:
    as_format_6(folder)
    assert documents_seen_at_once(folder, processes=3) == [2] * 3


def test_a_document_whose_id_was_altered_is_named(folder: Path) -> None:
    connection = apsw.Connection(str(folder / "library.sqlite3"))
    connection.execute("UPDATE document_keys SET key = 'x' || key WHERE document = 1")
    connection.close()
    with Library.open(folder) as library:
        [problem] = library.verify().problems
        assert (problem.document, problem.kind) == ("a.txt", "altered")


def test_a_passage_and_a_neighbour_are_looked_up_by_id(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "docs" / "a.md"
    write_files(tmp_path / "docs", {"a.md": "# Birds\n\nRooks nest.\n\nOwls hunt.\n\nJays hoard."})
    library.add(path)
    [info] = library.documents()
    key, sha256 = document_id(str(path)), info.sha256
    rooks, owls, jays = library.contents(str(path)).passages
    at = owls.paragraph
    quoted = library.passage_at(key, sha256, at.start, at.end)
    assert (quoted.text, quoted.citation.paragraph, quoted.citation.number) == ("Owls hunt.", 2, 1)
    assert quoted.headings == ("Birds",)
    assert [library.paragraph(key, number) for number in (1, 2, 3)] == [rooks, owls, jays]
    for missing in (0, 4, -1):
        with pytest.raises(NotFoundError, match=f"no paragraph {missing}"):
            library.paragraph(key, missing)
    for given, said in (
        ((key, "0" * 64, at.start, at.end), "has changed"),
        ((key, sha256, at.start, at.end - 1), "No passage of a.md"),
        (("f" * 24, sha256, at.start, at.end), "No document has the id"),
    ):
        with pytest.raises(NotFoundError, match=said):
            library.passage_at(*given)
    with pytest.raises(NotFoundError, match="No document has the id"):
        library.paragraph("f" * 24, 1)


def test_looking_up_reads_no_other_document(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that SQLite steps through grow with the library where a look-up reads all of it."""
    with Library.open(folder) as library:
        [passage, *_] = library.ask(QUESTION).passages
        citation = passage.citation

        def refuse(*_: object) -> None:
            raise AssertionError("all documents, or a whole one, were read")

        monkeypatch.setattr("vector_store.local_view.LocalView.documents", refuse)
        monkeypatch.setattr("vector_store.local_view.LocalView.contents", refuse)
        library.judge(QUESTION, passage, answers=True)
        assert library.path_of(citation.document_id) == citation.path
        assert library.passage(citation.id).passage.text == passage.text
        span = citation.sha256, citation.start, citation.end
        assert library.passage_at(citation.document_id, *span).text == passage.text
        assert library.paragraph(citation.document_id, citation.paragraph).text == passage.text
        assert len(library.labelled_questions()) == 1
        with library.store._database.reading() as connection:  # type: ignore[attr-defined]
            plans = [
                row[-1]
                for query in (
                    "SELECT * FROM documents WHERE id ="
                    " (SELECT document FROM document_keys WHERE key = ?)",
                    'SELECT id FROM passages WHERE document = ? AND "start" = ? AND "end" = ?',
                )
                for row in connection.execute(
                    f"EXPLAIN QUERY PLAN {query}", (None,) * query.count("?")
                )
            ]
        assert plans
        assert not [plan for plan in plans if plan.startswith("SCAN")]  # "SEARCH" is by an index
