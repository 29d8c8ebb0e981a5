"""Removed documents: restorable for some minutes, then deleted."""

import errno
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests_support import Newest, wait_until
from uploads_support import files_on_disk, spool_file, upload, upload_states, wait_until_idle

from rag import Library
from rag.errors import NotFoundError, StoreUnwritableError
from rag.ids import document_id
from ui.app_state import AppState
from ui.error_messages import DiskError
from ui.jobs import trash
from ui.jobs.upload_spool import create_part
from ui.removals import remove, restore

MARKER = "Zwetschgenkuchen"


@pytest.fixture
def state(library: Library) -> Iterator[AppState]:
    app_state = AppState(library)
    yield app_state
    app_state.close()


def added(state: AppState, name: str = f"{MARKER}/{MARKER}.txt") -> str:
    """Add a document of a marker alone; return its id."""
    upload(state, name, f"The {MARKER} is in the oven.")
    upload_states(state.uploads)
    wait_until_idle(state.uploads)
    return document_id(str(state.served.files_folder() / name))


def files_with_the_marker(state: AppState) -> list[str]:
    """Return what tells of the marker beside the library: files by name, or by what they hold."""
    return [
        path.name
        for path in state.served.files_folder().rglob("*")
        if MARKER in path.name or (path.is_file() and MARKER in path.read_text())
    ]


def test_a_removed_file_is_gone_when_it_can_no_longer_be_put_back(
    state: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = added(state)
    monkeypatch.setattr(trash, "_UNDO_SECONDS", 0.5)
    remove(state, key)
    wait_until(lambda: not (state.served.files_folder() / f"{key}.part").exists())
    assert list(state.served.files_folder().iterdir()) == []
    assert state.trash._documents == {}
    assert state.uploads.files() == []


def test_a_removed_file_is_gone_when_the_server_stops(library: Library) -> None:
    with closing(AppState(library)) as state:
        key = added(state)
        remove(state, key)
        assert files_with_the_marker(state) == [f"{key}.part"]
    assert list((Path(library.folder) / "files").iterdir()) == []
    wait_until(
        lambda: not any(isinstance(thread, threading.Timer) for thread in threading.enumerate())
    )
    with pytest.raises(NotFoundError, match="too long ago"):
        restore(state, key)


def test_of_many_removed_only_the_last_can_be_put_back(
    state: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trash, "_MOST_DOCUMENTS", 2)
    keys = [added(state, f"{number}.txt") for number in range(3)]
    for key in keys:
        remove(state, key)
    assert sorted(files_on_disk(state)) == sorted(f"{key}.part" for key in keys[1:])
    with pytest.raises(NotFoundError):
        restore(state, keys[0])
    assert restore(state, keys[1]) == "1.txt"


def test_a_cancelled_or_refused_or_half_sent_file_leaves_nothing(state: AppState) -> None:
    with state.library.store.writer():
        upload(state, f"{MARKER}.txt", MARKER)
        state.uploads.cancel(None)
        assert files_with_the_marker(state) == []
    upload(state, f"{MARKER}.md", " ")
    assert upload_states(state.uploads)[f"{MARKER}.md"] == "refused"
    wait_until_idle(state.uploads)
    assert files_with_the_marker(state) == []


def test_a_removal_that_is_refused_removes_nothing(
    state: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: Any) -> int:
        raise StoreUnwritableError("The disk is full.")

    key = added(state)
    before = files_on_disk(state)
    with monkeypatch.context() as failing:
        failing.setattr(Library, "remove", full)
        with pytest.raises(StoreUnwritableError):
            remove(state, key)
    assert (files_on_disk(state), len(state.library.documents())) == (before, 1)

    def read_only(path: Path, target: Path) -> Path:
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    with monkeypatch.context() as failing:
        failing.setattr(Path, "replace", read_only)
        with pytest.raises(DiskError, match="cannot be written"):
            remove(state, key)
    assert (files_on_disk(state), len(state.library.documents())) == (before, 1)
    assert remove(state, key) == f"{MARKER}/{MARKER}.txt"


def test_a_removal_that_the_end_of_the_server_cut_short_is_taken_back(library: Library) -> None:
    with closing(AppState(library)) as state:
        key = added(state)
        place = state.served.files_folder() / MARKER / f"{MARKER}.txt"
        place.replace(state.served.files_folder() / f"{key}.part")
        (state.served.files_folder() / f"{'0' * 24}.part").touch()
    with closing(AppState(library)) as state:
        state.resume()
        assert files_on_disk(state) == {f"{MARKER}/{MARKER}.txt": f"The {MARKER} is in the oven."}


def test_what_waits_lies_there_as_long_as_it_does(state: AppState) -> None:
    handle, part = create_part(state.served.files_folder(), ".txt")
    with open(handle, "w") as file:
        file.write(MARKER)
    spool_file(state.served.files_folder(), f"{MARKER}.txt", MARKER)
    state.resume()
    assert not part.exists()
    assert upload_states(state.uploads) == {f"{MARKER}.txt": "done"}
    wait_until_idle(state.uploads)
    remove(state, document_id(str(state.served.files_folder() / f"{MARKER}.txt")))
    state.close()
    assert files_with_the_marker(state) == []


def test_what_was_said_of_a_documents_quotes_comes_back_with_it(state: AppState) -> None:
    key = added(state)
    [passage] = state.library.ask(f"Where is the {MARKER}?").passages
    state.library.judge("Where?", passage, answers=True)
    said = Newest(state.library.store).feedback()
    remove(state, key)
    assert Newest(state.library.store).feedback() == []
    restore(state, key)
    assert Newest(state.library.store).feedback() == said != []
