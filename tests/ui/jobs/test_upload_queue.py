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
from uploads_support import files_on_disk, spool_file, upload, upload_states, wait_until_idle

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
from ui.jobs.upload_spool import create_part, discard
from ui.removals import remove, restore
from ui.served_library import OwnLibrary
from vector_store.local_writer import LocalWriter
from vector_store.records import Document, EmbeddedParagraph


@pytest.fixture
def state(library: Library) -> Iterator[AppState]:
    app_state = AppState(library)
    yield app_state
    app_state.close()


@dataclass
class Halt:
    """Stops the storing of documents until the test lets it go on."""

    reached: threading.Event
    go_on: threading.Event


@pytest.fixture
def halt(monkeypatch: pytest.MonkeyPatch) -> Halt:
    """Let no reading begin before the test says so."""
    add_readings, halt = Library.add_readings, Halt(threading.Event(), threading.Event())

    def slowly(library: Library, readings: Iterable[Reading], **how: Any) -> int:
        halt.reached.set()
        halt.go_on.wait(PATIENCE)
        return add_readings(library, readings, **how)

    monkeypatch.setattr(Library, "add_readings", slowly)
    return halt


def test_every_file_has_its_fate(state: AppState) -> None:
    for name, text in {"a.txt": "The harbour is deep.", "b.md": " ", "c.gif": "GIF"}.items():
        upload(state, name, text)
    assert upload_states(state.uploads) == {
        "a.txt": "done",
        "b.md": "refused",
        "c.gif": "refused",
    }
    assert all(file.reason for file in state.uploads.files() if file.state == "refused")
    upload(state, "a.txt", "The harbour is deep.")
    assert upload_states(state.uploads)["a.txt"] == "unchanged"
    state.uploads.dismiss()
    assert state.uploads.files() == []


def test_a_file_cancelled_while_it_is_read_and_dismissed_is_not_kept(
    state: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, go_on = threading.Event(), threading.Event()
    add_readings = Library.add_readings

    def slowly(library: Library, readings: Iterable[Reading], **how: Any) -> int:
        batch = list(readings)
        reading.set()
        go_on.wait(PATIENCE)
        return add_readings(library, batch, **how)

    monkeypatch.setattr(Library, "add_readings", slowly)
    upload(state, "a.txt", "The harbour is deep.")
    assert reading.wait(PATIENCE)
    state.uploads.cancel(None)
    state.uploads.dismiss()
    go_on.set()
    upload(state, "b.txt", "Ships lie there.")
    upload_states(state.uploads)
    assert [info.name for info in state.library.documents()] == ["b.txt"]
    assert files_on_disk(state) == {"b.txt": "Ships lie there."}


@pytest.mark.parametrize("text", [" ", "\0" * 50])
def test_a_file_that_cannot_be_read_leaves_the_older_one(state: AppState, text: str) -> None:
    upload(state, "a.txt", "The harbour is deep.")
    upload_states(state.uploads)
    upload(state, "a.txt", text)
    assert upload_states(state.uploads) == {"a.txt": "refused"}
    wait_until_idle(state.uploads)
    assert files_on_disk(state) == {"a.txt": "The harbour is deep."}
    [info] = state.library.documents()
    assert state.library.contents(info.path).document.text == "The harbour is deep."


def test_a_file_that_is_cancelled_leaves_the_older_one(state: AppState, halt: Halt) -> None:
    halt.go_on.set()
    upload(state, "a.txt", "The harbour is deep.")
    upload_states(state.uploads)
    wait_until_idle(state.uploads)
    halt.reached.clear()
    halt.go_on.clear()
    upload(state, "a.txt", "The harbour is shallow.")
    assert halt.reached.wait(PATIENCE)
    state.uploads.cancel(None)
    halt.go_on.set()
    wait_until_idle(state.uploads)
    assert upload_states(state.uploads) == {"a.txt": "cancelled"}
    assert files_on_disk(state) == {"a.txt": "The harbour is deep."}
    [info] = state.library.documents()
    assert state.library.contents(info.path).document.text == "The harbour is deep."


def test_what_waits_when_the_server_stops_is_read_after_the_next_start(
    library: Library, halt: Halt
) -> None:
    with closing(AppState(library)) as stopping:
        upload(stopping, "a.txt", "The harbour is deep.")
        assert halt.reached.wait(PATIENCE)
        upload(stopping, "old/b.txt", "Ships lie there.")
        upload(stopping, "old/b.txt", "Boats lie there.")

        def go_on_once_stopped() -> None:
            stopping.uploads._stopped.wait(PATIENCE)
            halt.go_on.set()

        threading.Thread(target=go_on_once_stopped).start()
    assert library.documents() == []
    with closing(AppState(library)) as state:
        state.resume()
        assert upload_states(state.uploads) == {"a.txt": "done", "old/b.txt": "done"}
        wait_until_idle(state.uploads)
        assert files_on_disk(state) == {
            "a.txt": "The harbour is deep.",
            "old/b.txt": "Boats lie there.",
        }
        assert sorted(p.name for p in state.served.files_folder().iterdir()) == ["a.txt", "old"]
    texts = {info.name: library.contents(info.path).document.text for info in library.documents()}
    assert texts == {"a.txt": "The harbour is deep.", "old/b.txt": "Boats lie there."}


def test_files_wait_while_something_else_changes_the_library(state: AppState) -> None:
    with state.library.store.writer():
        upload(state, "a.txt", "The harbour is deep.")
        time.sleep(A_MOMENT)
        assert {file.name: file.state for file in state.uploads.files()} == {"a.txt": "waiting"}
    assert upload_states(state.uploads) == {"a.txt": "done"}


def test_what_the_disk_refuses_waits_and_is_tried_again_after_a_start(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = LocalWriter.replace

    def full(
        self: LocalWriter, document: Document, paragraphs: Sequence[EmbeddedParagraph]
    ) -> None:
        if document.name != "a.txt":  # also when "c.txt" comes in a batch after that of "b.txt"
            raise StoreUnwritableError("The disk is full.")
        replace(self, document, paragraphs)

    monkeypatch.setattr(LocalWriter, "replace", full)
    state = AppState(library)
    for name, text in {"a": "The harbour is deep.", "b": "Ships lie there.", "c": "Odd."}.items():
        spool_file(state.served.files_folder(), f"{name}.txt", text)
    with closing(state):
        state.resume()
        fates = upload_states(state.uploads)
        assert fates == {"a.txt": "done", "b.txt": "deferred", "c.txt": "deferred"}
        wait_until_idle(state.uploads)
        assert (state.served.files_folder() / "a.txt").is_file()
        assert not (state.served.files_folder() / "b.txt").exists()
        assert [info.name for info in library.documents()] == ["a.txt"]
    monkeypatch.undo()
    with closing(AppState(library)) as state:
        state.resume()
        assert upload_states(state.uploads) == {"b.txt": "done", "c.txt": "done"}
        wait_until_idle(state.uploads)
        assert sorted(files_on_disk(state)) == ["a.txt", "b.txt", "c.txt"]


def test_a_file_that_failed_does_not_come_back_over_a_newer_one(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(library: Library, readings: Iterable[Reading], **how: Any) -> int:
        raise StoreUnwritableError("The disk is full.")

    with closing(AppState(library)) as state:
        with monkeypatch.context() as failing:
            failing.setattr(Library, "add_readings", fails)
            upload(state, "a.txt", "The harbour is deep.")
            assert upload_states(state.uploads) == {"a.txt": "deferred"}
            wait_until_idle(state.uploads)
        upload(state, "a.txt", "The harbour is shallow.")
        upload_states(state.uploads)
        assert [file.state for file in state.uploads.files()] == ["cancelled", "done"]
        wait_until_idle(state.uploads)
    with closing(AppState(library)) as state:
        state.resume()
        assert state.uploads.files() == []
        assert files_on_disk(state) == {"a.txt": "The harbour is shallow."}


def test_an_older_state_sent_after_a_newer_one_is_what_is_kept(state: AppState, halt: Halt) -> None:
    halt.go_on.set()
    upload(state, "a.txt", "The harbour is deep.")
    upload_states(state.uploads)
    wait_until_idle(state.uploads)
    folder = state.served.files_folder()
    for text in ("The harbour is shallow.", "The harbour is deep."):
        spool_file(folder, "a.txt", text)
    state.resume()
    upload_states(state.uploads)
    wait_until_idle(state.uploads)
    [info] = state.library.documents()
    assert state.library.contents(info.path).document.text == "The harbour is deep."
    assert files_on_disk(state) == {"a.txt": "The harbour is deep."}


def test_a_second_server_leaves_what_waits_for_the_first(library: Library) -> None:
    with closing(AppState(library)) as first:
        handle, part = create_part(first.served.files_folder(), ".txt")
        os.close(handle)
        file = spool_file(first.served.files_folder(), "a.txt", "The harbour is deep.")
        with closing(AppState(library)) as second:
            second.resume()
            assert second.uploads.files() == []
        assert part.exists()
        assert file.path.exists()
    with closing(AppState(library)) as third:
        third.resume()
        assert upload_states(third.uploads) == {"a.txt": "done"}
        assert not part.exists()


def test_no_two_files_share_an_id_though_the_clock_stands_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = []
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now)
    for _ in range(3):
        file = spool_file(tmp_path, "a.txt", "The harbour is deep.")
        ids.append(file.id)
        discard(file.path)  # the id is not free again, though its folder is gone
    assert len(set(ids)) == 3


def test_a_file_keeps_its_id_over_a_start(library: Library, halt: Halt) -> None:
    with closing(AppState(library)) as stopping:
        upload(stopping, "a.txt", "The harbour is deep.")
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
    spool_file(folder, "a.txt", "The harbour is deep.")
    spool_file(folder, "b.txt", "Ships lie there.")
    monkeypatch.setattr(Library, "add_readings", stopped_after_one)
    state.resume()
    assert begun.wait(PATIENCE)
    stopping.join(PATIENCE)
    monkeypatch.undo()
    assert [info.name for info in library.documents()] == ["a.txt"]
    with closing(AppState(library)) as next_one:
        next_one.resume()
        assert upload_states(next_one.uploads) == {"b.txt": "done"}
    assert [info.name for info in library.documents()] == ["a.txt", "b.txt"]


def test_a_file_that_comes_while_the_server_stops_is_read_after_the_next_start(
    library: Library,
) -> None:
    with closing(AppState(library)) as stopped:
        stopped.close()
        upload(stopped, "a.txt", "The harbour is deep.")
        assert [(file.name, file.state) for file in stopped.uploads.files()] == [
            ("a.txt", "waiting")
        ]
    with closing(AppState(library)) as state:
        state.resume()
        assert upload_states(state.uploads) == {"a.txt": "done"}


def test_what_waits_for_an_own_library_takes_the_place_of_the_examples(
    library: Library, tmp_path: Path
) -> None:
    own = OwnLibrary(tmp_path / "own", "hashing")
    own.open().close()
    (own.folder / "files").mkdir()
    spool_file(own.folder / "files", "a.txt", "The harbour is deep.")
    with closing(AppState(library, ["Which?"], own=own)) as state:
        state.resume()
        assert upload_states(state.uploads) == {"a.txt": "done"}
        assert [info.name for info in state.library.documents()] == ["a.txt"]
        assert not state.served.shows_examples
    with closing(AppState(library, ["Which?"], own=OwnLibrary(tmp_path / "none"))) as state:
        state.resume()
        assert state.served.shows_examples
    assert not (tmp_path / "none").exists()


def test_what_was_half_sent_is_deleted_and_nothing_else(state: AppState) -> None:
    upload(state, "a.part.txt", "The harbour is deep.")
    upload_states(state.uploads)
    wait_until_idle(state.uploads)
    handle, _ = create_part(state.served.files_folder(), ".txt")
    os.close(handle)
    (state.served.files_folder() / "0123.part").touch()
    (state.served.files_folder() / ".waiting-0123").mkdir()
    upload(state, "draft.part/b.txt", "Ships lie there.")
    upload_states(state.uploads)
    wait_until_idle(state.uploads)
    state.resume()
    assert files_on_disk(state) == {
        "a.part.txt": "The harbour is deep.",
        "draft.part/b.txt": "Ships lie there.",
    }
    assert sorted(p.name for p in state.served.files_folder().iterdir()) == [
        "a.part.txt",
        "draft.part",
    ]


def test_what_is_removed_comes_back_as_it_was(state: AppState) -> None:
    upload(state, "a.txt", "The harbour is deep.\n\nShips lie there.")
    upload_states(state.uploads)
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
    upload(state, "a.txt", "The harbour is deep.")
    upload_states(state.uploads)
    [info] = state.library.documents()
    key = document_id(info.path)
    remove(state, key)
    with state.library.store.writer(), pytest.raises(StoreBusyError):
        restore(state, key)
    assert not Path(info.path).exists()
    assert restore(state, key) == "a.txt"
    assert Path(info.path).read_text() == "The harbour is deep."


def test_a_restore_leaves_a_newer_document_alone(state: AppState) -> None:
    upload(state, "a.txt", "The harbour is deep.")
    upload_states(state.uploads)
    [info] = state.library.documents()
    key = document_id(info.path)
    remove(state, key)
    upload(state, "a.txt", "The harbour is shallow.")
    upload_states(state.uploads)
    for _ in range(2):  # the refused one is kept
        with pytest.raises(NameTakenError, match="added since"):
            restore(state, key)
    assert state.library.contents(info.path).document.text == "The harbour is shallow."
    assert Path(info.path).read_text() == "The harbour is shallow."


def test_what_was_removed_too_long_ago_stays_so(
    state: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(state, "a.txt", "The harbour is deep.")
    upload_states(state.uploads)
    [info] = state.library.documents()
    remove(state, document_id(info.path))
    monkeypatch.setattr(trash, "_UNDO_SECONDS", -1)
    with pytest.raises(NotFoundError, match="Add its file again"):
        restore(state, document_id(info.path))
    assert state.library.documents() == []
