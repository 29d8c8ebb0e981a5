"""A folder indexed again: what is not opened, what is kept once, what is read anew."""

import os
import shutil
import time
from pathlib import Path

import pytest
from tests_files import docx, paragraph, zipped
from tests_support import ask_texts, write_files

from rag import Library
from rag.formats import registry
from rag.indexing import pipeline, source_files
from rag.indexing.source_files import LoadedFile, SourceFile


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the names of the files that are opened from now on."""
    names: list[str] = []

    def noting(source: SourceFile) -> LoadedFile:
        names.append(source.name)
        return source_files.load(source)

    monkeypatch.setattr(pipeline, "load", noting)
    return names


@pytest.fixture(autouse=True)
def old_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust files at once that tests have just written."""
    monkeypatch.setattr(source_files, "_SETTLED", -1_000_000_000)


def texts(library: Library) -> dict[str, str]:
    return {info.name: library.contents(info.path).document.text for info in library.documents()}


def test_a_second_run_opens_nothing(library: Library, tmp_path: Path, opened: list[str]) -> None:
    docs = write_files(
        tmp_path / "docs",
        {"a.txt": "Alpha.", "b.docx": docx(paragraph("Beta.")), "copy.txt": "Alpha.",
         "empty.txt": "", "c.zip": zipped({"in.txt": "Inside.", "bad.pdf": "nonsense"})},
    )  # fmt: skip
    first = library.add(docs)
    assert opened == ["a.txt", "b.docx", "c.zip", "copy.txt", "empty.txt"]
    assert (first.added, first.copies, len(first.unread)) == (3, 1, 2)
    opened.clear()
    second = library.add(docs)
    assert opened == []
    assert (second.added, second.replaced, second.unchanged, second.removed) == (0, 0, 4, 0)
    assert second.unread == first.unread
    assert library.status().unread == tuple(sorted(first.unread, key=lambda file: file.path))


def test_a_clock_that_was_put_back_hides_no_change(
    library: Library, tmp_path: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    docs = write_files(tmp_path / "docs", {"a.txt": "Alpha.", "b.txt": "Beta."})
    library.add(docs)
    opened.clear()
    earlier = time.time_ns() - 3_600_000_000_000
    monkeypatch.setattr(source_files, "_SETTLED", 2_000_000_000)
    monkeypatch.setattr("time.time_ns", lambda: earlier)
    (docs / "a.txt").write_text("Gamma.")  # as long as before
    os.utime(docs / "a.txt", ns=(earlier, earlier))
    report = library.add(docs)
    assert (report.replaced, report.unchanged, report.removed) == (1, 1, 0)
    assert texts(library) == {"a.txt": "Gamma.", "b.txt": "Beta."}
    assert opened == ["a.txt", "b.txt"]  # files of the future are not trusted unopened
    assert library.add(docs).unchanged == 2


def test_what_is_touched_is_opened_and_what_differs_is_read(
    library: Library, tmp_path: Path, opened: list[str]
) -> None:
    docs = write_files(tmp_path / "docs", {"a.txt": "Alpha.", "b.txt": "Beta."})
    library.add(docs)
    opened.clear()
    os.utime(docs / "a.txt", (1, 1))
    assert library.add(docs).unchanged == 2
    assert opened == ["a.txt"]
    write_files(docs, {"b.txt": "Bete."})  # as long as before
    assert library.add(docs).replaced == 1
    assert texts(library) == {"a.txt": "Alpha.", "b.txt": "Bete."}


def test_a_file_written_a_moment_ago_is_not_trusted(
    library: Library, tmp_path: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_files, "_SETTLED", 3_600_000_000_000)
    docs = write_files(tmp_path / "docs", {"a.txt": "Alpha."})
    library.add(docs)
    library.add(docs)
    assert opened == ["a.txt", "a.txt"]


def test_a_better_reader_reads_unchanged_files_again(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs = write_files(tmp_path / "docs", {"a.txt": "Alpha.", "b.docx": docx(paragraph("Beta."))})
    library.add(docs)
    better = {
        **registry.KINDS,
        ".docx": registry.Kind("docx", "rag.formats.office.docx", "zip", 99),
    }
    monkeypatch.setattr(registry, "KINDS", better)
    [problem] = library.verify().problems
    assert (problem.kind, problem.document) == ("changed", "b.docx")
    report = library.add(docs)
    assert (report.replaced, report.unchanged) == (1, 1)
    assert library.verify().problems == ()


def test_the_same_file_twice_is_kept_once_and_cited_at_both(
    library: Library, tmp_path: Path
) -> None:
    docs = write_files(
        tmp_path / "docs",
        {"a.txt": "Alpha rivers.", "sub/b.txt": "Alpha rivers.", "c.txt": "Gamma."},
    )
    report = library.add(docs)
    assert (report.added, report.copies, report.passages) == (2, 1, 2)
    assert ask_texts(library, "alpha rivers").count("Alpha rivers.") == 1
    [passage] = [p for p in library.ask("alpha rivers").passages if p.text == "Alpha rivers."]
    assert (passage.citation.document, passage.citation.also) == ("a.txt", ("sub/b.txt",))
    assert str(passage.citation).endswith("a.txt, paragraph 1 (also sub/b.txt)")
    assert library.ask("alpha", where="sub/*").searched.documents == 1
    assert library.contents(str(docs / "sub" / "b.txt")).document.name == "a.txt"
    assert library.add(docs).unchanged == 3
    assert library.verify().problems == ()
    write_files(docs, {"sub/b.txt": "Other."})
    [problem] = library.verify().problems
    assert (problem.document, problem.kind) == ("sub/b.txt", "changed")


def test_a_document_goes_on_under_its_copys_path(library: Library, tmp_path: Path) -> None:
    docs = write_files(tmp_path / "docs", {"a.txt": "Alpha.", "b.txt": "Alpha.", "c.txt": "Alpha."})
    library.add(docs)
    (docs / "a.txt").unlink()
    assert library.add(docs).removed == 1
    assert texts(library) == {"b.txt": "Alpha."}
    write_files(docs, {"b.txt": "Beta."})
    report = library.add(docs)
    assert (report.replaced, report.unchanged) == (1, 1)
    assert texts(library) == {"b.txt": "Beta.", "c.txt": "Alpha."}
    assert library.remove(docs) == 2
    assert library.documents() == []


def test_a_moved_file_is_not_embedded_again(library: Library, tmp_path: Path) -> None:
    docs = write_files(tmp_path / "docs", {"a.txt": "Alpha.", "z.txt": "Zeta."})
    library.add(docs)
    before = {info.name: info.id for info in library.documents()}
    shutil.move(docs / "a.txt", docs / "new.txt")
    report = library.add(docs)
    assert (report.added, report.renamed, report.copies, report.removed) == (0, 1, 0, 0)
    after = {info.name: info.id for info in library.documents()}
    assert after == {"new.txt": before["a.txt"], "z.txt": before["z.txt"]}
    assert library.verify().problems == ()


def test_a_file_that_moved_and_its_new_copy_are_told_apart(
    library: Library, tmp_path: Path
) -> None:
    docs = write_files(tmp_path / "docs", {"a.txt": "Alpha.", "b.txt": "Beta.", "c.txt": "Gamma."})
    library.add(docs)
    shutil.move(docs / "a.txt", docs / "moved.txt")
    shutil.copy(docs / "moved.txt", docs / "copied.txt")
    shutil.copy(docs / "b.txt", docs / "b copied.txt")
    (docs / "c.txt").unlink()
    report = library.add(docs)
    assert (report.added, report.renamed, report.copies, report.removed) == (0, 1, 2, 1)


def test_what_programs_leave_beside_documents_is_no_document(
    library: Library, tmp_path: Path
) -> None:
    litter = ("~$a.docx", "Thumbs.db", "sub/desktop.ini", ".DS_Store", "__MACOSX/._a.txt")
    archive = zipped({"b.txt": "Beta.", **dict.fromkeys(litter, "litter")})
    docs = write_files(
        tmp_path / "docs", {"a.txt": "Alpha.", "b.zip": archive, **dict.fromkeys(litter, b"\0")}
    )
    report = library.add(docs)
    assert (report.added, report.unread) == (2, ())
    assert texts(library) == {"a.txt": "Alpha.", "b.zip": "Beta."}


def test_a_run_tells_which_files_are_newly_unreadable(library: Library, tmp_path: Path) -> None:
    docs = write_files(tmp_path / "docs", {"a.txt": "Alpha.", "b.pdf": b"%PDF-1.7 no more"})
    first = library.add(docs)
    assert [file.name for file in first.newly_unread] == ["b.pdf"]
    write_files(docs, {"c.txt": "", "d.txt": "Delta."})
    second = library.add(docs)
    assert [file.name for file in second.unread] == ["b.pdf", "c.txt"]
    assert [file.name for file in second.newly_unread] == ["c.txt"]


def test_files_may_change_places(library: Library, tmp_path: Path) -> None:
    docs = write_files(tmp_path / "docs", {"a.txt": "Alpha.", "b.txt": "Beta."})
    library.add(docs)
    write_files(docs, {"a.txt": "Beta.", "b.txt": "Alpha."})
    library.add(docs)
    assert texts(library) == {"a.txt": "Beta.", "b.txt": "Alpha."}
    assert library.verify().problems == ()


def test_a_copy_that_becomes_another_text_is_a_document(library: Library, tmp_path: Path) -> None:
    docs = write_files(tmp_path / "docs", {"a.txt": "Alpha.", "b.txt": "Alpha."})
    library.add(docs)
    write_files(docs, {"a.txt": "Gamma.", "c.txt": "Alpha."})
    library.add(docs)
    assert texts(library) == {"a.txt": "Gamma.", "b.txt": "Alpha."}
    [info] = [info for info in library.documents() if info.name == "b.txt"]
    assert [copy.name for copy in info.copies] == ["c.txt"]
    assert library.verify().problems == ()


def test_places_and_parts_come_through_the_whole_path(library: Library, tmp_path: Path) -> None:
    docs = write_files(
        tmp_path / "docs",
        {"a.zip": zipped({"t.csv": "Fruit,Price\nApple,12\n", "x.docx": "PK\x03\x04broken"})},
    )
    report = library.add(docs)
    assert [(file.name, file.reason[:19]) for file in report.unread] == [
        ("a.zip/x.docx", "the file is damaged")
    ]
    [passage] = [p for p in library.ask("apple").passages if p.text == "Apple,12"]
    assert (passage.headings, passage.columns) == ((), "Fruit | Price")
    assert str(passage.citation) == "[1] a.zip, t.csv, row 2, paragraph 2"
    assert library.ask("apple").searched.unreadable == 1
    write_files(docs, {"a.zip": zipped({"t.csv": "Fruit,Price\nApple,12\n"})})
    assert library.add(docs).unread == ()
    assert library.status().unread == ()
