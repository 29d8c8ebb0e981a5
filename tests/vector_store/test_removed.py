"""What is removed, replaced or gone from its folder is nowhere in the library's folder any more."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import apsw
import pytest
from tests_support import Newest, write_files

from rag import Library
from rag.indexing.readers import Reading
from rag.models.hashing import HashingEmbedder
from vector_store.analysis import analyzer
from vector_store.records import Document, Paragraph

NAME = "zanzibar-dossier.md"
HEADING = "Quixotry Ledger"
SECRET = "The xylographer Vorontsova kept plumbiferous accounts."
RARE = "plumbiferous"
QUESTION = "Who kept plumbiferous accounts?"


def markers() -> dict[str, bytes]:
    """Return what would tell of the document, in every form that it is kept in."""
    vector = HashingEmbedder().embed_documents([SECRET])[0]
    [term] = analyzer.terms(RARE)
    return {
        "text": SECRET.encode(),
        "name": NAME.encode(),
        "heading": HEADING.encode(),
        "term": term.encode(),
        "vector, 16 bits": vector.astype("<f2").tobytes(),
        "vector, 32 bits": vector.astype("<f4").tobytes(),
        "vector, rounded": vector.astype("<f2").astype("<f4").tobytes(),
    }


def traces(folder: Path) -> set[str]:
    """Return which markers any file of a folder holds, or its name."""
    found = set()
    for path in (path for path in folder.rglob("*") if path.is_file()):
        held = path.read_bytes() + str(path).encode()
        found |= {what for what, mark in markers().items() if mark in held}
    return found


def filler(passages: int) -> Iterable[Reading]:
    """Give documents of a hundred passages each."""
    for number in range(-(-passages // 100)):
        parts = [f"Ship {number} carried load {part} of grain." for part in range(100)]
        spans, at = [], 0
        for part, text in enumerate(parts, start=1):
            spans.append(Paragraph(at, at + len(text), part))
            at += len(text) + 1
        text = "\n".join(parts)
        digest = hashlib.sha256(text.encode()).hexdigest()
        path = f"filler {number}"
        yield Reading(Document(path, path, path, text, digest), tuple(spans))


@pytest.fixture(params=[0, 5_100], ids=["small", "large"])
def library_folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Make a library of a file that is to go, one that stays, and a number of other passages."""
    write_files(
        tmp_path / "docs",
        {NAME: f"# {HEADING}\n\n{SECRET}", "kept.txt": "The river is wide."},
    )
    with Library.open(tmp_path / "library", model="hashing") as library:
        library.add_readings(filler(request.param))
        library.add(tmp_path / "docs")
        [passage, *_] = library.ask(QUESTION).passages
        assert passage.text == SECRET
        library.judge(QUESTION, passage, answers=True)
        library.judge("What is wide?", None, answers=False)
    found = traces(tmp_path / "library")
    assert found >= {"text", "name", "heading", "term", "vector, 16 bits"}
    return tmp_path / "library"


@pytest.mark.parametrize("how", ["removed", "replaced", "vanished"])
def test_nothing_is_left_of_what_is_gone(library_folder: Path, how: str) -> None:
    document = library_folder.parent / "docs" / NAME
    with Library.open(library_folder) as reader, Library.open(library_folder) as library:
        assert reader.ask(QUESTION).passages[0].text == SECRET
        if how == "removed":
            assert library.remove(document) == 1
        elif how == "replaced":
            document.write_text("The harbour froze over.")
            assert library.add(document.parent).replaced == 1
        else:
            document.unlink()
            assert library.add(document.parent).removed == 1
        left = traces(library_folder)
        assert left == ({"name"} if how == "replaced" else set())
        assert [said.quote for said in Newest(library.store).feedback()] == [None]
        assert library.verify().problems == ()
        assert SECRET not in [hit.passage.text for hit in reader.search(QUESTION, k=3)]
    assert not library_folder.joinpath("library.sqlite3-wal").exists()
    assert traces(library_folder) == left


def test_what_a_reader_holds_back_goes_when_it_is_done(
    library_folder: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vector_store.sqlite.database._LOG_MILLISECONDS", 50)
    reader = apsw.Connection(str(library_folder / "library.sqlite3"))
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM documents").fetchall()
    with Library.open(library_folder) as library:
        library.add(library_folder.parent / "docs")  # something in the log that the reader needs
        library.remove(library_folder.parent / "docs" / NAME)
        assert "lies in the log" in caplog.text
        reader.execute("ROLLBACK")
        with library.store.writer():
            pass
        assert traces(library_folder) == set()
    reader.close()


def test_a_path_that_is_gone_is_forgotten_though_its_document_stays(library_folder: Path) -> None:
    docs = library_folder.parent / "docs"
    write_files(docs, {"other.md": (docs / NAME).read_bytes()})
    with Library.open(library_folder) as library:
        library.add(docs)
        library.remove(docs / NAME)
        assert "name" not in traces(library_folder)
        [quote] = [said.quote for said in Newest(library.store).feedback() if said.quote]
        assert (quote.path, quote.name) == (str(docs / "other.md"), "other.md")
        [judged, _] = library.labelled_questions()
        assert [answer["text"] for answer in judged["answers"]] == [SECRET]
        assert library.verify().problems == ()


def test_a_file_that_could_not_be_read_and_vanished_is_forgotten(library_folder: Path) -> None:
    docs = library_folder.parent / "docs"
    write_files(docs, {"zeppelin.docx": b"no such document"})
    with Library.open(library_folder) as library:
        library.add(docs)
        assert [file.name for file in library.status().unread] == ["zeppelin.docx"]
        (docs / "zeppelin.docx").unlink()
        library.add(docs)
    held = b"".join(path.read_bytes() for path in library_folder.rglob("*") if path.is_file())
    assert b"zeppelin" not in held


def test_indexes_that_cannot_be_saved_are_dropped(
    library_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("vector_store.indexes.snapshots._flush", refuse)
    with Library.open(library_folder) as library:
        library.remove(library_folder.parent / "docs" / NAME)
        assert traces(library_folder) == set()
        assert library.search("river", k=1)[0].passage.text == "The river is wide."


def test_after_closing_the_database_file_alone_is_the_whole_library(
    library_folder: Path, tmp_path: Path
) -> None:
    with Library.open(library_folder), Library.open(library_folder) as library:
        library.judge("Is it wide?", None, answers=False)  # without the writer's lock
        library.close()
        alone = (library_folder / "library.sqlite3").read_bytes()
    write_files(tmp_path / "copy", {"library.sqlite3": alone})
    with Library.open(tmp_path / "copy") as copy:
        assert len(Newest(copy.store).feedback()) == 3


def test_judgements_of_words_that_stay_are_kept(library_folder: Path) -> None:
    docs = library_folder.parent / "docs"
    (docs / NAME).write_text(f"# {HEADING}\n\n{SECRET}\n\nA paragraph more.")
    with Library.open(library_folder) as library:
        library.add(docs)
        assert [said.quote.text for said in Newest(library.store).feedback() if said.quote] == [
            SECRET
        ]


def test_salvage_counts_no_removed_judgement_as_lost(library_folder: Path, tmp_path: Path) -> None:
    from vector_store.recovery import salvage

    with Library.open(library_folder) as library:
        library.remove(library_folder.parent / "docs" / NAME)
    found = salvage(library_folder, tmp_path / "saved", {})
    assert (found.feedback, found.lost_feedback, found.lost) == (1, 0, ())
