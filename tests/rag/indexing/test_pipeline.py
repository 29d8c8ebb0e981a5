"""Adding, replacing, removing files; what is reported; what an interruption leaves."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests_support import ask_texts, wait_until, write_files

from rag import Library, Progress, QuestionError, SourceError, deadlines
from rag.errors import CancelledWorkError
from rag.indexing.source_files import SourceFile, load, stamp
from rag.models.hashing import HashingEmbedder


def reasons(library: Library) -> dict[str, str]:
    return {file.name: file.reason for file in library.status().unread}


def test_every_file_is_accounted_for(library: Library, tmp_path: Path) -> None:
    docs = write_files(
        tmp_path / "docs",
        {
            "a.txt": "Alpha has words.\n\nBeta too.",
            "sub/b.md": "# Title\n\nGamma.",
            "empty.txt": "",
            "binary.txt": b"\x89PNG\x00\x00" + bytes(range(256)) * 4,
            "photo.jpg": b"\xff\xd8",
            ".hidden.txt": "not for indexing",
        },
    )
    report = library.add(docs)
    assert (report.added, report.replaced, report.unchanged, report.removed) == (2, 0, 0, 0)
    assert report.passages == 3
    assert {file.name: file.reason for file in report.unread} == reasons(library)
    assert reasons(library) == {
        "binary.txt": "the file is not text",
        "empty.txt": "the file is empty",
        "photo.jpg": "files of type .jpg are not supported",
    }
    assert [info.name for info in library.documents()] == ["a.txt", "sub/b.md"]
    assert library.ask("alpha").searched.unreadable == 3


def test_a_second_run_replaces_what_changed_and_removes_what_vanished(
    library: Library, tmp_path: Path
) -> None:
    docs = write_files(
        tmp_path / "docs", {"a.txt": "Alpha.", "b.txt": "Beta.", "c.txt": "Gamma.", "d.txt": ""}
    )
    library.add(docs)
    write_files(docs, {"b.txt": "Delta instead."})
    (docs / "c.txt").unlink()
    (docs / "d.txt").unlink()
    report = library.add(docs)
    assert (report.added, report.replaced, report.unchanged, report.removed) == (0, 1, 1, 1)
    assert sorted(ask_texts(library, "alpha beta gamma delta")) == ["Alpha.", "Delta instead."]
    assert library.status().unread == ()


def test_files_outside_the_folder_given_are_left_alone(library: Library, tmp_path: Path) -> None:
    write_files(tmp_path, {"one/a.txt": "Alpha.", "two/b.txt": "Beta."})
    library.add([tmp_path / "one", tmp_path / "two"])
    (tmp_path / "two" / "b.txt").unlink()
    library.add(tmp_path / "one")
    assert [info.name for info in library.documents()] == ["a.txt", "b.txt"]


def test_what_was_read_is_kept_when_a_file_can_no_longer_be_read(
    library: Library, tmp_path: Path
) -> None:
    docs = write_files(tmp_path / "docs", {"a.txt": "Alpha.", "b.txt": "Beta."})
    library.add(docs)
    write_files(docs, {"a.txt": b"\x00\x01\x02" * 99})
    report = library.add(docs)
    assert [file.name for file in report.unread] == ["a.txt"]
    assert "Alpha." in ask_texts(library, "alpha")
    write_files(docs, {"a.txt": "Alpha."})
    assert library.add(docs).unchanged == 2
    assert library.status().unread == ()


def test_a_path_that_does_not_exist_changes_nothing(library: Library, tmp_path: Path) -> None:
    docs = write_files(tmp_path / "docs", {"a.txt": "Alpha."})
    with pytest.raises(SourceError, match=r"no file or folder .*nowhere"):
        library.add([docs, tmp_path / "nowhere"])
    with pytest.raises(SourceError, match="at least one"):
        library.add([])
    assert library.documents() == []


def test_a_folder_in_which_nothing_can_be_read_changes_nothing(
    library: Library, tmp_path: Path
) -> None:
    docs = write_files(tmp_path / "docs", {"a.txt": "Alpha."})
    library.add(docs)
    write_files(docs, {"a.txt": ""})
    with pytest.raises(SourceError, match=r"a\.txt: the file is empty"):
        library.add(docs)
    (tmp_path / "bare").mkdir()
    with pytest.raises(SourceError, match="There is no file in"):
        library.add(tmp_path / "bare")
    assert ask_texts(library, "alpha") == ["Alpha."]


def test_links_out_of_the_folder_are_not_followed(library: Library, tmp_path: Path) -> None:
    write_files(tmp_path, {"secret/s.txt": "Secret.", "docs/a.txt": "Alpha."})
    os.symlink(tmp_path / "secret" / "s.txt", tmp_path / "docs" / "link.txt")
    os.symlink(tmp_path / "secret", tmp_path / "docs" / "folder")
    library.add(tmp_path / "docs")
    assert [info.name for info in library.documents()] == ["a.txt"]


def test_file_names_that_are_no_text_are_shown_and_found_again(
    library: Library, tmp_path: Path
) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    Path(os.fsdecode(path)).write_text("Alpha.")
    library.add(tmp_path)
    [info] = library.documents()
    assert info.name == "caf\N{REPLACEMENT CHARACTER}.txt"
    assert library.verify().problems == ()


def test_an_interruption_keeps_whole_documents_and_the_next_run_goes_on(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "\n\n".join(f"Paragraph {i} about rivers and bridges." for i in range(300))
    docs = write_files(tmp_path / "docs", {f"{i}.txt": words + f"\n\nEnd {i}." for i in range(8)})
    real, calls = HashingEmbedder.embed_documents, 0

    def interrupted(self: HashingEmbedder, texts: list[str]) -> object:
        nonlocal calls
        calls += len(texts) > 100
        if calls == 4:
            raise KeyboardInterrupt
        return real(self, texts)

    monkeypatch.setattr(HashingEmbedder, "embed_documents", interrupted)
    with pytest.raises(KeyboardInterrupt):
        library.add(docs)
    kept = library.status().counts
    assert 0 < kept.documents < 8
    assert kept.passages == 301 * kept.documents
    monkeypatch.setattr(HashingEmbedder, "embed_documents", real)
    report = library.add(docs)
    assert (report.added, report.unchanged) == (8 - kept.documents, kept.documents)
    assert library.status().counts.passages == 301 * 8


def test_an_interruption_from_the_keyboard_ends_the_embedding_too(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "\n\n".join(f"Paragraph {i} about rivers." for i in range(1_500))
    docs = write_files(tmp_path / "docs", {"a.txt": words})
    real, parts = HashingEmbedder.embed_with_spans, []

    def is_cancelled() -> bool:
        try:
            deadlines.check()
        except CancelledWorkError:
            return True
        return False

    def second_part_ends_when_stopped(
        self: HashingEmbedder, texts: list[str], spans: list
    ) -> object:
        parts.append(len(texts))
        if len(parts) == 2:
            wait_until(is_cancelled)
        return real(self, texts, spans)

    def interrupt(progress: Progress) -> None:
        if progress.windows:
            raise KeyboardInterrupt

    monkeypatch.setattr(HashingEmbedder, "embed_with_spans", second_part_ends_when_stopped)
    with pytest.raises(KeyboardInterrupt):
        library.add(docs, progress=interrupt)
    assert len(parts) == 2
    assert sum(parts) < 1_500
    assert not [t for t in threading.enumerate() if t.name.startswith("quoth-embedding")]
    assert library.status().counts.documents == 0


def test_progress_names_each_file_and_ends_complete(library: Library, tmp_path: Path) -> None:
    docs = write_files(tmp_path / "docs", {"a.txt": "Alpha.", "b.txt": "Beta."})
    seen: list[Progress] = []
    library.add(docs, progress=seen.append)
    assert [(progress.name, progress.is_preparing) for progress in seen if progress.name] == [
        ("a.txt", False), ("a.txt", True), ("b.txt", False), ("b.txt", False),
    ]  # fmt: skip
    assert seen[-1] == Progress(2, 2, 2, "", passages=2)


def test_a_long_paragraph_is_found_by_its_last_words_and_cited_whole(
    library: Library, tmp_path: Path
) -> None:
    long = " ".join(f"filler{i}" for i in range(200)) + " zanzibar"
    write_files(tmp_path / "docs", {"a.txt": f"{long}\n\nSomething else entirely."})
    library.add(tmp_path / "docs")
    assert library.status().counts.windows > 4
    [first, *_] = library.search("zanzibar")
    assert first.passage.text == long
    assert first.dense is not None
    assert first.dense.rank == 1


def test_removing_by_path_by_folder_and_nothing(library: Library, tmp_path: Path) -> None:
    docs = write_files(tmp_path / "docs", {"a.txt": "Alpha.", "x/b.txt": "Beta.", "x/c.txt": "C."})
    library.add(docs)
    assert library.remove(docs / "nothing") == 0
    assert library.remove(docs / "a.txt") == 1
    assert library.remove([docs / "x"]) == 2
    assert ask_texts(library, "alpha beta") == []
    assert (docs / "a.txt").exists()


@pytest.mark.parametrize(
    ("question", "k", "message"),
    [("  \n", 5, "empty"), ("x" * 100_001, 5, "100,001 characters"), ("x", 0, "at least one")],
)
def test_questions_that_cannot_be_asked(
    library: Library, question: str, k: int, message: str
) -> None:
    with pytest.raises(QuestionError, match=message):
        library.ask(question, k=k)


def test_a_library_in_memory_answers_as_one_on_disk_does(library: Library, tmp_path: Path) -> None:
    docs = write_files(tmp_path / "docs", {"a.txt": "Alpha is first.\n\nBeta.", "b.txt": "Gamma."})
    library.add(docs)
    with Library.in_memory(model="hashing") as memory:
        memory.add(docs)
        assert ask_texts(memory, "first alpha") == ask_texts(library, "first alpha")
        assert memory.verify() == library.verify()


def test_verify_names_what_cannot_be_vouched_for(library: Library, tmp_path: Path) -> None:
    docs = write_files(tmp_path / "docs", {"a.txt": "Alpha.", "b.txt": "Beta.", "c.txt": "Gamma."})
    library.add(docs)
    assert library.verify().passages == 3
    assert library.verify().problems == ()
    write_files(docs, {"a.txt": "Changed."})
    (docs / "b.txt").unlink()
    found = {problem.document: problem.kind for problem in library.verify().problems}
    assert found == {"a.txt": "changed", "b.txt": "gone"}


def test_documents_in_a_folder_that_cannot_be_entered_are_not_forgotten(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs = write_files(tmp_path / "docs", {"a.txt": "Alpha.", "sub/b.txt": "Beta."})
    library.add(docs)
    real = os.scandir

    def refusing(path: str) -> object:
        if str(path).endswith("sub"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", refusing)
    report = library.add(docs)
    assert report.removed == 0
    assert {file.name: file.reason for file in report.unread} == {
        "sub": "the folder cannot be entered: Permission denied"
    }
    assert "Beta." in ask_texts(library, "beta")


def test_odd_files_are_reported_and_stop_nothing(library: Library, tmp_path: Path) -> None:
    docs = write_files(tmp_path / "docs", {"a.txt": "Alpha.", "folder.txt/b.txt": "Beta."})
    os.mkfifo(docs / "pipe.txt")
    os.symlink(docs / "loop.txt", docs / "loop.txt")
    os.symlink(docs / "nowhere", docs / "dangling.txt")
    Path(os.fsdecode(os.fsencode(docs) + b"/x.caf\xe9")).write_text("Gamma.")
    library.add(docs)
    assert [info.name for info in library.documents()] == ["a.txt", "folder.txt/b.txt"]
    found = reasons(library)
    assert found["pipe.txt"] == "it is not a regular file"
    assert "link" in found["loop.txt"]
    assert "dangling.txt" not in found  # it leads inside, to what is not there
    assert found["x.caf\N{REPLACEMENT CHARACTER}"].startswith("files of type .caf")


@pytest.mark.parametrize("path", ["", "~nobody-of-this-name/x", "x" * 300, "a\0b"])
def test_paths_that_make_no_sense_are_refused(library: Library, path: str) -> None:
    with pytest.raises(SourceError):
        library.add(path)


def test_removing_an_empty_path_removes_nothing(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs = write_files(tmp_path / "docs", {"a.txt": "Alpha."})
    library.add(docs)
    monkeypatch.chdir(docs)
    with pytest.raises(SourceError, match="A path is empty"):
        library.remove("")
    assert len(library.documents()) == 1


def test_stop_words_alone_are_no_evidence(library: Library, tmp_path: Path) -> None:
    library.add(write_files(tmp_path / "docs", {"a.txt": "The end of the road is near."}))
    assert not library.ask("of the is").answered


def test_a_tree_deeper_than_a_path_may_be_is_reported_and_the_rest_is_read(
    library: Library, tmp_path: Path
) -> None:
    docs = write_files(tmp_path / "docs", {"top.txt": "Words at the top."})
    here = os.open(docs, os.O_RDONLY)
    for _ in range(300):  # of 15 letters each: more than the 4,096 bytes that Linux takes
        os.mkdir("a" * 15, dir_fd=here)
        below = os.open("a" * 15, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    report = library.add(docs)
    assert report.added == 1
    (deep,) = report.unread
    assert deep.reason == "the folder cannot be entered: File name too long"
    assert set(deep.name.split("/")) == {"a" * 15}


def swapping(victim: Path, target: Path) -> Callable[[Progress], None]:
    """Put a link in the place of a file or folder, once files were listed."""

    def swap(_: Progress) -> None:
        if not victim.is_symlink():
            victim.rename(victim.with_name(".away"))
            victim.symlink_to(target)

    return swap


@pytest.mark.parametrize("part", ["sub/b.txt", "sub"])
def test_a_link_put_in_place_of_what_was_listed_is_not_followed(
    library: Library, tmp_path: Path, part: str
) -> None:
    docs = write_files(tmp_path / "docs", {"a.txt": "Alpha.", "sub/b.txt": "Beta."})
    secret = write_files(tmp_path / "secret", {"sub/b.txt": "TOPSECRET words."})
    report = library.add(docs, progress=swapping(docs / part, secret / part))
    assert [(file.name, file.reason) for file in report.unread] == [
        ("sub/b.txt", "a link took its place, and a link is not followed")
    ]
    assert ask_texts(library, "topsecret words alpha") == ["Alpha."]


def test_a_file_that_was_named_and_became_a_link_is_not_followed(
    library: Library, tmp_path: Path
) -> None:
    docs = write_files(tmp_path / "docs", {"a.txt": "Alpha.", "b.txt": "Beta."})
    secret = write_files(tmp_path / "secret", {"b.txt": "TOPSECRET words."})
    swap = swapping(docs / "b.txt", secret / "b.txt")
    report = library.add([docs / "a.txt", docs / "b.txt"], progress=swap)
    assert [file.name for file in report.unread] == ["b.txt"]
    assert "TOPSECRET words." not in ask_texts(library, "topsecret words")


def test_a_stamp_is_of_the_file_that_was_read(tmp_path: Path) -> None:
    docs = write_files(tmp_path / "docs", {"a.txt": "Alpha.", "b.txt": "Beta."})
    for name in ("a.txt", "b.txt"):
        os.utime(docs / name, (1e9, 1e9))
    time.sleep(2.1)  # what was written a moment ago has no stamp
    source = SourceFile(docs / "a.txt", "a.txt")
    before = stamp(source)
    os.rename(docs / "b.txt", docs / "a.txt")
    time.sleep(2.1)  # a move is a change, too
    loaded = load(source)
    assert (loaded.data, loaded.stamp) == (b"Beta.", stamp(source))
    assert loaded.stamp != before
