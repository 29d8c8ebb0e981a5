"""Files taken in and read in the background, without a browser."""

import os
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from rag import Library
from rag.errors import NotFoundError, StoreBusyError, UnreadableFileError
from rag.identifiers import document_id
from rag.readers import Reading
from ui import removing
from ui.adding import Adding, NameTakenError, aside, safe_name
from ui.desk import Desk


@pytest.fixture
def desk(library: Library) -> Iterator[Desk]:
    made = Desk(library)
    yield made
    made.close()


def take(desk: Desk, name: str, text: str) -> None:
    path = desk.files_folder() / name
    handle, part = aside(desk.files_folder(), path.suffix)
    os.close(handle)
    part.write_text(text, encoding="utf-8")
    desk.adding.take(name, path, part)


def kept(desk: Desk) -> dict[str, str]:
    """Return every file that lies beside the library, with its text."""
    folder = desk.files_folder()
    return {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file()}


def settled(adding: Adding) -> dict[str, str]:
    until = time.monotonic() + 20
    while adding.waiting() and time.monotonic() < until:
        time.sleep(0.02)
    return {file.name: file.state for file in adding.files()}


def idle(adding: Adding) -> None:
    until = time.monotonic() + 20
    while (adding.waiting() or adding.is_working) and time.monotonic() < until:
        time.sleep(0.02)


def test_every_file_has_its_fate(desk: Desk) -> None:
    for name, text in {"a.txt": "The harbour is deep.", "b.md": " ", "c.gif": "GIF"}.items():
        take(desk, name, text)
    assert settled(desk.adding) == {"a.txt": "done", "b.md": "refused", "c.gif": "refused"}
    assert all(file.reason for file in desk.adding.files() if file.state == "refused")
    take(desk, "a.txt", "The harbour is deep.")
    assert settled(desk.adding)["a.txt"] == "unchanged"
    desk.adding.dismiss()
    assert desk.adding.files() == []


def test_a_file_cancelled_while_it_is_read_and_dismissed_is_not_kept(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, go_on = threading.Event(), threading.Event()
    add_readings = Library.add_readings

    def slowly(library: Library, readings: Iterable[Reading]) -> int:
        found = list(readings)
        reading.set()
        go_on.wait(20)
        return add_readings(library, found)

    monkeypatch.setattr(Library, "add_readings", slowly)
    take(desk, "a.txt", "The harbour is deep.")
    assert reading.wait(20)
    desk.adding.cancel(None)
    desk.adding.dismiss()
    go_on.set()
    take(desk, "b.txt", "Ships lie there.")
    settled(desk.adding)
    assert [info.name for info in desk.library.documents()] == ["b.txt"]
    assert kept(desk) == {"b.txt": "Ships lie there."}


@pytest.mark.parametrize("text", [" ", "\0" * 50])
def test_a_file_that_cannot_be_read_leaves_the_older_one(desk: Desk, text: str) -> None:
    take(desk, "a.txt", "The harbour is deep.")
    settled(desk.adding)
    take(desk, "a.txt", text)
    assert settled(desk.adding) == {"a.txt": "refused"}
    idle(desk.adding)
    assert kept(desk) == {"a.txt": "The harbour is deep."}
    [info] = desk.library.documents()
    assert desk.library.contents(info.path).document.text == "The harbour is deep."


def test_a_file_that_is_cancelled_leaves_the_older_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(desk, "a.txt", "The harbour is deep.")
    settled(desk.adding)
    idle(desk.adding)
    add_readings, reading, go_on = Library.add_readings, threading.Event(), threading.Event()

    def slowly(library: Library, readings: Iterable[Reading]) -> int:
        reading.set()
        go_on.wait(20)
        return add_readings(library, readings)

    monkeypatch.setattr(Library, "add_readings", slowly)
    take(desk, "a.txt", "The harbour is shallow.")
    assert reading.wait(20)
    desk.adding.cancel(None)
    go_on.set()
    idle(desk.adding)
    assert settled(desk.adding) == {"a.txt": "cancelled"}
    assert kept(desk) == {"a.txt": "The harbour is deep."}
    [info] = desk.library.documents()
    assert desk.library.contents(info.path).document.text == "The harbour is deep."


def test_leftovers_are_tidied_and_nothing_else(desk: Desk) -> None:
    take(desk, "a.part.txt", "The harbour is deep.")
    settled(desk.adding)
    idle(desk.adding)
    handle, _ = aside(desk.files_folder(), ".txt")
    os.close(handle)
    (desk.files_folder() / "0123.part").touch()
    desk.tidy()
    assert kept(desk) == {"a.part.txt": "The harbour is deep."}


def test_what_is_removed_comes_back_as_it_was(desk: Desk) -> None:
    take(desk, "a.txt", "The harbour is deep.\n\nShips lie there.")
    settled(desk.adding)
    [info] = desk.library.documents()
    before = desk.library.contents(info.path)
    key = document_id(info.path)
    assert desk.remove(key) == "a.txt"
    assert desk.library.documents() == []
    assert not Path(info.path).exists()
    assert desk.restore(key) == "a.txt"
    after = desk.library.contents(info.path)
    assert after.document == before.document
    assert [p.paragraph for p in after.passages] == [p.paragraph for p in before.passages]
    assert Path(info.path).read_text().startswith("The harbour")
    with pytest.raises(NotFoundError, match="Add its file again"):
        desk.restore(key)


def test_a_restore_that_is_refused_can_be_tried_again(desk: Desk) -> None:
    take(desk, "a.txt", "The harbour is deep.")
    settled(desk.adding)
    [info] = desk.library.documents()
    key = document_id(info.path)
    desk.remove(key)
    with desk.library.store.writer(), pytest.raises(StoreBusyError):
        desk.restore(key)
    assert not Path(info.path).exists()
    assert desk.restore(key) == "a.txt"
    assert Path(info.path).read_text() == "The harbour is deep."


def test_a_restore_leaves_a_newer_document_alone(desk: Desk) -> None:
    take(desk, "a.txt", "The harbour is deep.")
    settled(desk.adding)
    [info] = desk.library.documents()
    key = document_id(info.path)
    desk.remove(key)
    take(desk, "a.txt", "The harbour is shallow.")
    settled(desk.adding)
    for _ in range(2):  # the refused one is kept
        with pytest.raises(NameTakenError, match="added since"):
            desk.restore(key)
    assert desk.library.contents(info.path).document.text == "The harbour is shallow."
    assert Path(info.path).read_text() == "The harbour is shallow."


def test_what_was_removed_too_long_ago_stays_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(desk, "a.txt", "The harbour is deep.")
    settled(desk.adding)
    [info] = desk.library.documents()
    desk.remove(document_id(info.path))
    monkeypatch.setattr(removing, "_UNDO_SECONDS", -1)
    with pytest.raises(NotFoundError, match="Add its file again"):
        desk.restore(document_id(info.path))
    assert desk.library.documents() == []


@given(st.text(max_size=300))
def test_names_never_lead_out_of_the_folder(name: str) -> None:
    try:
        safe = safe_name(name)
    except UnreadableFileError:
        return
    assert not safe.is_absolute()
    assert not any(part.startswith(".") or len(part.encode()) > 140 for part in safe.parts)
    assert "\\" not in str(safe)
    folder = Path("/library/files")
    assert (folder / safe).resolve().is_relative_to(folder)
