"""Whatever happens to files that are sent, none is lost: each waits, or is in its place."""

import tempfile
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from tests_support import wait_until
from uploads_support import spool_file

from rag import Library
from rag.errors import StoreUnwritableError
from rag.indexing.readers import Reading
from ui.jobs import upload_queue
from ui.jobs.file_names import safe_name
from ui.jobs.upload_queue import UploadQueue
from ui.jobs.upload_spool import recover
from ui.jobs.upload_states import Upload

NAMES = ("a.txt", ".a.txt", "b/c.md")
STATES = ("waiting", "reading", "deferred")


class Gated:
    """A library that adds nothing before it may, and stops after some documents when full."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.gate = threading.Event()
        self.room = 1_000

    def add_readings(self, readings: Iterable[Reading], **how: Any) -> int:
        while not self.gate.is_set():
            time.sleep(0.005)
            how["progress"](None)  # as between batches
        for reading in readings:
            if self.room <= 0:
                raise StoreUnwritableError("The disk is full.")
            self.room -= 1
            self.library.add_readings([reading], **how)
        return 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.library, name)


class Uploads(RuleBasedStateMachine):
    """Takes, reads, cancels and dismisses files; fills the disk; stops and starts the server."""

    def __init__(self) -> None:
        super().__init__()
        self.home = tempfile.TemporaryDirectory()
        self.folder = Path(self.home.name) / "files"
        self.folder.mkdir()
        self.library = Gated(Library.in_memory(model="hashing"))
        self.texts: dict[int, str] = {}
        self.names: dict[int, str] = {}
        self.cancelled: set[int] = set()
        self.finished: dict[int, Upload] = {}
        self.start()

    def start(self) -> None:
        self.uploads = UploadQueue(lambda: self.library)  # type: ignore[arg-type, return-value]

    @rule(name=st.sampled_from(NAMES), text=st.sampled_from(("The harbour is deep.", "Ships.")))
    def upload(self, name: str, text: str) -> None:
        self.note()  # a finished one of its name is forgotten
        number = len(self.texts)
        file = spool_file(self.folder, str(safe_name(name)), f"{text} {number}")
        self.texts[file.id], self.names[file.id] = f"{text} {number}", str(file.name)
        self.uploads.add(file, self.folder)

    @rule(room=st.integers(0, 2))
    def fill_the_disk(self, room: int) -> None:
        self.library.room = room

    @rule()
    def make_room(self) -> None:
        self.library.room = 1_000
        self.uploads._retry_at = 0.0  # the pause is over
        self.uploads._woken.set()

    @rule()
    def read(self) -> None:
        self.library.gate.set()
        wait_until(
            lambda: (
                not (
                    self.uploads.is_working
                    or any(f.state in STATES[:2] for f in self.uploads.files())
                )
            )
        )
        self.library.gate.clear()

    @precondition(lambda self: self.texts)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.texts)))
        self.uploads.cancel(number)
        self.cancelled.add(number)

    @rule()
    def dismiss(self) -> None:
        self.note()
        self.uploads.dismiss()

    @rule()
    def stop_and_start(self) -> None:
        self.uploads.close()
        self.check()
        self.start()
        self.uploads.resume(self.folder)

    def note(self) -> None:
        for file in self.uploads.files():
            if not file.is_pending:
                self.finished[file.id] = file

    def check(self) -> None:
        """Each file that was sent waits on the disk, or it or a later one is in its place."""
        self.note()
        spooled = {file.id: file.path.read_text() for file in recover(self.folder)}
        placed = {
            path.relative_to(self.folder).as_posix(): path.read_text()
            for path in self.folder.rglob("*")
            if path.is_file() and not path.relative_to(self.folder).parts[0].startswith(".")
        }
        numbers = {text: number for number, text in self.texts.items()}
        for number, text in self.texts.items():
            if number in spooled:
                assert spooled[number] == text
                assert number not in self.finished
                continue
            name = self.names[number]
            if number not in self.cancelled and self.finished[number].state != "cancelled":
                assert numbers[placed[name]] >= number, "an older file took a newer one's place"
            elif self.finished[number].state == "cancelled" and number not in self.cancelled:
                later = [n for n in self.texts if n > number and self.names[n] == name]
                assert later, "only a newer file of its name cancels a deferred one"
        documents = {
            str(Path(info.path).relative_to(self.folder)): self.library.contents(info.path)
            for info in self.library.documents()
        }
        assert {name: contents.document.text for name, contents in documents.items()} == placed

    def teardown(self) -> None:
        self.uploads.close()
        self.check()
        self.library.close()
        self.home.cleanup()


class TestNoFileIsLost(Uploads.TestCase):
    """Run by pytest; a pause after a refusal ends when there is room."""

    settings = settings(
        max_examples=15,
        stateful_step_count=12,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )

    def setUp(self) -> None:
        self._pause = patch.multiple(upload_queue, _FIRST_RETRY=1_000.0, _LAST_RETRY=1_000.0)
        self._pause.start()

    def tearDown(self) -> None:
        self._pause.stop()
