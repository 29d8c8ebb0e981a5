"""Cases: quotes with notes, tags and an order, that stay until the person deletes them."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw
import pytest
from tests_support import PATIENCE, write_files

from rag import (
    Casework,
    CaseworkError,
    Library,
    NotFoundError,
    Quoted,
    StoreDamagedError,
    StoreVersionError,
    restore,
)
from rag.casework import bin, bounds
from rag.casework.interchange import case_as_json, case_values

TEXTS = {"fruit.txt": "Apples are red.\n\nPears are green.\n\nPlums are blue.\n"}


@pytest.fixture(params=["folder", "memory"])
def fruit(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Library]:
    """Give a library of three passages, in a folder or in memory."""
    write_files(tmp_path / "docs", TEXTS)
    in_folder = request.param == "folder"
    made = (
        Library.open(tmp_path / "library", model="hashing")
        if in_folder
        else Library.in_memory(model="hashing")
    )
    with made as library:
        library.add(tmp_path / "docs")
        yield library


def passages(library: Library) -> list[Quoted]:
    contents = library.contents(library.documents()[0].path)
    return [Quoted.of(passage, 1) for passage in contents.passages]


def texts(casework: Casework, case: str) -> list[str]:
    return [entry.quote.text for entry in casework.case(case).quotes]


def test_a_quote_is_kept_with_all_that_is_known_of_it(fruit: Library) -> None:
    casework = fruit.casework
    case = casework.new("  The   fruit ", "Colours.\r\nOnly.")
    quote = replace(
        passages(fruit)[1], headings=("A", "B"), columns="Name | Colour", fields={"from": "Anna"}
    )
    entry = casework.keep(
        case.id, quote, question="What is green? ", state="answered", note="N", tags=("a", "a", "b")
    )
    read = casework.case("The fruit")
    assert (read.name, read.note) == ("The fruit", "Colours.\nOnly.")
    [first] = read.quotes
    assert first == entry
    assert (first.question, first.state, first.note, first.tags) == (
        *("What is green?", "answered", "N"),
        ("a", "b"),
    )
    assert first.quote == replace(quote, citation=replace(quote.citation, path=""))
    [question] = read.questions
    assert (question.question, question.state) == ("What is green?", "answered")
    assert casework.keep(case.id, quote, question="What is green?").id == entry.id
    assert casework.keep(case.id, quote, question="Another?").id != entry.id
    assert casework.quote(entry.id)[1].quotes == 2


def test_quotes_are_ordered_moved_deleted_and_restored_to_their_place(fruit: Library) -> None:
    casework = fruit.casework
    casework.new("A")
    casework.new("B")
    ids = [casework.keep("A", quote, question="Q").id for quote in passages(fruit)]
    casework.move(ids[2], position=0)
    assert [text[:4] for text in texts(casework, "A")] == ["Plum", "Appl", "Pear"]
    assert [entry.quote.citation.number for entry in casework.case("A").quotes] == [1, 2, 3]
    casework.delete_quote(ids[0])
    assert [text[:4] for text in texts(casework, "A")] == ["Plum", "Pear"]
    [deletion] = casework.bin()
    assert (deletion.kind, deletion.id, deletion.name) == ("quote", ids[0], "Apples are red.")
    casework.restore_quote(ids[0])
    assert [text[:4] for text in texts(casework, "A")] == ["Plum", "Appl", "Pear"]
    casework.move(ids[0], case="B")
    assert (texts(casework, "B"), len(texts(casework, "A"))) == (["Apples are red."], 2)
    assert [one.question for one in casework.case("B").questions] == ["Q"]
    assert casework.position_of(ids[1]) == (casework.case("A").id, 1)
    assert [(one.name, one.quotes) for one in casework.cases()] == [("B", 1), ("A", 2)]


def test_a_case_is_deleted_with_its_quotes_and_restored_with_them(fruit: Library) -> None:
    casework = fruit.casework
    case = casework.new("A").id
    quotes = [casework.keep("A", quote).id for quote in passages(fruit)[:2]]
    casework.delete_quote(quotes[1])
    casework.delete("A")
    with pytest.raises(NotFoundError, match="No case has the id or name 'A'"):
        casework.case("A")
    with pytest.raises(NotFoundError, match="No kept quote"):
        casework.quote(quotes[0])
    with pytest.raises(NotFoundError, match="Restore the case"):
        casework.restore_quote(quotes[1])
    casework.restore(case)
    assert texts(casework, case) == ["Apples are red."]
    casework.restore_quote(quotes[1])
    assert len(texts(casework, case)) == 2
    with pytest.raises(NotFoundError, match="no longer in the bin"):
        casework.restore(case)


def test_the_bin_is_bounded_and_can_be_emptied(
    fruit: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    casework = fruit.casework
    monkeypatch.setattr(bin, "MOST_DELETED", 2)
    ids = [casework.new(f"Case {n}").id for n in range(3)]
    for id in ids:
        casework.delete(id)
    assert {deletion.id for deletion in casework.bin()} == set(ids[1:])
    later = datetime.now(UTC) + timedelta(days=bounds.DAYS_IN_BIN, minutes=1)
    monkeypatch.setattr(bin, "now", lambda: later)
    casework.new("Last")
    casework.delete("Last")
    assert [deletion.name for deletion in casework.bin()] == ["Last"]
    assert casework.empty_bin() == 1
    assert casework.bin() == []


def test_what_exceeds_the_bounds_is_refused(
    fruit: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    casework, [quote, *_] = fruit.casework, passages(fruit)
    case = casework.new("A").id
    for name in ("", " \n ", "x" * 201):
        with pytest.raises(CaseworkError, match="name"):
            casework.new(name)
    with pytest.raises(CaseworkError, match="20,000 characters"):
        casework.change(case, note="x" * 20_001)
    for tags in (["a,b"], ["x" * 61], [str(n) for n in range(31)]):
        with pytest.raises(CaseworkError, match="tag"):
            casework.keep(case, quote, tags=tags)
    assert texts(casework, case) == []
    monkeypatch.setattr("rag.casework.quotes.MOST_QUOTES", 1)
    casework.keep(case, quote)
    with pytest.raises(CaseworkError, match="A case may have"):
        casework.keep(case, passages(fruit)[1])
    monkeypatch.setattr("rag.casework.cases.MOST_CASES", 1)
    with pytest.raises(CaseworkError, match="Delete one"):
        casework.new("B")
    with pytest.raises(NotFoundError, match="No case has"):
        casework.keep("Nowhere", quote)


def test_two_cases_of_one_name_are_told_apart_by_id(fruit: Library) -> None:
    first, second = (fruit.casework.new("Same").id for _ in range(2))
    with pytest.raises(CaseworkError, match="2 cases have this name"):
        fruit.casework.case("Same")
    fruit.casework.change(second, name="Other")
    assert fruit.casework.case("Same").id == first


def test_an_exported_case_is_the_same_in_another_library(fruit: Library, tmp_path: Path) -> None:
    casework = fruit.casework
    case = casework.new("A", "Why.").id
    for text, tags in zip(("n1", "שלום \u0000"), (("t",), ()), strict=True):
        casework.keep(case, passages(fruit)[len(tags)], question="Q?", note=text, tags=tags)
    data = case_as_json(casework.case(case))
    with Library.open(tmp_path / "other", model="hashing") as other:
        assert other.casework.import_case(data).id == case
        there = other.casework.case(case)
        assert {entry.condition.state for entry in there.quotes} == {"gone"}
        assert plain(case_values(there)) == plain(case_values(casework.case(case)))
        again = other.casework.import_case(data)
        assert again.id != case
        ids = {entry.id for one in (case, again.id) for entry in other.casework.case(one).quotes}
        assert len(ids) == 4


def plain(values: dict) -> dict:
    """Return a case's values without the condition of its quotes."""
    for quote in values["quotes"]:
        del quote["condition"]
    return values


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"format": "quoth-case", "version": 1}',
        b'{"format": "quoth-case", "version": 2}',
        b'{"format": "other", "version": 1}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_exported_case_is_refused(library: Library, data: bytes) -> None:
    with pytest.raises(CaseworkError, match=r"not a case|newer version"):
        library.casework.import_case(data)
    assert library.casework.cases() == []


def test_a_case_with_a_wrong_part_is_not_imported_in_part(fruit: Library) -> None:
    case = fruit.casework.new("A").id
    fruit.casework.keep(case, passages(fruit)[0])
    good = json.loads(case_as_json(fruit.casework.case(case)))
    for change in (
        {"id": "../x"},
        {"state": "perhaps"},
        {"created": "yesterday"},
        {"tags": ["a,b"]},
        {"quote": {"text": "x"}},
        {"note": None},
    ):
        bad = {**good, "quotes": [{**good["quotes"][0], **change}]}
        with pytest.raises(CaseworkError):
            fruit.casework.import_case(json.dumps(bad).encode())
    assert [one.id for one in fruit.casework.cases()] == [case]


def test_reading_makes_no_file_and_what_is_kept_is_private(tmp_path: Path) -> None:
    write_files(tmp_path / "docs", TEXTS)
    file = tmp_path / "library" / "casework.sqlite3"
    with Library.open(tmp_path / "library", model="hashing") as library:
        library.add(tmp_path / "docs")
        assert (library.casework.cases(), library.casework.bin()) == ([], [])
        assert library.casework.conversations.summaries() == []
        assert not file.exists()
        case = library.casework.new("A").id
        library.casework.keep(case, passages(library)[0], note="mine")
        assert file.stat().st_mode & 0o777 == 0o600
        assert [path.name for path in file.parent.glob("casework.sqlite3-*")] == []
    with Library.open(tmp_path / "library") as library:  # opened again: it is all there
        assert library.casework.case("A").quotes[0].note == "mine"


def test_processes_keep_quotes_at_one_time(tmp_path: Path) -> None:
    write_files(tmp_path / "docs", TEXTS)
    with Library.open(tmp_path / "library", model="hashing") as library:
        library.add(tmp_path / "docs")
        code = (
            "import sys; from pathlib import Path; from rag import Library, Quoted\n"
            "with Library.open(sys.argv[1]) as library:\n"
            "    [info] = library.documents()\n"
            "    quote = Quoted.of(library.contents(info.path).passages[0], 1)\n"
            "    sys.stdin.readline()\n"
            "    case = library.casework.new('From ' + sys.argv[2]).id\n"
            "    for n in range(5): library.casework.keep(case, quote, question=f'Q{n}')\n"
        )
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", code, str(tmp_path / "library"), str(n)],
                stdin=subprocess.PIPE, text=True,
            )
            for n in range(3)
        ]  # fmt: skip
        for writer in writers:
            writer.stdin.write("go\n")
            writer.stdin.flush()
        for writer in writers:
            writer.communicate(timeout=PATIENCE)
            assert writer.returncode == 0
        cases = library.casework.cases()
        assert {case.name for case in cases} == {"From 0", "From 1", "From 2"}
        assert [case.quotes for case in cases] == [5, 5, 5]


@pytest.mark.parametrize("fruit", ["folder"], indirect=True)
def test_a_change_that_was_interrupted_leaves_nothing(fruit: Library) -> None:
    casework = fruit.casework
    case = casework.new("A").id
    kept = casework.keep(case, passages(fruit)[0]).id
    connection = apsw.Connection(str(Path(fruit.folder) / "casework.sqlite3"))
    connection.execute("BEGIN IMMEDIATE; DELETE FROM quotes")
    assert casework.quote(kept)[0].id == kept  # readers do not wait
    connection.close()  # as a crash closes it
    assert [entry.id for entry in casework.case(case).quotes] == [kept]


def test_a_damaged_or_newer_file_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "library" / "casework.sqlite3"
    with Library.open(tmp_path / "library", model="hashing") as library:
        library.casework.new("A")
        connection = apsw.Connection(str(file))
        connection.pragma("user_version", 99)
        connection.close()
        with pytest.raises(StoreVersionError, match="format 99"):
            library.casework.cases()
        file.write_bytes(b"no database" * 1000)
        with pytest.raises(StoreDamagedError, match=r"casework\.sqlite3 are damaged"):
            library.casework.cases()
        assert library.counts().documents == 0  # the library itself is not affected


def test_a_deleted_quote_leaves_nothing_once_the_bin_is_empty(tmp_path: Path) -> None:
    write_files(tmp_path / "docs", {"a.txt": "Vorontsova signed the deed of the mill."})
    with Library.open(tmp_path / "library", model="hashing") as library:
        library.add(tmp_path / "docs")
        case = library.casework.new("A").id
        id = library.casework.keep(case, passages(library)[0], note="Vorontsova again").id
        assert library.remove(tmp_path / "docs") == 1
        assert library.casework.quote(id)[0].quote.text.startswith("Vorontsova")
        file = tmp_path / "library" / "casework.sqlite3"
        assert b"Vorontsova" in file.read_bytes()
        library.casework.delete_quote(id)
        library.casework.empty_bin()
    left = [path for path in (tmp_path / "library").rglob("*") if path.is_file()]
    assert [path.name for path in left if b"Vorontsova" in path.read_bytes()] == []


def test_a_restored_library_has_its_cases(tmp_path: Path) -> None:
    write_files(tmp_path / "docs", TEXTS)
    with Library.open(tmp_path / "library", model="hashing") as library:
        library.add(tmp_path / "docs")
        case = library.casework.new("A").id
        library.casework.keep(case, passages(library)[0], note="mine")
    restoration = restore(tmp_path / "library", tmp_path / "saved")
    with Library.open(restoration.folder) as saved:
        [entry] = saved.casework.case("A").quotes
        assert (entry.note, entry.condition.state) == ("mine", "unchanged")
