"""The queue of uploads, which are received one by one and read in the background.

A file lies in the spool until its document is stored; an older document of the same name stays
until then. The file is then moved into the library's folder, under its own name, so that
`quoth verify` can check quotes against it and people can find it. Whenever the server stops, each
file is either in the spool or in place.
"""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from rag.errors import QuothError
from rag.library import Library
from ui.error_messages import sentence
from ui.jobs.file_placement import NameTakenError, check_conflicts
from ui.jobs.upload_attempt import Attempt, StoppedError
from ui.jobs.upload_batches import BatchScheduler
from ui.jobs.upload_counts import UploadCounts
from ui.jobs.upload_spool import SpooledFile, discard, new_upload_id, reading_note, recover
from ui.jobs.upload_states import Upload, Uploads

MOST_PENDING = 5_000
_FIRST_RETRY, _LAST_RETRY = 5.0, 300.0
"""Seconds to the first retry of deferred uploads, doubled each time up to the second number."""
_INTERRUPT_SECONDS = 0.5
_UNEXPECTED = "an unexpected error; see the server's log"
_WILL_RETRY = "It will be tried again automatically."

_log = logging.getLogger("quoth")


class UploadQueue:
    """Reads uploads into a library, batch after batch, in a thread of its own."""

    def __init__(self, library: Callable[[], Library]) -> None:
        """Add to the library that `library` returns when there is something to read."""
        self._library = library
        self._uploads = Uploads()
        self._scheduler = BatchScheduler(self._uploads)
        self._thread: threading.Thread | None = None
        self._attempt: Attempt | None = None
        self._woken = threading.Event()
        self._stopped = threading.Event()
        self._retry_at = 0.0
        """When deferred uploads are tried again, in seconds of `time.monotonic`."""
        self._delay = _FIRST_RETRY

    def files(self) -> list[Upload]:
        """Return recent uploads, oldest first."""
        return self._uploads.all()

    def pending(self) -> int:
        """Return how many uploads are still to be read."""
        return len(self._uploads.pending())

    @property
    def is_working(self) -> bool:
        """Whether a batch is being read, or its cancelled documents are being removed."""
        return self._attempt is not None

    @property
    def is_blocked(self) -> bool:
        """Whether reading waits for whoever else is changing the library."""
        attempt = self._attempt
        return attempt is not None and attempt.is_blocked

    def counts(self) -> UploadCounts:
        """Count the files that are being added, from those chosen to those read."""
        return self._uploads.counts()

    def announce(self, number: int) -> None:
        """Count files that a page will send; forget earlier ones if all of them were read."""
        with self._uploads.lock:
            counts = self._uploads.counts()
            if counts.is_finished and not counts.refused and not counts.unsent:
                self.dismiss()
            self._uploads.tally.announce(number)

    def arrived(self) -> None:
        """Note that an announced file has arrived."""
        with self._uploads.lock:
            self._uploads.tally.arrived()

    def refuse(self, name: str, reason: str) -> None:
        """Note that an announced file was refused on arrival."""
        self._uploads.add_refused(Upload(new_upload_id(), name, Path(), Path(), "refused", reason))

    def report(self, state: str, number: int) -> None:
        """Count announced files that a page will not send; see `UploadTally.report`."""
        with self._uploads.lock:
            self._uploads.tally.report(state, number)

    def add(self, file: SpooledFile, folder: Path) -> Upload:
        """Queue a spooled file, to be put in `folder` under its name once it is read.

        It replaces a deferred upload of the same name. If the server is stopping, it is read after
        the next start. Raises NameTakenError, and deletes the file, if another pending upload's
        path conflicts with it.
        """
        target = folder / file.name
        upload = Upload(file.id, str(file.name), target, file.path, "waiting", size=file.size)

        def check(pending: list[Upload]) -> None:
            check_conflicts(folder, target, (other.target for other in pending))

        self._scheduler.note_crash(upload, file.crashed)
        try:
            self._uploads.add(upload, check)
        except NameTakenError:
            discard(file.path)
            raise
        self._cancel_superseded()
        self._wake_thread()
        return upload

    def resume(self, folder: Path) -> None:
        """Queue the files that an earlier run left in the spool. Raises OSError."""
        files = recover(folder)
        with self._uploads.lock:  # so that the first batch is chosen among all of them
            for file in files:
                try:
                    self.add(file, folder)
                except NameTakenError as error:
                    _log.warning("A spooled file is not read: %s", error)

    def cancel(self, upload_id: int | None) -> None:
        """Cancel one pending upload, or all of them if `upload_id` is None.

        An upload that has already replaced an older document is kept.
        """
        cancelled = []
        with self._uploads.lock:
            for upload in self._uploads.pending():
                if upload_id in (None, upload.id) and (
                    self._attempt is None or self._attempt.cancel(upload)
                ):
                    self._uploads.set_state(upload, "cancelled")
                    cancelled.append(upload)
        for upload in cancelled:
            discard(upload.spooled)

    def dismiss(self) -> None:
        """Forget all finished uploads, and start to count anew."""
        with self._uploads.lock:
            self._uploads.forget_finished()
            self._uploads.tally.clear()

    def forget(self, path: Path) -> None:
        """Forget finished uploads to the path of a document that was removed."""
        self._uploads.forget_finished(path)

    def close(self) -> None:
        """Stop soon; what is not stored by then is read after the next start."""
        with self._uploads.lock:  # no thread is started after this
            self._stopped.set()
        self._woken.set()
        while self._thread is not None and self._thread.is_alive():
            attempt = self._attempt
            if attempt is not None:
                attempt.interrupt()
            self._thread.join(_INTERRUPT_SECONDS)

    def _wake_thread(self) -> None:
        """Wake the reading thread, starting it if necessary."""
        with self._uploads.lock:
            if self._thread is None and not self._stopped.is_set():
                self._thread = threading.Thread(target=self._run, name="quoth-uploads", daemon=True)
                self._thread.start()
        self._woken.set()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._woken.clear()
            pause = self._retry_at - time.monotonic()
            batch = self._scheduler.next_batch(include_deferred=pause <= 0)
            if batch:
                self._read(batch)
            else:
                has_deferred = self._uploads.in_states("deferred")
                self._woken.wait(max(pause, 0) if has_deferred else None)

    def _read(self, batch: list[Upload]) -> None:
        """Read a batch; defer or refuse what fails."""
        with self._uploads.lock:
            attempt = self._attempt = Attempt(
                self._uploads, batch, self._stopped, self._scheduler.crashed_alone
            )
        try:
            with reading_note([upload.spooled for upload in batch]):
                attempt.run(self._library())
        except StoppedError:
            pass
        except (QuothError, OSError) as error:
            self._defer(batch, f"{sentence(error)} {_WILL_RETRY}")
        except Exception:  # noqa: BLE001 (a bug of ours, logged: other files are read)
            _log.exception("Files could not be added.")
            self._isolate_bug(batch)
        else:
            self._retry_at, self._delay = 0.0, _FIRST_RETRY
        finally:
            with self._uploads.lock:
                for upload in batch:
                    if self._uploads.state_of(upload) == "reading":  # the server is stopping
                        self._uploads.set_state(upload, "waiting")
                self._attempt = None
        self._cancel_superseded()

    def _defer(self, batch: list[Upload], reason: str) -> None:
        """Defer the uploads of a batch that are still pending."""
        self._retry_at = time.monotonic() + self._delay
        self._delay = min(2 * self._delay, _LAST_RETRY)
        for upload in batch:
            if self._uploads.set_state(upload, "deferred", reason):
                self._scheduler.note_failure(upload)

    def _isolate_bug(self, batch: list[Upload]) -> None:
        """Refuse a single upload that met a bug; of several, read each suspect alone."""
        suspects = [upload for upload in batch if self._uploads.state_of(upload) == "reading"]
        if not suspects:
            self._defer(batch, f"{_UNEXPECTED}. {_WILL_RETRY}")
        elif len(batch) == 1:
            self._uploads.set_state(batch[0], "refused", _UNEXPECTED)
            discard(batch[0].spooled)
        else:
            for upload in suspects:
                self._scheduler.note_failure(upload, is_suspect=True)

    def _cancel_superseded(self) -> None:
        """Cancel deferred uploads if a newer one has the same target."""
        newest = {upload.target: upload.id for upload in self._uploads.pending()}
        for upload in self._uploads.in_states("deferred"):
            if newest.get(upload.target, upload.id) != upload.id:
                self.cancel(upload.id)
