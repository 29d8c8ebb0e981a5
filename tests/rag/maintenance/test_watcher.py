"""Folders followed: real files, and what becomes of them in the library."""

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
from rag.maintenance.watcher import FileChange, Follower, Resting, Round


class Clock:
    """Time as a follower sees it: it can be stopped, and then goes on by steps alone."""

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
    made = Clock()
    monkeypatch.setattr("rag.maintenance.watcher.time", made)
    return made


def put(folder: Path, name: str, text: str) -> None:
    """Put a file in its place at once: it is never seen half written."""
    aside = folder.parent / "aside.txt"
    aside.write_text(text)
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    aside.replace(folder / name)


@contextmanager
def unseen(library: Library) -> Iterator[None]:
    """Make several changes that no round sees a part of: each of them is refused the library."""
    with ExitStack() as held:

        def hold() -> bool:
            try:
                held.enter_context(library.store.writer())
            except StoreBusyError:  # a round is at work
                return False
            return True

        wait_until(hold)
        yield


class Followed:
    """A folder that is followed by a thread, and what that tells."""

    def __init__(self, library: Library, *paths: Path) -> None:
        self.stop = threading.Event()
        self._told: queue.Queue[Round] = queue.Queue()
        follower = Follower(library, paths, settled=0.3, stop=self.stop)

        def run() -> None:
            for found in follower.rounds():
                self._told.put(found)

        self.thread = threading.Thread(target=run)
        self.thread.start()

    def next(self) -> Round:
        return self._told.get(timeout=PATIENCE)

    def lines(self, wanted: int) -> list[tuple[str, str, str]]:
        """Return what became of files, until it is of as many as wanted."""
        found: list[FileChange] = []
        while len(found) < wanted:
            found += self.next().changes
        return sorted((change.kind, change.name, change.about) for change in found)


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    return write_files(tmp_path / "docs", {"a.txt": "The first text.", "sub/b.txt": "A second."})


@pytest.fixture
def follow(library: Library) -> Iterator[Callable[..., Followed]]:
    followed: list[Followed] = []

    def begin(*paths: Path) -> Followed:
        followed.append(Followed(library, *paths))
        return followed[-1]

    yield begin
    for one in followed:
        one.stop.set()
        one.thread.join(PATIENCE)
        assert not one.thread.is_alive()


def test_files_that_come_change_move_and_go_are_told(
    library: Library, docs: Path, follow: Callable[..., Followed]
) -> None:
    followed = follow(docs)
    assert followed.lines(2) == [("added", "a.txt", ""), ("added", "sub/b.txt", "")]
    put(docs, "new/deep/c.txt", "A third, in a folder that is new.")
    assert followed.lines(1) == [("added", "new/deep/c.txt", "")]
    put(docs, "a.txt", "The first text, written anew.")
    assert followed.lines(1) == [("replaced", "a.txt", "")]
    (docs / "new").rename(docs / "old")
    assert followed.lines(1) == [("moved", "old/deep/c.txt", "new/deep/c.txt")]
    put(docs, "copy.txt", "A second.")
    assert followed.lines(1) == [("copied", "copy.txt", "sub/b.txt")]
    put(docs, ".hidden.txt", "not seen")
    put(docs, "bad.docx", "not one")
    [(kind, name, reason)] = followed.lines(1)
    assert (kind, name) == ("not read", "bad.docx")
    assert reason
    for path in (docs / "sub" / "b.txt", docs / "old" / "deep" / "c.txt"):
        path.unlink()
    (docs / "bad.docx").unlink()
    assert followed.lines(2) == [("removed", "old/deep/c.txt", ""), ("removed", "sub/b.txt", "")]
    assert [info.name for info in library.documents()] == ["a.txt", "copy.txt"]
    assert library.verify().problems == ()


def test_the_last_file_of_a_folder_and_one_followed_by_name_are_removed(
    library: Library, docs: Path, tmp_path: Path, follow: Callable[..., Followed]
) -> None:
    single = write_files(tmp_path / "other", {"one.txt": "By name.", "not.txt": "No."}) / "one.txt"
    followed = follow(docs, single)
    assert len(followed.lines(3)) == 3
    for path in (docs / "a.txt", docs / "sub" / "b.txt", single):
        path.unlink()
    assert [kind for kind, _, _ in followed.lines(3)] == ["removed"] * 3
    put(single.parent, "one.txt", "By name, again.")
    assert followed.lines(1) == [("added", "one.txt", "")]


def test_a_burst_is_taken_together_and_a_file_being_written_is_left(
    library: Library, docs: Path, follow: Callable[..., Followed], clock: Clock
) -> None:
    followed = follow(docs)
    followed.lines(2)
    with clock.stopped(), (docs / "slow.txt").open("w") as slow:
        for number in range(40):
            slow.write(f"Line {number} of a file that is long in coming.\n\n")
            slow.flush()
            (docs / f"{number}.txt").write_text(f"File {number} of a burst.")
            clock.step(0.1)  # less than a file must rest
            time.sleep(0.03)  # in which it is looked at, now and then
        slow.write("The end.")
    told = followed.lines(41)
    assert {kind for kind, _, _ in told} == {"added"}  # and none replaced: each was read once
    [slowly] = [info for info in library.documents() if info.name == "slow.txt"]
    assert library.contents(slowly.path).document.text.endswith("The end.")


def test_a_round_that_fails_is_told_and_tried_again(
    library: Library, docs: Path, follow: Callable[..., Followed], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.maintenance.watcher._AGAIN", 0.2)
    add, refusals = library.add, iter([StoreBusyError("Another is writing.")] * 3)

    def busy(*given: object, **options: object) -> object:
        for refusal in refusals:
            raise refusal
        return add(*given, **options)

    monkeypatch.setattr(library, "add", busy)
    followed = follow(docs)
    assert followed.next() == Round(error="Another is writing.")
    assert len(followed.lines(2)) == 2  # told once, tried until it went well


def test_a_folder_that_is_put_in_place_of_another_is_followed(
    library: Library,
    docs: Path,
    follow: Callable[..., Followed],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rag.maintenance.watcher._AGAIN", 0.2)
    followed = follow(docs)
    followed.lines(2)
    with unseen(library):
        docs.rename(docs.with_name("aside"))
        docs.mkdir()
        write_files(docs, {"a.txt": "The first text.", "z.txt": "In the new one."})
    assert followed.lines(2) == [("added", "z.txt", ""), ("removed", "sub/b.txt", "")]
    put(docs, "y.txt", "Later.")
    assert followed.lines(1) == [("added", "y.txt", "")]


def test_a_clock_that_was_put_back_does_not_keep_files_waiting(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("From the future.")
    os.utime(path, (time.time() + 9999,) * 2)
    resting = Resting(0.05)
    assert resting.is_restless(path)
    time.sleep(0.06)
    assert not resting.is_restless(path)
    assert not resting.is_restless(tmp_path / "gone.txt")


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT for one process")
def test_the_command_follows_until_interrupted(docs: Path, tmp_path: Path) -> None:
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
        assert process.stdout.readline().startswith("Following")
        put(docs, "c.txt", "A third.")
        assert process.stdout.readline() == "added: c.txt\n"
        (docs / "c.txt").rename(docs / "d.txt")
        assert process.stdout.readline() == "moved: d.txt (was c.txt)\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == "No longer following.\n"
        assert process.wait(PATIENCE) == 0
