"""Counts of files from the moment they are chosen: they add up, whatever becomes of the files."""

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import astuple
from pathlib import Path

import pytest
from tests_support import wait_until
from uploads_support import upload, upload_states

from rag import Library
from ui.app_state import AppState
from ui.jobs.upload_counts import UploadCounts
from vector_store.local import LocalStore


@pytest.fixture
def state(library: Library) -> Iterator[AppState]:
    with closing(AppState(library)) as app_state:
        yield app_state


def counted(state: AppState) -> tuple[int, ...]:
    """Return chosen, sent, waiting, reading, read, refused, cancelled, unsent and expected."""
    return astuple(state.uploads.counts())


def test_every_chosen_file_is_in_one_count(state: AppState) -> None:
    queue = state.uploads
    assert counted(state) == (0,) * 9
    queue.announce(7)
    assert counted(state) == (7, 0, 0, 0, 0, 0, 0, 0, 7)
    for name, text in {"a.txt": "The harbour is deep.", "b.md": " "}.items():
        upload(state, name, text)
        queue.arrived()
    upload_states(queue)
    assert counted(state) == (7, 2, 0, 0, 1, 1, 0, 0, 5)
    queue.refuse("a.gif", "files of type .gif are not supported")
    assert queue.files()[-1].name == "a.gif"
    queue.report("refused", 1)
    queue.report("cancelled", 2)
    assert not queue.counts().is_finished
    queue.report("unsent", 1)
    assert counted(state) == (7, 2, 0, 0, 1, 3, 2, 1, 0)
    assert queue.counts().is_finished
    queue.announce(1)  # what was refused stays in view
    assert queue.counts().chosen == 8
    queue.dismiss()
    assert counted(state) == (0,) * 9
    upload(state, "c.txt", "A program sent this.")
    upload_states(queue)
    assert counted(state) == (1, 1, 0, 0, 1, 0, 0, 0, 0)
    queue.announce(2)  # all is read: a new count
    assert counted(state) == (2, 0, 0, 0, 0, 0, 0, 0, 2)
    assert queue.files() == []


def test_a_library_that_another_writes_to_is_said_to_be_busy(
    state: AppState, library: Library
) -> None:
    queue = state.uploads
    with closing(LocalStore(Path(library.folder))) as store:
        with store.writer():
            for name in ("a.txt", "b.txt"):
                upload(state, name, "The harbour is deep.")
            wait_until(lambda: queue.is_blocked)
            assert counted(state)[:5] == (2, 2, 2, 0, 0)
            queue.cancel(queue.files()[1].id)
            assert queue.counts().cancelled == 1
        assert upload_states(queue) == {"a.txt": "done", "b.txt": "cancelled"}
    assert counted(state) == (2, 2, 0, 0, 1, 0, 1, 0, 0)
    wait_until(lambda: not queue.is_blocked)


def test_counts_hold_when_thousands_of_uploads_are_forgotten(state: AppState) -> None:
    queue, folder = state.uploads, state.served.files_folder()
    threads = [threading.Thread(target=queue.announce, args=(50,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert queue.counts() == UploadCounts(400, 0, 0, 0, 0, 0, 0, 0, 400)
    queue.report("cancelled", 1_000)  # more than were announced
    assert queue.counts().expected == 0
    assert folder.is_dir()
