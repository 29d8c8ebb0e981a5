"""Attempts at reading: a poisonous file is tried once and blocks nobody; cancelling, stopping."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests_support import PATIENCE, wait_until
from uploads_support import files_on_disk, spool_file, upload, upload_states, wait_until_idle

from rag import Library
from rag.errors import StoreUnwritableError, UnreadableFileError
from rag.indexing.pipeline import Progress
from rag.indexing.readers import Readers, Reading
from ui.app_state import AppState
from ui.jobs import upload_batches, upload_queue
from ui.jobs.file_placement import NameTakenError
from ui.jobs.upload_batches import BatchScheduler
from ui.jobs.upload_spool import SpooledFile, reading_note, recover
from ui.jobs.upload_states import Upload, Uploads

# A server that is killed by what a file holds, as a text that fills the memory kills it.
POISONED = """
import os, sys
from rag import Library
from rag.indexing import readers
from ui.app_state import AppState

read = readers.Readers.read
def poisoned(self, file):
    if b"poison" in file.data:
        os._exit(9)
    return read(self, file)
readers.Readers.read = poisoned

with Library.open(sys.argv[1], model="hashing") as library:
    state = AppState(library)
    state.resume()
    state.uploads._thread.join()
"""


@pytest.fixture
def state(library: Library) -> Iterator[AppState]:
    app_state = AppState(library)
    yield app_state
    app_state.close()


def killed_by_poison(library: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", POISONED, str(library)], timeout=PATIENCE, check=False
    )
    assert done.returncode == 9


def fates(state: AppState) -> dict[str, str]:
    """Return the state of each file once none is to be read."""
    wait_until(lambda: not state.uploads.pending())
    wait_until_idle(state.uploads)
    return upload_states(state.uploads)


def test_a_file_that_crashed_the_server_is_not_tried_again(tmp_path: Path) -> None:
    folder = tmp_path / "library" / "files"
    folder.mkdir(parents=True)
    spool_file(folder, "poison.txt", "poison")
    killed_by_poison(tmp_path / "library")
    spool_file(folder, "a.txt", "The harbour is deep.")
    with Library.open(tmp_path / "library", model="hashing") as library:
        with closing(AppState(library)) as state:
            state.resume()
            assert fates(state) == {"poison.txt": "refused", "a.txt": "done"}
            [refused] = [file for file in state.uploads.files() if file.state == "refused"]
            assert "crashed the server" in refused.reason
            assert "Send it again" in refused.reason
            assert not list(folder.glob(".waiting-*"))
            upload(state, "poison.txt", "poison")
            assert fates(state)["poison.txt"] == "done"
        with closing(AppState(library)) as state:
            state.resume()
            assert list(folder.glob(".*")) == []


def test_of_several_read_together_only_the_one_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "library" / "files"
    folder.mkdir(parents=True)
    for name, text in {"a": "The harbour is deep.", "b": "poison", "c": "Ships lie there."}.items():
        spool_file(folder, f"{name}.txt", text)
    killed_by_poison(tmp_path / "library")
    spool_file(folder, "d.txt", "Boats lie there.")
    killed_by_poison(tmp_path / "library")  # each by itself, after those that were not tried
    assert (folder / "d.txt").is_file()
    with (
        Library.open(tmp_path / "library", model="hashing") as library,
        closing(AppState(library)) as state,
    ):
        state.resume()
        assert fates(state)["b.txt"] == "refused"
        names = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
        assert names == {"a.txt", "c.txt", "d.txt"}
        assert {info.name for info in library.documents()} == names


def test_what_an_orderly_stop_interrupts_is_read_again(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = threading.Event()

    def endless(library: Library, readings: Iterable[Reading], **how: Any) -> int:
        list(readings)
        begun.set()
        while True:
            how["progress"](Progress(0, 0, 0, ""))
            time.sleep(0.02)

    with monkeypatch.context() as long, closing(AppState(library)) as state:
        long.setattr(Library, "add_readings", endless)
        upload(state, "a.txt", "The harbour is deep.")
        assert begun.wait(PATIENCE)
        assert len(list(state.served.files_folder().glob(".reading-*"))) == 1
    assert [file.state for file in state.uploads.files()] == ["waiting"]
    assert list((Path(library.folder) / "files").glob(".reading-*")) == []
    with closing(AppState(library)) as state:
        state.resume()
        assert fates(state) == {"a.txt": "done"}


def test_a_stop_ends_the_parsing_of_a_file(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, interrupted = threading.Event(), threading.Event()

    def parsed(self: Readers, file: object) -> Reading:
        begun.set()
        assert interrupted.wait(PATIENCE)
        raise UnreadableFileError("its reader crashed on it")

    with monkeypatch.context() as long, closing(AppState(library)) as state:
        long.setattr(Readers, "read", parsed)
        long.setattr(Readers, "interrupt", lambda self: interrupted.set())
        upload(state, "a.txt", "The harbour is deep.")
        assert begun.wait(PATIENCE)
    assert interrupted.is_set()
    with closing(AppState(library)) as state:
        state.resume()
        assert fates(state) == {"a.txt": "done"}


def test_a_document_that_is_cancelled_while_embedded_frees_the_worker(
    state: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = threading.Event()

    def long(library: Library, readings: Iterable[Reading], **how: Any) -> int:
        for reading in readings:
            begun.set()
            while not how["cancelled"](reading.document.path):
                time.sleep(0.02)
        return 0

    with monkeypatch.context() as slow:
        slow.setattr(Library, "add_readings", long)
        upload(state, "long.txt", "The harbour is deep.")
        assert begun.wait(PATIENCE)
        state.uploads.cancel(None)
        wait_until_idle(state.uploads)
    upload(state, "short.txt", "Ships lie there.")
    assert fates(state) == {"long.txt": "cancelled", "short.txt": "done"}
    assert files_on_disk(state) == {"short.txt": "Ships lie there."}


def test_the_library_drops_a_cancelled_document_and_ends_by_progress(library: Library) -> None:
    with closing(AppState(library)) as state:
        upload(state, "a.txt", "The harbour is deep.")
        fates(state)
        [info] = library.documents()
        document = library.contents(info.path)
        reading = Reading(document.document, tuple(p.paragraph for p in document.passages))
        library.remove([info.path])
        assert library.add_readings([reading], cancelled=lambda path: True) == 0
        assert library.documents() == []

        def stop(progress: Progress) -> None:
            raise InterruptedError

        with pytest.raises(InterruptedError):
            library.add_readings([reading], progress=stop)
        assert library.add_readings([reading]) == 1


def test_an_unexpected_fault_refuses_one_file_and_no_other(
    state: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Readers.read

    def faulty(self: Readers, file: Any) -> Reading:
        if b"fault" in file.data:
            raise MemoryError
        return read(self, file)

    monkeypatch.setattr(Readers, "read", faulty)
    folder = state.served.files_folder()
    for name, text in {"a": "The harbour is deep.", "b": "fault", "c": "Ships lie there."}.items():
        spool_file(folder, f"{name}.txt", text)
    state.resume()
    assert fates(state) == {"a.txt": "done", "b.txt": "refused", "c.txt": "done"}
    assert sorted(files_on_disk(state)) == ["a.txt", "c.txt"]


def test_a_full_disk_is_tried_again_by_itself(
    state: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_full, tries = threading.Event(), []
    add_readings = Library.add_readings

    def full(library: Library, readings: Iterable[Reading], **how: Any) -> int:
        tries.append(1)
        if is_full.is_set():
            raise StoreUnwritableError("The disk is full.")
        return add_readings(library, readings, **how)

    monkeypatch.setattr(upload_queue, "_FIRST_RETRY", 0.05)
    state.uploads._delay = 0.05
    monkeypatch.setattr(Library, "add_readings", full)
    is_full.set()
    upload(state, "a.txt", "The harbour is deep.")
    wait_until(lambda: len(tries) >= 3)
    assert upload_states(state.uploads) == {"a.txt": "deferred"}
    is_full.clear()
    assert fates(state) == {"a.txt": "done"}


@pytest.mark.parametrize(("first", "second"), [("x.txt", "x.txt/y.txt"), ("x.txt/y.txt", "x.txt")])
def test_a_file_and_a_folder_of_one_name_cannot_both_wait(
    state: AppState, first: str, second: str
) -> None:
    with state.library.store.writer():
        upload(state, first, "The harbour is deep.")
        with pytest.raises(NameTakenError, match="the same name"):
            upload(state, second, "Ships lie there.")
    assert fates(state) == {first: "done"}
    assert list(files_on_disk(state)) == [first]


def _uploads(*sizes: int) -> tuple[Uploads, list[Upload]]:
    uploads = Uploads()
    files = [
        Upload(n, f"{n}.txt", Path(f"{n}.txt"), Path(f"p{n}"), "waiting", size=size)
        for n, size in enumerate(sizes)
    ]
    for file in files:
        uploads.add(file, lambda others: None)
    return uploads, files


def test_small_and_large_files_take_turns() -> None:
    large, small = upload_batches._LARGE + 1, 10
    uploads, files = _uploads(large, *[small] * 70, large)
    scheduler = BatchScheduler(uploads)
    order = []
    while batch := scheduler.next_batch(include_deferred=True):
        order.append([file.id for file in batch])
        for file in batch:
            uploads.set_state(file, "reading")
            uploads.set_state(file, "done")
    assert order == [list(range(1, 65)), [0], list(range(65, 71)), [71]]
    assert {file.state for file in uploads.all()} == {"done"}
    assert len(files) == 72


def test_files_of_one_name_are_read_in_the_order_they_came() -> None:
    uploads, [first] = _uploads(upload_batches._LARGE + 1)
    uploads.add(
        Upload(7, "0.txt", first.target, Path("p7"), "waiting", size=1), lambda others: None
    )
    scheduler = BatchScheduler(uploads)
    assert [file.id for file in scheduler.next_batch(include_deferred=True)] == [0]
    uploads.set_state(first, "reading")
    uploads.set_state(first, "done")
    assert [file.id for file in scheduler.next_batch(include_deferred=True)] == [7]


def test_a_state_changes_as_is_allowed_only() -> None:
    uploads, [file] = _uploads(1)
    with pytest.raises(ValueError, match="cannot become done"):
        uploads.set_state(file, "done")
    assert uploads.set_state(file, "reading")
    assert uploads.set_state(file, "cancelled")
    assert not uploads.set_state(file, "done")
    assert uploads.state_of(file) == "cancelled"


def _crashed(folder: Path, files: list[SpooledFile]) -> list[str]:
    crashed = {file.id: file.crashed for file in recover(folder)}
    return [crashed[file.id] for file in files]


def test_a_note_names_the_files_being_read_when_the_server_crashed(tmp_path: Path) -> None:
    files = [spool_file(tmp_path, f"{n}.txt", "The harbour is deep.") for n in range(3)]
    with reading_note([file.path for file in files[:1]]):
        assert _crashed(tmp_path, files) == ["alone", "never", "never"]
    with reading_note([file.path for file in files[:2]]):
        assert _crashed(tmp_path, files) == ["in a batch", "in a batch", "never"]
    assert _crashed(tmp_path, files) == ["never"] * 3
    (tmp_path / ".reading-1").write_bytes(b"\xff\x00 no number\n12\n")
    assert _crashed(tmp_path, files) == ["never"] * 3
    assert not (tmp_path / ".reading-1").exists()
