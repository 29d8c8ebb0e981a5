"""Files that a browser or a program sends: taken in one by one, read in the background.

A file waits aside (see `waiting`) until its document is kept; an older one of its name stays as it
is until then. It is then moved beside the library, under its own name and folder, so that
`quoth verify` can prove its quotes, and the person finds it again. Whenever the server stops, it
is either still waiting or in its place. What becomes of each file is told by `sent`.
"""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from rag.errors import QuothError
from rag.library import Library
from ui.error_messages import sentence
from ui.jobs.file_placement import NameTakenError, check_others
from ui.jobs.upload_attempt import Attempt, StoppedError
from ui.jobs.upload_batches import Batches
from ui.jobs.upload_spool import SpooledFile, let_go, noted_as_read, still_held
from ui.jobs.upload_states import OPEN, Upload, Uploads

MOST_WAITING = 5_000
_SOONEST_RETRY, _LATEST_RETRY = 5.0, 300.0
"""Seconds until what the disk or the library refused is tried again: each time twice as long."""
_INTERRUPT_SECONDS = 0.5
_UNEXPECTED = "an unexpected error; see the server's log"
_TRIED_AGAIN = "It is tried again by itself."

_log = logging.getLogger("quoth")


class UploadQueue:
    """Takes files in and reads them, one batch after another, in one thread of its own."""

    def __init__(self, library: Callable[[], Library]) -> None:
        """Add to the library that `library` returns when files are there."""
        self._library = library
        self._sent = Uploads()
        self._batches = Batches(self._sent)
        self._thread: threading.Thread | None = None
        self._attempt: Attempt | None = None
        self._woken = threading.Event()
        self._stopped = threading.Event()
        self._retry_at = 0.0
        """When deferred files are tried again, in seconds of `time.monotonic`."""
        self._delay = _SOONEST_RETRY

    def files(self) -> list[Upload]:
        """Return the files that were sent lately, first sent first."""
        return self._sent.all()

    def waiting(self) -> int:
        """Return how many files are still to be read."""
        return len(self._sent.in_states(*OPEN))

    @property
    def is_working(self) -> bool:
        """Whether files are read now, or what was read of cancelled ones is being forgotten."""
        return self._attempt is not None

    def take(self, held: SpooledFile, folder: Path) -> Upload:
        """Read a file that waits when its turn comes; then keep it in a folder, by its name.

        One that comes while the server stops waits for the next start. A deferred one of its name
        gives way to it. Raises NameTakenError, and lets go of the file, when it and another that
        waits cannot both be kept.
        """
        path = folder / held.name
        file = Upload(held.number, str(held.name), path, held.path, "waiting", size=held.size)

        def check(others: list[Upload]) -> None:
            check_others(folder, path, (one.path for one in others))

        self._batches.note_tried(file, held.tried)
        try:
            self._sent.add(file, check)
        except NameTakenError:
            let_go(held.path)
            raise
        self._give_way()
        self._begin()
        return file

    def resume(self, folder: Path) -> None:
        """Read what still waits in a folder since the server stopped. Raises OSError."""
        for held in still_held(folder):
            try:
                self.take(held, folder)
            except NameTakenError as error:
                _log.warning("A file that waited is not read: %s", error)

    def cancel(self, identity: int | None) -> None:
        """Do not read a file, or any that is still to be read; what was read of it is forgotten.

        One that takes an older one's place is kept when that has been replaced already.
        """
        gone = []
        with self._sent.lock:
            for file in self._sent.in_states(*OPEN):
                if identity in (None, file.id) and (
                    self._attempt is None or self._attempt.cancel(file)
                ):
                    self._sent.move(file, "cancelled")
                    gone.append(file)
        for file in gone:
            let_go(file.part)

    def dismiss(self) -> None:
        """Forget the files whose fate is settled."""
        self._sent.forget_settled()

    def forget(self, path: Path) -> None:
        """Forget what was sent under the path of a document that is removed."""
        self._sent.forget_settled(path)

    def close(self) -> None:
        """Stop soon; what is not kept by then is read after the next start."""
        with self._sent.lock:  # no thread is started after this
            self._stopped.set()
        self._woken.set()
        while self._thread is not None and self._thread.is_alive():
            attempt = self._attempt
            if attempt is not None:
                attempt.interrupt()
            self._thread.join(_INTERRUPT_SECONDS)

    def _begin(self) -> None:
        with self._sent.lock:
            if self._thread is None and not self._stopped.is_set():
                self._thread = threading.Thread(target=self._work, name="quoth-adding", daemon=True)
                self._thread.start()
        self._woken.set()

    def _work(self) -> None:
        while not self._stopped.is_set():
            self._woken.clear()
            rest = self._retry_at - time.monotonic()
            batch = self._batches.next(with_deferred=rest <= 0)
            if batch:
                self._read(batch)
            else:
                self._woken.wait(max(rest, 0) if self._sent.in_states("deferred") else None)

    def _read(self, batch: list[Upload]) -> None:
        """Read some files and keep them; put off what cannot be kept now."""
        with self._sent.lock:
            attempt = self._attempt = Attempt(
                self._sent, batch, self._stopped, self._batches.has_ended_the_server
            )
        try:
            with noted_as_read([file.part for file in batch]):
                attempt.run(self._library())
        except StoppedError:
            pass
        except (QuothError, OSError) as error:
            self._put_off(batch, f"{sentence(error)} {_TRIED_AGAIN}")
        except Exception:  # noqa: BLE001 (a fault of ours, logged: other files are read)
            _log.exception("Files could not be added.")
            self._suspect(batch)
        else:
            self._retry_at, self._delay = 0.0, _SOONEST_RETRY
        finally:
            with self._sent.lock:
                for file in batch:
                    if self._sent.state_of(file) == "reading":  # the server stops
                        self._sent.move(file, "waiting")
                self._attempt = None
        self._give_way()

    def _put_off(self, batch: list[Upload], reason: str) -> None:
        """Let files of a batch that are still to be read rest for a while."""
        self._retry_at = time.monotonic() + self._delay
        self._delay = min(2 * self._delay, _LATEST_RETRY)
        for file in batch:
            if self._sent.move(file, "deferred", reason):
                self._batches.note_failure(file)

    def _give_way(self) -> None:
        """Cancel deferred files for which a newer one of their name was sent."""
        newest = {file.path: file.id for file in self._sent.in_states(*OPEN)}
        for file in self._sent.in_states("deferred"):
            if newest.get(file.path, file.id) != file.id:
                self.cancel(file.id)

    def _suspect(self, batch: list[Upload]) -> None:
        """Refuse the file at which an attempt failed; one of several is read again by itself."""
        suspects = [file for file in batch if self._sent.state_of(file) == "reading"]
        if not suspects:
            self._put_off(batch, f"{_UNEXPECTED}. {_TRIED_AGAIN}")
        elif len(batch) == 1:
            self._sent.move(batch[0], "refused", _UNEXPECTED)
            let_go(batch[0].part)
        else:
            for file in suspects:
                self._batches.note_failure(file, is_suspect=True)
