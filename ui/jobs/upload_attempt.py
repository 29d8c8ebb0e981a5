"""One attempt to read a batch of uploads, store their documents and put the files in place."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from rag.errors import QuothError, StoreBusyError, UnreadableFileError
from rag.indexing.pipeline import Progress
from rag.indexing.readers import Readers, Reading
from rag.indexing.source_files import SourceFile, load
from rag.library import Library
from ui.jobs.file_placement import NameTakenError, place_file, prepare_target
from ui.jobs.library_lock import retry_while_busy
from ui.jobs.upload_spool import discard
from ui.jobs.upload_states import State, Upload, Uploads

_RETRY_SECONDS = 0.5
"""The pause between two tries to change a busy library."""
_CRASHED_THE_SERVER = (
    "reading it crashed the server, so it is not tried again. Send it again to try once more."
)


class StoppedError(Exception):
    """The server is closing; uploads that are not stored yet go on waiting."""


class Attempt:
    """Reads a batch of uploads in one thread; `cancel` and `interrupt` are called from others."""

    def __init__(
        self,
        uploads: Uploads,
        batch: list[Upload],
        stopped: threading.Event,
        crashed_alone: Callable[[Upload], bool],
    ) -> None:
        """Read `batch`, no two of it to one target, until `stopped` is set.

        An upload for which `crashed_alone` returns True is refused.
        """
        self._uploads = uploads
        self._batch = batch
        self._stopped = stopped
        self._crashed_alone = crashed_alone
        self._parsing: tuple[int, Readers] | None = None
        """The id of the upload that is being parsed, and its parser."""
        self._read: dict[str, tuple[Upload, str]] = {}
        """The uploads that were read, with the digests of their bytes, by document path."""
        self._cancelled: set[int] = set()
        self._replacing: set[int] = set()
        """Uploads that replace a document, which cannot be brought back."""
        self._placed: set[int] = set()
        """Uploads that can no longer be cancelled."""
        self.is_blocked = False
        """Whether the library is being changed by others, so that nothing can be read into it."""

    def run(self, library: Library) -> None:
        """Read the batch; finish each upload that was stored or cannot be.

        Raises StoppedError, and the QuothError or OSError that ended the whole attempt.
        """
        try:
            self._retry_while_busy(lambda: self._read_batch(library))
        except BaseException:
            self._finish(library, is_complete=False)
            raise
        self._finish(library, is_complete=True)

    def cancel(self, upload: Upload) -> bool:
        """Stop reading an upload; return whether it can be deleted at once.

        The caller holds the lock of the uploads.
        """
        if upload.id in self._placed:
            return False
        self._cancelled.add(upload.id)
        if self._parsing is not None and self._parsing[0] == upload.id:
            self._parsing[1].interrupt()
        return upload.id not in self._replacing

    def interrupt(self) -> None:
        """Interrupt the parser, once `stopped` is set."""
        with self._uploads.lock:
            if self._parsing is not None:
                self._parsing[1].interrupt()

    def _read_batch(self, library: Library) -> None:
        digests = {info.path: info.sha256 for info in library.documents()}
        self._read.clear()
        library.add_readings(
            self._readings(digests), progress=self._check_stopped, cancelled=self._is_cancelled
        )

    def _check_stopped(self, progress: Progress) -> None:
        if self._stopped.is_set():
            raise StoppedError

    def _is_cancelled(self, path: str) -> bool:
        with self._uploads.lock:
            return path in self._read and self._read[path][0].id in self._cancelled

    def _retry_while_busy(self, change: Callable[[], object]) -> None:
        """Change the library as soon as nothing else does. Raises StoppedError if that is never."""
        if self._stopped.is_set():
            raise StoppedError
        try:
            retry_while_busy(change, self._wait_unless_stopped)
        except StoreBusyError:
            raise StoppedError from None

    def _wait_unless_stopped(self) -> bool:
        self.is_blocked = True
        return self._stopped.wait(_RETRY_SECONDS)

    def _readings(self, digests: dict[str, str]) -> Iterator[Reading]:
        self.is_blocked = False
        with Readers() as readers:
            for upload in self._batch:
                if self._stopped.is_set():
                    return
                if not self._uploads.set_state(upload, "reading"):
                    continue  # cancelled while it waited
                try:
                    yield from self._reading(upload, digests, readers)
                except (UnreadableFileError, NameTakenError) as error:
                    self._refuse(upload, error)

    def _reading(
        self, upload: Upload, digests: dict[str, str], readers: Readers
    ) -> Iterator[Reading]:
        """Yield the reading of an upload, unless its bytes are stored already."""
        loaded = load(SourceFile(upload.spooled, upload.name))
        path = str(upload.target)
        if digests.get(path) == loaded.sha256:
            self._place(upload, "unchanged")
            return
        if self._crashed_alone(upload):
            raise UnreadableFileError(_CRASHED_THE_SERVER)
        with self._parsing_of(upload, readers):
            reading = readers.read(replace(loaded, source=SourceFile(upload.target, upload.name)))
        prepare_target(upload.target)
        with self._uploads.lock:
            if self._uploads.state_of(upload) != "reading":
                return  # cancelled
            if path in digests or upload.target.exists():
                self._replacing.add(upload.id)
            self._read[path] = upload, loaded.sha256
        yield reading

    @contextmanager
    def _parsing_of(self, upload: Upload, readers: Readers) -> Iterator[None]:
        with self._uploads.lock:
            self._parsing = upload.id, readers
        try:
            yield
        finally:
            with self._uploads.lock:  # a late interrupt would hit the parsing of the next file
                self._parsing = None

    def _refuse(self, upload: Upload, error: QuothError) -> None:
        """Refuse an upload that cannot be read. Raises OSError if the disk is at fault."""
        cause = error.__cause__
        if isinstance(cause, OSError) and not isinstance(cause, FileNotFoundError):
            raise cause
        if not self._stopped.is_set():  # otherwise the parser was interrupted
            self._uploads.set_state(upload, "refused", str(error))
            discard(upload.spooled)

    def _finish(self, library: Library, *, is_complete: bool) -> None:
        """Put the files of stored documents in place; remove the documents of cancelled uploads.

        `is_complete` says that every document was stored, except those of cancelled uploads.
        """
        digests = {info.path: info.sha256 for info in library.documents()}
        orphans = []
        for path, (upload, digest) in self._read.items():
            is_stored = digests.get(path) == digest
            if not is_stored and self._is_cancelled(path):
                self._uploads.set_state(upload, "cancelled")
                discard(upload.spooled)
            elif (is_stored or is_complete) and not self._try_to_place(upload):
                orphans.append(path)
        if orphans:  # once the server is stopping, this is tried once
            retry_while_busy(lambda: library.remove(orphans), self._wait_unless_stopped)

    def _try_to_place(self, upload: Upload) -> bool:
        """Put a file in place; return False if it was cancelled or its target is now taken."""
        try:
            return self._place(upload, "done")
        except NameTakenError as error:  # a folder was made there meanwhile
            self._uploads.set_state(upload, "refused", str(error))
            discard(upload.spooled)
            return False

    def _place(self, upload: Upload, state: State) -> bool:
        """Put a file in place unless it was cancelled. Raises NameTakenError, OSError."""
        with self._uploads.lock:
            if self._uploads.state_of(upload) != "reading":
                return False
            self._placed.add(upload.id)
        place_file(upload.spooled, upload.target)
        discard(upload.spooled)
        self._uploads.set_state(upload, state)
        return True
