"""What is removed by a click: put back for some minutes, and then gone."""

import errno
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from adding_support import idle, kept, sent, settled, take
from tests_support import wait_until

from rag import Library
from rag.errors import NotFoundError, StoreUnwritableError
from rag.ids import document_id
from ui.app_state import Desk
from ui.error_messages import DiskError
from ui.jobs import trash
from ui.jobs.upload_spool import aside

MARKER = "Zwetschgenkuchen"


@pytest.fixture
def desk(library: Library) -> Iterator[Desk]:
    made = Desk(library)
    yield made
    made.close()


def added(desk: Desk, name: str = f"{MARKER}/{MARKER}.txt") -> str:
    """Add a document of a marker alone; return its id."""
    take(desk, name, f"The {MARKER} is in the oven.")
    settled(desk.adding)
    idle(desk.adding)
    return document_id(str(desk.files_folder() / name))


def files_with_the_marker(desk: Desk) -> list[str]:
    """Return what tells of the marker beside the library: files by name, or by what they hold."""
    return [
        path.name
        for path in desk.files_folder().rglob("*")
        if MARKER in path.name or (path.is_file() and MARKER in path.read_text())
    ]


def test_a_removed_file_is_gone_when_it_can_no_longer_be_put_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = added(desk)
    monkeypatch.setattr(trash, "_UNDO_SECONDS", 0.5)
    desk.remove(key)
    wait_until(lambda: not (desk.files_folder() / f"{key}.part").exists())
    assert list(desk.files_folder().iterdir()) == []
    assert desk._removing._removed == {}
    assert desk.adding.files() == []


def test_a_removed_file_is_gone_when_the_server_stops(library: Library) -> None:
    with closing(Desk(library)) as desk:
        key = added(desk)
        desk.remove(key)
        assert files_with_the_marker(desk) == [f"{key}.part"]
    assert list((Path(library.folder) / "files").iterdir()) == []
    wait_until(lambda: not any(isinstance(one, threading.Timer) for one in threading.enumerate()))
    with pytest.raises(NotFoundError, match="too long ago"):
        desk.restore(key)


def test_of_many_removed_only_the_last_can_be_put_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trash, "_MOST_KEPT", 2)
    keys = [added(desk, f"{number}.txt") for number in range(3)]
    for key in keys:
        desk.remove(key)
    assert sorted(kept(desk)) == sorted(f"{key}.part" for key in keys[1:])
    with pytest.raises(NotFoundError):
        desk.restore(keys[0])
    assert desk.restore(keys[1]) == "1.txt"


def test_a_cancelled_or_refused_or_half_sent_file_leaves_nothing(desk: Desk) -> None:
    with desk.library.store.writer():
        take(desk, f"{MARKER}.txt", MARKER)
        desk.adding.cancel(None)
        assert files_with_the_marker(desk) == []
    take(desk, f"{MARKER}.md", " ")
    assert settled(desk.adding)[f"{MARKER}.md"] == "refused"
    idle(desk.adding)
    assert files_with_the_marker(desk) == []


def test_a_removal_that_is_refused_removes_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*given: Any) -> int:
        raise StoreUnwritableError("The disk is full.")

    key = added(desk)
    before = kept(desk)
    with monkeypatch.context() as failing:
        failing.setattr(Library, "remove", full)
        with pytest.raises(StoreUnwritableError):
            desk.remove(key)
    assert (kept(desk), len(desk.library.documents())) == (before, 1)

    def read_only(path: Path, target: Path) -> Path:
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    with monkeypatch.context() as failing:
        failing.setattr(Path, "replace", read_only)
        with pytest.raises(DiskError, match="cannot be written"):
            desk.remove(key)
    assert (kept(desk), len(desk.library.documents())) == (before, 1)
    assert desk.remove(key) == f"{MARKER}/{MARKER}.txt"


def test_a_removal_that_the_end_of_the_server_cut_short_is_taken_back(library: Library) -> None:
    with closing(Desk(library)) as desk:
        key = added(desk)
        place = desk.files_folder() / MARKER / f"{MARKER}.txt"
        place.replace(desk.files_folder() / f"{key}.part")
        (desk.files_folder() / f"{'0' * 24}.part").touch()
    with closing(Desk(library)) as desk:
        desk.resume()
        assert kept(desk) == {f"{MARKER}/{MARKER}.txt": f"The {MARKER} is in the oven."}


def test_what_waits_lies_there_as_long_as_it_does(desk: Desk) -> None:
    handle, part = aside(desk.files_folder(), ".txt")
    with open(handle, "w") as file:
        file.write(MARKER)
    sent(desk.files_folder(), f"{MARKER}.txt", MARKER)
    desk.resume()
    assert not part.exists()
    assert settled(desk.adding) == {f"{MARKER}.txt": "done"}
    idle(desk.adding)
    desk.remove(document_id(str(desk.files_folder() / f"{MARKER}.txt")))
    desk.close()
    assert files_with_the_marker(desk) == []


def test_what_was_said_of_a_documents_quotes_comes_back_with_it(desk: Desk) -> None:
    key = added(desk)
    [passage] = desk.library.ask(f"Where is the {MARKER}?").passages
    desk.library.judge("Where?", passage, answers=True)
    said = desk.library.store.feedback()
    desk.remove(key)
    assert desk.library.store.feedback() == []
    desk.restore(key)
    assert desk.library.store.feedback() == said != []
