"""Asking some documents only."""

import os
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
from tests_support import write_files

from rag import Library
from rag.cli.main import run
from rag.errors import QuestionError
from rag.query.scope import Scope, scope

Form = Literal["NFC", "NFD"]


@pytest.fixture
def filled(library: Library, tmp_path: Path) -> Library:
    docs = write_files(
        tmp_path / "docs",
        {
            "a.md": "The harbour of Basra is old.",
            "b.txt": "The harbour of Basra is new.\n\nRain fell.",
            "reports/c.txt": "A harbour was planned in Basra.",
        },
    )
    library.add(docs)
    return library


def scope_of(library: Library, *where: Any) -> Scope:
    with library.store.view() as view:
        return scope(view, *where)


def names(library: Library, where: str | list[str]) -> list[str]:
    kept = {info.id: info.name for info in library.documents()}
    return sorted(kept[i] for i in scope_of(library, where).documents or ())


def test_patterns_name_documents(filled: Library, tmp_path: Path) -> None:
    assert names(filled, "*.md") == ["a.md"]
    assert names(filled, ["a.md", "b.txt"]) == ["a.md", "b.txt"]
    assert names(filled, str(tmp_path / "docs" / "reports")) == ["reports/c.txt"]
    assert names(filled, str(tmp_path / "docs" / "b.txt")) == ["b.txt"]
    assert names(filled, "*/reports/*") == ["reports/c.txt"]
    assert scope_of(filled).documents is None
    for nothing in ("*.pdf", "", str(tmp_path / "elsewhere")):
        with pytest.raises(QuestionError, match="No document of the library matches"):
            scope_of(filled, ["a.md", nothing])


def test_names_are_taken_as_they_are(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs = write_files(
        tmp_path / "docs",
        {
            "report [final].txt": "One.",
            "~draft.txt": "Two.",
            "deep/er/x.md": "Three.",
            "bad.md": "",
        },
    )
    library.add(docs)
    assert names(library, "report [final].txt") == ["report [final].txt"]
    assert names(library, "report [*") == ["report [final].txt"]
    assert names(library, "~draft.txt") == ["~draft.txt"]
    monkeypatch.chdir(tmp_path)
    assert names(library, "docs/*.md") == ["deep/er/x.md"]
    assert names(library, "./docs/d??p") == ["deep/er/x.md"]
    assert names(library, "docs/deep") == ["deep/er/x.md"]
    assert scope_of(library, "docs").searched.unreadable == 1
    assert scope_of(library, "docs/deep").searched.unreadable == 0


def test_only_the_documents_named_are_searched_and_counted(filled: Library) -> None:
    question = "Which harbour is in Basra?"
    answer = filled.ask(question, where="*.txt")
    assert {p.citation.document for p in answer.passages} == {"b.txt", "reports/c.txt"}
    assert (answer.searched.documents, answer.searched.passages) == (2, 3)
    assert filled.ask(question).searched.passages == 4
    hits = filled.search(question, k=9, where=["a.md"])
    assert [hit.passage.document.name for hit in hits] == ["a.md"]


def test_the_command_line_takes_patterns(
    filled: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    filled.close()
    asked = ["ask", "Which harbour is in Basra?", "--library", str(tmp_path / "library")]
    assert run([*asked, "--where", "a.md"]) == 0
    assert "searched 1 document)" in capsys.readouterr().out
    assert run([*asked, "--where", "*.pdf"]) == 2
    assert "No document of the library matches '*.pdf'" in capsys.readouterr().err


def test_patterns_of_a_question_look_nothing_up(
    filled: Library, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    looked_up: list[str] = []
    typed = ("//server/share", r"\\server\share", "~root", "~", "/proc/self/root", "nul\0")

    def noting(look: Callable[..., Any]) -> Callable[..., Any]:
        def noted(path: Any, *more: Any, **named: Any) -> Any:
            looked_up.append(str(path))
            return look(path, *more, **named)

        return noted

    with monkeypatch.context() as patched:
        for module, name in (
            (os, "lstat"),
            (os, "stat"),
            (os, "readlink"),
            (os.path, "expanduser"),
        ):
            patched.setattr(module, name, noting(getattr(module, name)))
        for pattern in typed:
            with pytest.raises(QuestionError, match="No document of the library matches"):
                scope_of(filled, pattern)
    assert [path for path in looked_up if path.startswith(("//", "\\", "~", "/proc/self"))] == []
    assert names(filled, str(tmp_path / "reports" / ".." / "docs" / "a.md")) == ["a.md"]


def test_the_command_line_follows_links(
    tmp_path: Path, filled: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    filled.close()
    (tmp_path / "link").symlink_to(tmp_path / "docs", target_is_directory=True)
    options = ["--library", str(tmp_path / "library")]
    asked = ["ask", "Which harbour is in Basra?", *options]
    assert run([*asked, "--where", str(tmp_path / "link" / "reports")]) == 0
    assert "searched 1 document)" in capsys.readouterr().out


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("typed", ["NFC", "NFD"])
def test_names_match_however_their_accents_are_encoded(
    library: Library, tmp_path: Path, form: Form, typed: Form
) -> None:
    name = unicodedata.normalize(form, "Büro/Prüfbericht Zürich.txt")
    library.add(write_files(tmp_path / "docs", {name: "Rain fell.", "b.txt": "Sun."}))
    for where in ("Büro/Prüfbericht Zürich.txt", "Bü*", str(tmp_path / "docs" / "Büro")):
        assert names(library, unicodedata.normalize(typed, where)) == [name]
    for query in ("rain document:PRÜFBERICHT", "rain folder:büro"):
        found = library.search(unicodedata.normalize(typed, query))
        assert [hit.passage.document.name for hit in found] == [name]
    assert library.remove(tmp_path / "docs" / unicodedata.normalize(typed, "Büro")) == 1
    assert [info.name for info in library.documents()] == ["b.txt"]


MAIL = (
    "From: Anna Keller <anna@river.example>\nTo: {}\nDate: {}\nSubject: {}\n\nThe harbour is old.\n"
)


@pytest.mark.parametrize(
    ("filters", "names_expected"),
    [
        ("from:keller", ["a.eml", "b.eml"]),
        ("from:KELLER to:lucia", ["a.eml"]),
        ("to:bo", ["b.eml"]),
        ('subject:"the lease"', ["b.eml"]),
        ("after:2019-03 before:2019-04", ["a.eml"]),
        ("after:2020", ["b.eml", "c.txt"]),
    ],
)
def test_mails_are_named_by_their_fields(
    library: Library, tmp_path: Path, filters: str, names_expected: list[str]
) -> None:
    docs = write_files(
        tmp_path / "docs",
        {
            "a.eml": MAIL.format("Lucia", "Tue, 05 Mar 2019 10:12:00 +0100", "Boats"),
            "b.eml": MAIL.format("Bo", "Wed, 06 May 2020 10:12:00 +0100", "About the lease"),
            "c.txt": "The harbour is new.",
        },
    )
    library.add(docs)
    answer = library.ask(f"harbour {filters}")
    assert sorted({passage.citation.document for passage in answer.passages}) == names_expected
    assert answer.searched.documents == len(names_expected)
    with pytest.raises(QuestionError, match="No document of the library matches from:dora"):
        library.ask("harbour from:dora")
