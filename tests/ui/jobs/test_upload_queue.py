"""Files taken in and read in the background, without a browser."""

import os
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests_support import A_MOMENT, PATIENCE
from uploads_support import idle, kept, sent, settled, take

from rag import Library
from rag.errors import (
    NotFoundError,
    StoreBusyError,
    StoreUnwritableError,
)
from rag.ids import document_id
from rag.indexing.readers import Reading
from ui.app_state import AppState
from ui.jobs import trash
from ui.jobs.file_placement import NameTakenError
from ui.jobs.upload_spool import aside, let_go
from ui.served_library import OwnLibrary
from ui.service import remove, restore
from vector_store.records import Document, EmbeddedParagraph


@pytest.fixture
def state(library: Library) -> Iterator[AppState]:
    made = AppState(library)
    yield made
    made.close()


@dataclass
class Halt:
    """Where the keeping of documents is held up."""

    reached: threading.Event
    go_on: threading.Event


@pytest.fixture
def halt(monkeypatch: pytest.MonkeyPatch) -> Halt:
    """Let no reading begin before the test says so."""
    add_readings, made = Library.add_readings, Halt(threading.Event(), threading.Event())

    def slowly(library: Library, readings: Iterable[Reading], **how: Any) -> int:
        made.reached.set()
        made.go_on.wait(PATIENCE)
        return add_readings(library, readings, **how)

    monkeypatch.setattr(Library, "add_readings", slowly)
    return made


def test_every_file_has_its_fate(state: AppState) -> None:
    for name, text in {"a.txt": "The harbour is deep.", "b.md": " ", "c.gif": "GIF"}.items():
        take(state, name, text)
    assert settled(state.uploads) == {"a.txt": "done", "b.md": "refused", "c.gif": "refused"}
    assert all(file.reason for file in state.uploads.files() if file.state == "refused")
    take(state, "a.txt", "The harbour is deep.")
    assert settled(state.uploads)["a.txt"] == "unchanged"
    state.uploads.dismiss()
    assert state.uploads.files() == []


def test_a_file_cancelled_while_it_is_read_and_dismissed_is_not_kept(
    state: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, go_on = threading.Event(), threading.Event()
    add_readings = Library.add_readings

    def slowly(library: Library, readings: Iterable[Reading], **how: Any) -> int:
        found = list(readings)
        reading.set()
        go_on.wait(PATIENCE)
        return add_readings(library, found, **how)

    monkeypatch.setattr(Library, "add_readings", slowly)
    take(state, "a.txt", "The harbour is deep.")
    assert reading.wait(PATIENCE)
    state.uploads.cancel(None)
    state.uploads.dismiss()
    go_on.set()
    take(state, "b.txt", "Ships lie there.")
    settled(state.uploads)
    assert [info.name for info in state.library.documents()] == ["b.txt"]
    assert kept(state) == {"b.txt": "Ships lie there."}


@pytest.mark.parametrize("text", [" ", "\0" * 50])
def test_a_file_that_cannot_be_read_leaves_the_older_one(state: AppState, text: str) -> None:
    take(state, "a.txt", "The harbour is deep.")
    settled(state.uploads)
    take(state, "a.txt", text)
    assert settled(state.uploads) == {"a.txt": "refused"}
    idle(state.uploads)
    assert kept(state) == {"a.txt": "The harbour is deep."}
    [info] = state.library.documents()
    assert state.library.contents(info.path).document.text == "The harbour is deep."


def test_a_file_that_is_cancelled_leaves_the_older_one(state: AppState, halt: Halt) -> None:
    halt.go_on.set()
    take(state, "a.txt", "The harbour is deep.")
    settled(state.uploads)
    idle(state.uploads)
    halt.reached.clear()
    halt.go_on.clear()
    take(state, "a.txt", "The harbour is shallow.")
    assert halt.reached.wait(PATIENCE)
    state.uploads.cancel(None)
    halt.go_on.set()
    idle(state.uploads)
    assert settled(state.uploads) == {"a.txt": "cancelled"}
    assert kept(state) == {"a.txt": "The harbour is deep."}
    [info] = state.library.documents()
    assert state.library.contents(info.path).document.text == "The harbour is deep."


def test_what_waits_when_the_server_stops_is_read_after_the_next_start(
    library: Library, halt: Halt
) -> None:
    with closing(AppState(library)) as stopping:
        take(stopping, "a.txt", "The harbour is deep.")
        assert halt.reached.wait(PATIENCE)
        take(stopping, "old/b.txt", "Ships lie there.")
        take(stopping, "old/b.txt", "Boats lie there.")

        def go_on_once_stopped() -> None:
            stopping.uploads._stopped.wait(PATIENCE)
            halt.go_on.set()

        threading.Thread(target=go_on_once_stopped).start()
    assert library.documents() == []
    with closing(AppState(library)) as state:
        state.resume()
        assert settled(state.uploads) == {"a.txt": "done", "old/b.txt": "done"}
        idle(state.uploads)
        assert kept(state) == {"a.txt": "The harbour is deep.", "old/b.txt": "Boats lie there."}
        assert sorted(p.name for p in state.served.files_folder().iterdir()) == ["a.txt", "old"]
    texts = {info.name: library.contents(info.path).document.text for info in library.documents()}
    assert texts == {"a.txt": "The harbour is deep.", "old/b.txt": "Boats lie there."}


def test_files_wait_while_something_else_changes_the_library(state: AppState) -> None:
    with state.library.store.writer():
        take(state, "a.txt", "The harbour is deep.")
        time.sleep(A_MOMENT)
        assert {file.name: file.state for file in state.uploads.files()} == {"a.txt": "waiting"}
    assert settled(state.uploads) == {"a.txt": "done"}


def test_what_the_disk_refuses_waits_and_is_tried_again_after_a_start(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced = library.store.replace

    def full(document: Document, paragraphs: Sequence[EmbeddedParagraph]) -> None:
        if document.name == "b.txt":
            raise StoreUnwritableError("The disk is full.")
        replaced(document, paragraphs)

    monkeypatch.setattr(library.store, "replace", full)
    state = AppState(library)
    for name, text in {"a": "The harbour is deep.", "b": "Ships lie there.", "c": "Odd."}.items():
        sent(state.served.files_folder(), f"{name}.txt", text)
    with closing(state):
        state.resume()
        fates = settled(state.uploads)
        assert fates == {"a.txt": "done", "b.txt": "deferred", "c.txt": "deferred"}
        idle(state.uploads)
        assert (state.served.files_folder() / "a.txt").is_file()
        assert not (state.served.files_folder() / "b.txt").exists()
        assert [info.name for info in library.documents()] == ["a.txt"]
    monkeypatch.undo()
    with closing(AppState(library)) as state:
        state.resume()
        assert settled(state.uploads) == {"b.txt": "done", "c.txt": "done"}
        idle(state.uploads)
        assert sorted(kept(state)) == ["a.txt", "b.txt", "c.txt"]


def test_a_file_that_failed_does_not_come_back_over_a_newer_one(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(library: Library, readings: Iterable[Reading], **how: Any) -> int:
        raise StoreUnwritableError("The disk is full.")

    with closing(AppState(library)) as state:
        with monkeypatch.context() as failing:
            failing.setattr(Library, "add_readings", fails)
            take(state, "a.txt", "The harbour is deep.")
            assert settled(state.uploads) == {"a.txt": "deferred"}
            idle(state.uploads)
        take(state, "a.txt", "The harbour is shallow.")
        settled(state.uploads)
        assert [file.state for file in state.uploads.files()] == ["cancelled", "done"]
        idle(state.uploads)
    with closing(AppState(library)) as state:
        state.resume()
        assert state.uploads.files() == []
        assert kept(state) == {"a.txt": "The harbour is shallow."}


def test_an_older_state_sent_after_a_newer_one_is_what_is_kept(state: AppState, halt: Halt) -> None:
    halt.go_on.set()
    take(state, "a.txt", "The harbour is deep.")
    settled(state.uploads)
    idle(state.uploads)
    folder = state.served.files_folder()
    for text in ("The harbour is shallow.", "The harbour is deep."):
        sent(folder, "a.txt", text)
    state.resume()
    settled(state.uploads)
    idle(state.uploads)
    [info] = state.library.documents()
    assert state.library.contents(info.path).document.text == "The harbour is deep."
    assert kept(state) == {"a.txt": "The harbour is deep."}


def test_a_second_server_leaves_what_waits_for_the_first(library: Library) -> None:
    with closing(AppState(library)) as first:
        handle, part = aside(first.served.files_folder(), ".txt")
        os.close(handle)
        held = sent(first.served.files_folder(), "a.txt", "The harbour is deep.")
        with closing(AppState(library)) as second:
            second.resume()
            assert second.uploads.files() == []
        assert part.exists()
        assert held.path.exists()
    with closing(AppState(library)) as third:
        third.resume()
        assert settled(third.uploads) == {"a.txt": "done"}
        assert not part.exists()


def test_no_two_files_share_a_number_though_the_clock_stands_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = []
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now)
    for _ in range(3):
        held = sent(tmp_path, "a.txt", "The harbour is deep.")
        numbers.append(held.number)
        let_go(held.path)  # its folder is gone, and its number is not free for that
    assert len(set(numbers)) == 3


def test_a_file_keeps_its_number_over_a_start(library: Library, halt: Halt) -> None:
    with closing(AppState(library)) as stopping:
        take(stopping, "a.txt", "The harbour is deep.")
        assert halt.reached.wait(PATIENCE)
        [before] = stopping.uploads.files()
        stopping.uploads._stopped.set()
        halt.go_on.set()
    with closing(AppState(library)) as state:
        state.resume()
        assert [(file.id, file.name) for file in state.uploads.files()] == [(before.id, "a.txt")]


def test_a_stop_during_the_first_batch_keeps_what_was_not_begun(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_readings = Library.add_readings
    state = AppState(library)
    stopping, begun = threading.Thread(target=state.close), threading.Event()

    def stopped_after_one(library: Library, readings: Iterable[Reading], **how: Any) -> int:
        several = iter(readings)
        first = next(several)
        stopping.start()
        begun.set()
        assert state.uploads._stopped.wait(PATIENCE)
        return add_readings(library, [first, *several])  # is not told to stop sooner

    folder = state.served.files_folder()
    sent(folder, "a.txt", "The harbour is deep.")
    sent(folder, "b.txt", "Ships lie there.")
    monkeypatch.setattr(Library, "add_readings", stopped_after_one)
    state.resume()
    assert begun.wait(PATIENCE)
    stopping.join(PATIENCE)
    monkeypatch.undo()
    assert [info.name for info in library.documents()] == ["a.txt"]
    with closing(AppState(library)) as next_one:
        next_one.resume()
        assert settled(next_one.uploads) == {"b.txt": "done"}
    assert [info.name for info in library.documents()] == ["a.txt", "b.txt"]


def test_a_file_that_comes_while_the_server_stops_is_read_after_the_next_start(
    library: Library,
) -> None:
    with closing(AppState(library)) as stopped:
        stopped.close()
        take(stopped, "a.txt", "The harbour is deep.")
        assert [(file.name, file.state) for file in stopped.uploads.files()] == [
            ("a.txt", "waiting")
        ]
    with closing(AppState(library)) as state:
        state.resume()
        assert settled(state.uploads) == {"a.txt": "done"}


def test_what_waits_for_an_own_library_takes_the_place_of_the_examples(
    library: Library, tmp_path: Path
) -> None:
    own = OwnLibrary(tmp_path / "own", "hashing")
    own.open().close()
    (own.folder / "files").mkdir()
    sent(own.folder / "files", "a.txt", "The harbour is deep.")
    with closing(AppState(library, ["Which?"], own=own)) as state:
        state.resume()
        assert settled(state.uploads) == {"a.txt": "done"}
        assert [info.name for info in state.library.documents()] == ["a.txt"]
        assert not state.served.shows_examples
    with closing(AppState(library, ["Which?"], own=OwnLibrary(tmp_path / "none"))) as state:
        state.resume()
        assert state.served.shows_examples
    assert not (tmp_path / "none").exists()


def test_what_was_half_sent_is_deleted_and_nothing_else(state: AppState) -> None:
    take(state, "a.part.txt", "The harbour is deep.")
    settled(state.uploads)
    idle(state.uploads)
    handle, _ = aside(state.served.files_folder(), ".txt")
    os.close(handle)
    (state.served.files_folder() / "0123.part").touch()
    (state.served.files_folder() / ".waiting-0123").mkdir()
    take(state, "draft.part/b.txt", "Ships lie there.")
    settled(state.uploads)
    idle(state.uploads)
    state.resume()
    assert kept(state) == {
        "a.part.txt": "The harbour is deep.",
        "draft.part/b.txt": "Ships lie there.",
    }
    assert sorted(p.name for p in state.served.files_folder().iterdir()) == [
        "a.part.txt",
        "draft.part",
    ]


def test_what_is_removed_comes_back_as_it_was(state: AppState) -> None:
    take(state, "a.txt", "The harbour is deep.\n\nShips lie there.")
    settled(state.uploads)
    [info] = state.library.documents()
    before = state.library.contents(info.path)
    key = document_id(info.path)
    assert remove(state, key) == "a.txt"
    assert state.library.documents() == []
    assert not Path(info.path).exists()
    assert restore(state, key) == "a.txt"
    after = state.library.contents(info.path)
    assert after.document == before.document
    assert [p.paragraph for p in after.passages] == [p.paragraph for p in before.passages]
    assert Path(info.path).read_text().startswith("The harbour")
    with pytest.raises(NotFoundError, match="Add its file again"):
        restore(state, key)


def test_a_restore_that_is_refused_can_be_tried_again(state: AppState) -> None:
    take(state, "a.txt", "The harbour is deep.")
    settled(state.uploads)
    [info] = state.library.documents()
    key = document_id(info.path)
    remove(state, key)
    with state.library.store.writer(), pytest.raises(StoreBusyError):
        restore(state, key)
    assert not Path(info.path).exists()
    assert restore(state, key) == "a.txt"
    assert Path(info.path).read_text() == "The harbour is deep."


def test_a_restore_leaves_a_newer_document_alone(state: AppState) -> None:
    take(state, "a.txt", "The harbour is deep.")
    settled(state.uploads)
    [info] = state.library.documents()
    key = document_id(info.path)
    remove(state, key)
    take(state, "a.txt", "The harbour is shallow.")
    settled(state.uploads)
    for _ in range(2):  # the refused one is kept
        with pytest.raises(NameTakenError, match="added since"):
            restore(state, key)
    assert state.library.contents(info.path).document.text == "The harbour is shallow."
    assert Path(info.path).read_text() == "The harbour is shallow."


def test_what_was_removed_too_long_ago_stays_so(
    state: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(state, "a.txt", "The harbour is deep.")
    settled(state.uploads)
    [info] = state.library.documents()
    remove(state, document_id(info.path))
    monkeypatch.setattr(trash, "_UNDO_SECONDS", -1)
    with pytest.raises(NotFoundError, match="Add its file again"):
        restore(state, document_id(info.path))
    assert state.library.documents() == []
