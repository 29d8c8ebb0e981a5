"""Folders followed: real files, and what becomes of them in the library."""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests_support import write_files

from rag import Library, StoreBusyError
from rag.watching import FileChange, Follower, Resting, Round

PATIENCE = 20.0


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
    write_files(docs, {"new/deep/c.txt": "A third, in a folder that is new."})
    assert followed.lines(1) == [("added", "new/deep/c.txt", "")]
    (docs / "a.txt").write_text("The first text, written anew.")
    assert followed.lines(1) == [("replaced", "a.txt", "")]
    (docs / "new").rename(docs / "old")
    assert followed.lines(1) == [("moved", "old/deep/c.txt", "new/deep/c.txt")]
    (docs / "copy.txt").write_bytes((docs / "sub" / "b.txt").read_bytes())
    assert followed.lines(1) == [("copied", "copy.txt", "sub/b.txt")]
    write_files(docs, {"bad.docx": "not one", ".hidden.txt": "not seen"})
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
    single.write_text("By name, again.")
    assert followed.lines(1) == [("added", "one.txt", "")]


def test_a_burst_is_taken_together_and_a_file_being_written_is_left(
    library: Library, docs: Path, follow: Callable[..., Followed]
) -> None:
    followed = follow(docs)
    followed.lines(2)
    with (docs / "slow.txt").open("w") as slow:
        for number in range(40):
            slow.write(f"Line {number} of a file that is long in coming.\n\n")
            slow.flush()
            (docs / f"{number}.txt").write_text(f"File {number} of a burst.")
            time.sleep(0.03)
        slow.write("The end.")
    told = followed.lines(41)
    assert {kind for kind, _, _ in told} == {"added"}  # and none replaced: each was read once
    [slowly] = [info for info in library.documents() if info.name == "slow.txt"]
    assert library.contents(slowly.path).document.text.endswith("The end.")


def test_a_round_that_fails_is_told_and_tried_again(
    library: Library, docs: Path, follow: Callable[..., Followed], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.watching._AGAIN", 0.2)
    add, refusals = library.add, iter([StoreBusyError("Another is writing.")] * 3)

    def busy(*given: object, **options: object) -> object:
        for refusal in refusals:
            raise refusal
        return add(*given, **options)

    monkeypatch.setattr(library, "add", busy)
    followed = follow(docs)
    assert followed.next() == Round(error="Another is writing.")
    assert len(followed.next().changes) == 2  # told once, tried until it went well


def test_a_folder_that_is_put_in_place_of_another_is_followed(
    library: Library, docs: Path, follow: Callable[..., Followed]
) -> None:
    followed = follow(docs)
    followed.lines(2)
    docs.rename(docs.with_name("aside"))
    docs.mkdir()
    write_files(docs, {"a.txt": "The first text.", "z.txt": "In the new one."})
    assert followed.lines(2) == [("added", "z.txt", ""), ("removed", "sub/b.txt", "")]
    write_files(docs, {"y.txt": "Later."})
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
    code = "import sys; from rag import cli, watching; watching.SETTLED = 0.3; cli.main()"
    with subprocess.Popen(
        [sys.executable, "-c", code, *command], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Read 2 files")
        assert process.stdout.readline().startswith("Following")
        (docs / "c.txt").write_text("A third.")
        assert process.stdout.readline() == "added: c.txt\n"
        (docs / "c.txt").rename(docs / "d.txt")
        assert process.stdout.readline() == "moved: d.txt (was c.txt)\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == "No longer following.\n"
        assert process.wait(PATIENCE) == 0
