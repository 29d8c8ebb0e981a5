"""Folder watching: real files, and what happens to them in the library."""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from tests_support import PATIENCE, wait_until, write_files

from rag import Library, StoreBusyError
from rag.maintenance.watcher import FileChange, FolderWatcher, Round, SettleTimer


class Clock:
    """The watcher's clock: it can be stopped, and is then moved by steps only."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._stopped: tuple[float, float] | None = None

    def monotonic(self) -> float:
        return self._stopped[0] if self._stopped else time.monotonic() + self._ahead

    def time(self) -> float:
        return self._stopped[1] if self._stopped else time.time()

    def step(self, seconds: float) -> None:
        now, today = self.monotonic(), self.time()
        self._stopped = now + seconds, today

    @contextmanager
    def stopped(self) -> Iterator[None]:
        self.step(0)
        yield
        self._ahead = self.monotonic() - time.monotonic()
        self._stopped = None


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    fake = Clock()
    monkeypatch.setattr("rag.maintenance.watcher.time", fake)
    return fake


def put(folder: Path, name: str, text: str) -> None:
    """Write a file atomically: it is never seen half written."""
    aside = folder.parent / "aside.txt"
    aside.write_text(text)
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    aside.replace(folder / name)


@contextmanager
def unseen(library: Library) -> Iterator[None]:
    """Hold the library's lock, so that no update sees only some of several changes."""
    with ExitStack() as locks:

        def hold() -> bool:
            try:
                locks.enter_context(library.store.writer())
            except StoreBusyError:  # an update is running
                return False
            return True

        wait_until(hold)
        yield


class WatchedFolder:
    """A folder that a thread watches, and its updates."""

    def __init__(self, library: Library, *paths: Path) -> None:
        self.stop = threading.Event()
        self._updates: queue.Queue[Round] = queue.Queue()
        watcher = FolderWatcher(library, paths, settled=0.3, stop=self.stop)

        def run() -> None:
            for update in watcher.rounds():
                self._updates.put(update)

        self.thread = threading.Thread(target=run)
        self.thread.start()

    def next(self) -> Round:
        return self._updates.get(timeout=PATIENCE)

    def changes(self, count: int) -> list[tuple[str, str, str]]:
        """Wait until `count` files have changed; return kind, name and details of each, sorted."""
        changes: list[FileChange] = []
        while len(changes) < count:
            changes += self.next().changes
        return sorted((change.kind, change.name, change.about) for change in changes)


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    return write_files(tmp_path / "docs", {"a.txt": "The first text.", "sub/b.txt": "A second."})


@pytest.fixture
def watch(library: Library) -> Iterator[Callable[..., WatchedFolder]]:
    watched: list[WatchedFolder] = []

    def begin(*paths: Path) -> WatchedFolder:
        watched.append(WatchedFolder(library, *paths))
        return watched[-1]

    yield begin
    for folder in watched:
        folder.stop.set()
        folder.thread.join(PATIENCE)
        assert not folder.thread.is_alive()


def test_new_changed_moved_copied_and_deleted_files_are_reported(
    library: Library, docs: Path, watch: Callable[..., WatchedFolder]
) -> None:
    watched = watch(docs)
    assert watched.changes(2) == [("added", "a.txt", ""), ("added", "sub/b.txt", "")]
    put(docs, "new/deep/c.txt", "A third, in a folder that is new.")
    assert watched.changes(1) == [("added", "new/deep/c.txt", "")]
    put(docs, "a.txt", "The first text, written anew.")
    assert watched.changes(1) == [("replaced", "a.txt", "")]
    (docs / "new").rename(docs / "old")
    assert watched.changes(1) == [("moved", "old/deep/c.txt", "new/deep/c.txt")]
    put(docs, "copy.txt", "A second.")
    assert watched.changes(1) == [("copied", "copy.txt", "sub/b.txt")]
    put(docs, ".hidden.txt", "not seen")
    put(docs, "bad.docx", "not one")
    [(kind, name, reason)] = watched.changes(1)
    assert (kind, name) == ("not read", "bad.docx")
    assert reason
    for path in (docs / "sub" / "b.txt", docs / "old" / "deep" / "c.txt"):
        path.unlink()
    (docs / "bad.docx").unlink()
    assert watched.changes(2) == [("removed", "old/deep/c.txt", ""), ("removed", "sub/b.txt", "")]
    assert [info.name for info in library.documents()] == ["a.txt", "copy.txt"]
    assert library.verify().problems == ()


def test_the_last_file_of_a_folder_and_a_watched_file_are_removed(
    library: Library, docs: Path, tmp_path: Path, watch: Callable[..., WatchedFolder]
) -> None:
    single = write_files(tmp_path / "other", {"one.txt": "By name.", "not.txt": "No."}) / "one.txt"
    watched = watch(docs, single)
    assert len(watched.changes(3)) == 3
    for path in (docs / "a.txt", docs / "sub" / "b.txt", single):
        path.unlink()
    assert [kind for kind, _, _ in watched.changes(3)] == ["removed"] * 3
    put(single.parent, "one.txt", "By name, again.")
    assert watched.changes(1) == [("added", "one.txt", "")]


def test_a_file_that_is_being_written_is_read_once_it_has_settled(
    library: Library, docs: Path, watch: Callable[..., WatchedFolder], clock: Clock
) -> None:
    watched = watch(docs)
    watched.changes(2)
    with clock.stopped(), (docs / "slow.txt").open("w") as slow:
        for number in range(40):
            slow.write(f"Line {number} of a file that is long in coming.\n\n")
            slow.flush()
            (docs / f"{number}.txt").write_text(f"File {number} of a burst.")
            clock.step(0.1)  # less than a file needs to settle
            time.sleep(0.03)  # for the watcher to look at it
        slow.write("The end.")
    changes = watched.changes(41)
    assert {kind for kind, _, _ in changes} == {"added"}  # none was replaced: each was read once
    [info] = [info for info in library.documents() if info.name == "slow.txt"]
    assert library.contents(info.path).document.text.endswith("The end.")


def test_a_failed_update_is_reported_and_tried_again(
    library: Library,
    docs: Path,
    watch: Callable[..., WatchedFolder],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rag.maintenance.watcher._RETRY", 0.2)
    add, refusals = library.add, iter([StoreBusyError("Another is writing.")] * 3)

    def busy(*given: object, **options: object) -> object:
        for refusal in refusals:
            raise refusal
        return add(*given, **options)

    monkeypatch.setattr(library, "add", busy)
    watched = watch(docs)
    assert watched.next() == Round(error="Another is writing.")
    assert len(watched.changes(2)) == 2  # reported once, tried until it succeeded


def test_a_folder_that_replaces_another_is_watched(
    library: Library,
    docs: Path,
    watch: Callable[..., WatchedFolder],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rag.maintenance.watcher._RETRY", 0.2)
    watched = watch(docs)
    watched.changes(2)
    with unseen(library):
        docs.rename(docs.with_name("aside"))
        docs.mkdir()
        write_files(docs, {"a.txt": "The first text.", "z.txt": "In the new one."})
    assert watched.changes(2) == [("added", "z.txt", ""), ("removed", "sub/b.txt", "")]
    put(docs, "y.txt", "Later.")
    assert watched.changes(1) == [("added", "y.txt", "")]


def test_files_settle_even_if_the_clock_was_set_back(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("From the future.")
    os.utime(path, (time.time() + 9999,) * 2)
    timer = SettleTimer(0.05)
    assert timer.is_unsettled(path)
    time.sleep(0.06)
    assert not timer.is_unsettled(path)
    assert not timer.is_unsettled(tmp_path / "gone.txt")


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT for one process")
def test_the_command_watches_until_interrupted(docs: Path, tmp_path: Path) -> None:
    library = str(tmp_path / "library")
    command = ["index", "--watch", str(docs), "--library", library, "--model", "hashing"]
    code = (
        "from rag.cli import main; from rag.maintenance import watcher; "
        "watcher.SETTLED = 0.3; main.main()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, *command], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Read 2 files")
        assert process.stdout.readline().startswith("Watching")
        put(docs, "c.txt", "A third.")
        assert process.stdout.readline() == "added: c.txt\n"
        (docs / "c.txt").rename(docs / "d.txt")
        assert process.stdout.readline() == "moved: d.txt (was c.txt)\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == "Stopped watching.\n"
        assert process.wait(PATIENCE) == 0
