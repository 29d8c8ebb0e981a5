"""A damaged library restored: what is whole is saved, what is not is named."""

import errno
import shutil
from pathlib import Path

import apsw
import filelock
import pytest
from tests_support import Newest, write_files

from rag import (
    Library,
    SourceError,
    StoreBusyError,
    StoreDamagedError,
    StoreUnwritableError,
    restore,
)
from rag.cli.main import run
from vector_store.folder_names import DATABASE
from vector_store.records import Feedback
from vector_store.sqlite.page_reader import PAGE

QUESTION = "Who offers scholarships in Basra?"
FILES = {
    "a.txt": "Universities in Basra offer scholarships.",
    "b.txt": "A river is wide.\n\nAnd deep.",
    "same.txt": "Universities in Basra offer scholarships.",
    "empty.txt": "",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a library of two documents, one at two paths, with a judgement, and close it."""
    write_files(tmp_path / "docs", FILES)
    with Library.open(tmp_path / "library", model="hashing") as library:
        library.add(tmp_path / "docs")
        [passage, *_] = library.ask(QUESTION).passages
        library.judge(QUESTION, passage, answers=True)
    return tmp_path / "library"


def alter(folder: Path, *commands: str) -> None:
    connection = apsw.Connection(str(folder / "library.sqlite3"))
    for sql in commands:
        connection.execute(sql)
    connection.close()


def contents(folder: Path) -> list[object]:
    """Return all that a library holds and answers."""
    with Library.open(folder) as library:
        held = [library.contents(info.path) for info in library.documents()]
        answer = library.ask(QUESTION).to_dict()
        said = Newest(library.store).feedback(), Newest(library.store).unread()
        return [
            [(h.document, [(p.paragraph, p.text) for p in h.passages]) for h in held],
            [info.copies for info in library.documents()],
            answer,
            said,
        ]


def test_nothing_is_lost_of_what_is_whole(folder: Path, tmp_path: Path) -> None:
    before = contents(folder)
    alter(folder, "DROP INDEX seals_again", "DELETE FROM commits", "DROP TABLE stamps")
    with pytest.raises(StoreDamagedError, match=f"quoth restore --library {folder}"):
        contents(folder)
    found = restore(folder)
    assert found.folder == f"{folder}-restored"
    assert (found.salvaged.documents, found.salvaged.lost, found.salvaged.feedback) == (2, (), 1)
    assert contents(tmp_path / "library-restored") == before


def test_vectors_that_are_damaged_are_made_anew(folder: Path, tmp_path: Path) -> None:
    before = contents(folder)
    alter(folder, "UPDATE windows SET vector = zeroblob(length(vector)) WHERE id = 1")
    found = restore(folder, tmp_path / "new").salvaged
    assert found.unembedded == (str(tmp_path / "docs/a.txt"),)
    assert (found.documents, found.lost) == (2, ())
    assert contents(tmp_path / "new") == before
    with Library.open(tmp_path / "new") as library:
        assert Newest(library.store).altered() == []


def test_without_its_model_a_library_is_embedded_anew(folder: Path, tmp_path: Path) -> None:
    before = contents(folder)
    alter(folder, "DELETE FROM facts")
    found = restore(folder, tmp_path / "new", model="hashing").salvaged
    assert len(found.unembedded) == 2
    assert contents(tmp_path / "new") == before


def test_what_is_not_whole_is_named(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alter(
        folder,
        "UPDATE passages SET page = 7 WHERE document = 2",
        "UPDATE feedback SET answers = 0",
    )
    assert run(["restore", "--library", str(folder), "--to", str(tmp_path / "new")]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"Saved 1 document into {tmp_path / 'new'}.",
        "Judgements: 0 saved, 1 lost.",
        f"  not saved: {tmp_path / 'docs/b.txt'}",
        f"To index the lost files again: quoth index PATH --library {tmp_path / 'new'}",
    ]
    assert run(["index", str(tmp_path / "docs/b.txt"), "--library", str(tmp_path / "new")]) == 0
    assert run(["verify", "--library", str(tmp_path / "new")]) == 0


def test_documents_are_named_even_when_the_database_is_gone(folder: Path, tmp_path: Path) -> None:
    database = folder / "library.sqlite3"
    database.write_bytes(bytes(3 * PAGE))
    found = restore(folder, tmp_path / "new", model="hashing").salvaged
    assert found.documents == 0
    assert found.lost == tuple(str(tmp_path / f"docs/{name}.txt") for name in ("a", "b", "same"))


def test_a_document_without_a_path_is_counted(folder: Path, tmp_path: Path) -> None:
    for path in (folder / "snapshots").glob("*/documents.json"):
        path.unlink()
    alter(
        folder,
        "PRAGMA foreign_keys = off",
        "DELETE FROM stamps",
        "DELETE FROM documents WHERE id = 2",
    )
    found = restore(folder, tmp_path / "new").salvaged
    assert (found.documents, found.lost, found.unnamed) == (1, (), 1)


def test_what_cannot_be_restored_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no library in"):
        restore(tmp_path / "docs")
    with pytest.raises(SourceError, match="exists already"):
        restore(folder, tmp_path / "docs")
    before = sorted(folder.rglob("*"))
    (tmp_path / "link").symlink_to(folder)
    for inside in (folder, folder / "new", tmp_path / "link/files/new"):
        with pytest.raises(SourceError, match="lies in the damaged library"):
            restore(folder, inside)
    assert sorted(folder.rglob("*")) == before
    (tmp_path / "link").unlink()
    with filelock.FileLock(folder / "writer.lock"), pytest.raises(StoreBusyError):
        restore(folder, tmp_path / "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["docs", "library"]


def test_a_restored_library_needs_nothing_of_the_damaged_one(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    uploads = {"c.txt": "Cats sleep in Basra.", "d.txt": "Dogs bark.", "e.txt": "Dogs bark."}
    write_files(folder / "files", uploads)
    with Library.open(folder) as library:
        library.add(folder / "files")
        [passage, *_] = library.ask("Which cats sleep in Basra?", where="c.txt").passages
        library.judge("Which cats sleep in Basra?", passage, answers=True)
    for name in ("password", "keys"):
        (folder / name).write_text(f"a {name}")
        (folder / name).chmod(0o600)
    alter(
        folder,
        "DROP INDEX seals_again",
        "UPDATE windows SET vector = zeroblob(length(vector))",
        "UPDATE documents SET title = x'00' WHERE name = CAST('b.txt' AS BLOB)",
    )
    new = tmp_path / "new"
    found = restore(folder, new)
    assert (found.salvaged.lost, found.uncopied) == ((str(tmp_path / "docs/b.txt"),), ())
    assert found.salvaged.unembedded == tuple(
        str(path) for path in (tmp_path / "docs/a.txt", new / "files/c.txt", new / "files/d.txt")
    )
    folder.rename(tmp_path / "away")
    with Library.open(new) as library:
        [c] = [info for info in library.documents() if info.name == "c.txt"]
        [d] = [info for info in library.documents() if info.name == "d.txt"]
        assert c.path == str(new / "files/c.txt")
        assert [copy.path for copy in d.copies] == [str(new / "files/e.txt")]
        assert {item.quote.path for item in Newest(library.store).feedback() if item.quote} == {
            str(tmp_path / "docs/a.txt"),
            c.path,
        }
        assert Newest(library.store).altered() == []
    assert run(["verify", "--library", str(new)]) == 0, capsys.readouterr().out
    for name in ("password", "keys"):
        assert (new / name).read_text() == f"a {name}"
        assert (new / name).stat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_be_read_is_named(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_files(folder / "files", {"c.txt": "Cats sleep in Basra."})
    (folder / "password").write_text("a password")
    unreadable = folder / "files/c.txt"
    read = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path == unreadable:
            raise OSError(errno.EIO, "Input/output error", str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert run(["restore", "--library", str(folder), "--to", str(tmp_path / "new")]) == 1
    assert f"  not copied, because it cannot be read: {unreadable}" in capsys.readouterr().out
    unreadable = folder / "password"
    with pytest.raises(StoreUnwritableError, match=r"cannot be copied .*password"):
        restore(folder, tmp_path / "open")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["docs", "library", "new"]


def judgements_of(tmp_path: Path, name: str, files: dict[str, str]) -> tuple[Path, list[Feedback]]:
    """Make a library with two judgements; return its folder and them."""
    write_files(tmp_path / f"{name} docs", files)
    with Library.open(tmp_path / name, model="hashing") as library:
        library.add(tmp_path / f"{name} docs")
        for question in (QUESTION, f"Who is {name}?"):
            library.judge(question, None, answers=False)
        return tmp_path / name, Newest(library.store).feedback()


@pytest.mark.parametrize("without", ["nothing", "facts", "indexes"])
def test_a_judgement_on_a_page_of_another_library_is_not_taken(
    tmp_path: Path, without: str
) -> None:
    """The page of this library's judgements is replaced by the other's, which is as well formed."""
    own, said = judgements_of(tmp_path, "own", FILES)
    other, _ = judgements_of(tmp_path, "other", FILES)
    swap_page(own, other, "feedback")
    if without == "facts":
        alter(own, "DELETE FROM facts WHERE key = 'library'")
    if without == "indexes":
        shutil.rmtree(own / "snapshots")
    salvaged = restore(own, tmp_path / "new").salvaged
    assert (salvaged.documents, salvaged.feedback, salvaged.lost_feedback) == (2, 0, len(said))
    with Library.open(tmp_path / "new") as library:
        assert Newest(library.store).feedback() == []


def test_judgements_are_kept_when_the_facts_are_anothers(tmp_path: Path) -> None:
    own, said = judgements_of(tmp_path, "own", FILES)
    other, _ = judgements_of(tmp_path, "other", FILES)
    swap_page(own, other, "facts")
    assert restore(own, tmp_path / "new").salvaged.feedback == len(said) == 2
    with Library.open(tmp_path / "new") as library:
        assert Newest(library.store).feedback() == said


def swap_page(folder: Path, other: Path, table: str) -> None:
    """Put the page of a table of `other`, which has but one, in the place of that of `folder`."""
    [own_page, other_page] = [root_page(library, table) for library in (folder, other)]
    data = bytearray((folder / DATABASE).read_bytes())
    foreign = (other / DATABASE).read_bytes()
    data[(own_page - 1) * PAGE : own_page * PAGE] = foreign[
        (other_page - 1) * PAGE : other_page * PAGE
    ]
    (folder / DATABASE).write_bytes(data)


def root_page(folder: Path, table: str) -> int:
    connection = apsw.Connection(str(folder / DATABASE))
    connection.pragma("wal_checkpoint(truncate)")
    [[page]] = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,))
    connection.close()
    return int(page)
