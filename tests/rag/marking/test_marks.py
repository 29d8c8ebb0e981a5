"""A person's marks on documents: status and tags, and what becomes of them."""

from pathlib import Path

import pytest
from tests_support import write_files

from rag import Library, Mark, QuestionError, StoreDamagedError
from rag.ids import document_id
from rag.marking.marks import LONGEST_TAG, MOST_TAGS, checked_status, checked_tags

FILES = {
    "a.txt": "The harbour of Basra is old.",
    "b.txt": "The harbour of Basra is new.",
    "deep/c.txt": "The harbour of Basra is planned.",
}


@pytest.fixture
def marked(tmp_path: Path) -> Library:
    write_files(tmp_path / "docs", FILES)
    library = Library.open(tmp_path / "library", model="hashing")
    library.add(tmp_path / "docs")
    return library


def by_name(library: Library) -> dict[str, Mark]:
    names = {document_id(info.path): info.name for info in library.documents()}
    return {names[key]: mark for key, mark in library.marks().items()}


def test_status_and_tags_are_kept_changed_and_searched_by(marked: Library, tmp_path: Path) -> None:
    assert not (tmp_path / "library" / "document_marks.sqlite3").exists()
    assert marked.marks() == {}
    assert marked.mark("a.txt", status="relevant", add_tags=["Urgent", "to  call"]) == 1
    assert marked.mark(["deep/c.txt", "b.txt"], add_tags=["urgent"]) == 2
    assert by_name(marked) == {
        "a.txt": Mark("relevant", ("to call", "Urgent")),
        "b.txt": Mark("unseen", ("urgent",)),
        "deep/c.txt": Mark("unseen", ("urgent",)),
    }
    key = next(document_id(i.path) for i in marked.documents() if i.name == "b.txt")
    assert marked.mark(key, status="irrelevant", remove_tags=["URGENT"]) == 1
    assert by_name(marked)["b.txt"] == Mark("irrelevant")

    def names(question: str) -> list[str]:
        return sorted({p.citation.document for p in marked.ask(question).passages})

    assert names("harbour of Basra status:relevant") == ["a.txt"]
    assert names("harbour of Basra status:relevant status:irrelevant") == ["a.txt", "b.txt"]
    assert names('harbour of Basra tag:"to call"') == ["a.txt"]
    assert names("harbour of Basra tag:Urgent status:unseen") == ["deep/c.txt"]
    with pytest.raises(QuestionError, match="'seen' is no status"):
        marked.ask("harbour status:seen")
    with pytest.raises(QuestionError, match="matches 'nowhere'"):
        marked.mark("nowhere", status="read")
    marked.close()
    with Library.open(tmp_path / "library") as again:
        assert by_name(again)["a.txt"] == Mark("relevant", ("to call", "Urgent"))


def test_opening_reads_what_nobody_gave_a_status(marked: Library) -> None:
    a, b, c = marked.documents()
    marks = marked.document_marks
    versions = [marks.version()]
    marks.tag([a], ["x"])
    marks.set_status([b], "unseen")
    marks.set_status([c], "relevant")
    for info in (a, b, c):
        marks.opened(info)
        versions.append(marks.version())
    assert [mark.status for mark in by_name(marked).values()] == ["read", "unseen", "relevant"]
    assert len(set(versions)) == 2  # only one was changed by being opened


def test_marks_follow_files_and_go_with_them(marked: Library, tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    marked.mark(["a.txt", "b.txt", "deep/c.txt"], status="relevant", add_tags=["x"])
    (docs / "a.txt").rename(docs / "moved.txt")
    (docs / "b.txt").write_text("Another text altogether stands here now.")
    marked.add(docs)
    assert by_name(marked) == {
        "moved.txt": Mark("relevant", ("x",)),
        "b.txt": Mark("unseen", ("x",)),  # what was judged is not what is there
        "deep/c.txt": Mark("relevant", ("x",)),
    }
    assert marked.remove([docs / "moved.txt", docs / "deep"]) == 2
    assert list(by_name(marked)) == ["b.txt"]
    kept = (tmp_path / "library" / "document_marks.sqlite3").read_bytes()
    assert kept.count(document_id(str(docs / "moved.txt")).encode()) == 0


def test_marks_of_a_library_in_memory(tmp_path: Path) -> None:
    with Library.in_memory(model="hashing") as library:
        library.add(write_files(tmp_path, FILES))
        library.mark("*.txt", add_tags=["all"])
        assert {mark.tags for mark in library.marks().values()} == {("all",)}


def test_a_damaged_file_is_reported(marked: Library, tmp_path: Path) -> None:
    (tmp_path / "library" / "document_marks.sqlite3").write_bytes(b"no database" * 100)
    with pytest.raises(StoreDamagedError, match=r"marks in .* are damaged"):
        marked.marks()


def test_tags_and_statuses_are_checked() -> None:
    assert checked_status(" Read ") == "read"
    assert checked_tags(["b", "A", "B", "e\u0301"]) == ("A", "b", "\u00e9")
    for bad in (["", "x"], ["x" * (LONGEST_TAG + 1)], [str(n) for n in range(MOST_TAGS + 1)]):
        with pytest.raises(QuestionError, match="tag"):
            checked_tags(bad)
