"""One attempt to read some of the files that wait, keep their documents and put them in place."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from rag.errors import QuothError, StoreBusyError, UnreadableFileError
from rag.indexing.pipeline import Progress
from rag.indexing.readers import Readers, Reading
from rag.indexing.source_files import SourceFile, load
from rag.library import Library
from ui.jobs.file_placement import NameTakenError, make_place, put_in_place
from ui.jobs.library_lock import when_free
from ui.jobs.upload_spool import let_go
from ui.jobs.upload_states import State, Upload, Uploads

_BUSY_SECONDS = 0.5
"""Between two tries to change a library that something else changes."""
_ENDED_THE_SERVER = (
    "reading it stopped the server; it is not tried again. Send it again to try once more."
)

_log = logging.getLogger("quoth")


class StoppedError(Exception):
    """The server is closing: what is not kept yet goes on waiting."""


class Attempt:
    """Reads a batch of files, no two of one name. `cancel` and `interrupt` come from elsewhere."""

    def __init__(
        self,
        sent: Uploads,
        batch: list[Upload],
        stopped: threading.Event,
        has_ended_the_server: Callable[[Upload], bool],
    ) -> None:
        """Read `batch` until `stopped`; a file that has ended the server is not read again."""
        self._sent = sent
        self._batch = batch
        self._stopped = stopped
        self._has_ended_the_server = has_ended_the_server
        self._parsing: tuple[int, Readers] | None = None
        """The file that is being parsed, and by what."""
        self._read: dict[str, tuple[Upload, str]] = {}
        """What was read, by its document's path, with the digest of its bytes."""
        self._cancelled: set[int] = set()
        self._replacing: set[int] = set()
        """Files that take an older document's place, which cannot be put back."""
        self._placed: set[int] = set()
        """Files that are too late to be cancelled."""

    def run(self, library: Library) -> None:
        """Read the files; settle each that is kept or cannot be.

        Raises StoppedError, and whatever stops the whole attempt: QuothError, OSError.
        """
        try:
            self._when_free(lambda: self._add(library))
        except BaseException:
            self._put_away(library, is_whole=False)
            raise
        self._put_away(library, is_whole=True)

    def cancel(self, file: Upload) -> bool:
        """Do not keep a file; return whether it can be let go at once. Needs the lock of `sent`."""
        if file.id in self._placed:
            return False
        self._cancelled.add(file.id)
        if self._parsing is not None and self._parsing[0] == file.id:
            self._parsing[1].interrupt()
        return file.id not in self._replacing

    def interrupt(self) -> None:
        """End the parsing of a file, once `stopped` is set."""
        with self._sent.lock:
            if self._parsing is not None:
                self._parsing[1].interrupt()

    def _add(self, library: Library) -> None:
        before = {info.path: info.sha256 for info in library.documents()}
        self._read.clear()
        library.add_readings(
            self._readings(before), progress=self._go_on, cancelled=self._is_cancelled
        )

    def _go_on(self, progress: Progress) -> None:
        if self._stopped.is_set():
            raise StoppedError

    def _is_cancelled(self, path: str) -> bool:
        with self._sent.lock:
            return path in self._read and self._read[path][0].id in self._cancelled

    def _when_free(self, change: Callable[[], object]) -> None:
        """Change the library when nothing else does. Raises StoppedError when stopped before."""
        if self._stopped.is_set():
            raise StoppedError
        try:
            when_free(change, self._is_stopped_soon)
        except StoreBusyError:
            raise StoppedError from None

    def _is_stopped_soon(self) -> bool:
        return self._stopped.wait(_BUSY_SECONDS)

    def _readings(self, before: dict[str, str]) -> Iterator[Reading]:
        with Readers() as readers:
            for file in self._batch:
                if self._stopped.is_set():
                    return
                if not self._sent.move(file, "reading"):
                    continue  # cancelled while it waited
                try:
                    yield from self._reading(file, before, readers)
                except (UnreadableFileError, NameTakenError) as error:
                    self._refuse(file, error)

    def _reading(self, file: Upload, before: dict[str, str], readers: Readers) -> Iterator[Reading]:
        """Give what is read of a file, unless that is kept already."""
        loaded = load(SourceFile(file.part, file.name))
        if before.get(str(file.path)) == loaded.sha256:
            self._place(file, "unchanged")
            return
        if self._has_ended_the_server(file):
            raise UnreadableFileError(_ENDED_THE_SERVER)
        with self._noted_as_parsed(file, readers):
            reading = readers.read(replace(loaded, source=SourceFile(file.path, file.name)))
        make_place(file.path)
        with self._sent.lock:
            if self._sent.state_of(file) != "reading":
                return  # cancelled
            if str(file.path) in before or file.path.exists():
                self._replacing.add(file.id)
            self._read[str(file.path)] = file, loaded.sha256
        yield reading

    @contextmanager
    def _noted_as_parsed(self, file: Upload, readers: Readers) -> Iterator[None]:
        with self._sent.lock:
            self._parsing = file.id, readers
        try:
            yield
        finally:
            with self._sent.lock:  # from here on another file's parsing would be interrupted
                self._parsing = None

    def _refuse(self, file: Upload, error: QuothError) -> None:
        """Settle a file that cannot be read. Raises OSError when that is the disk's fault."""
        cause = error.__cause__
        if isinstance(cause, OSError) and not isinstance(cause, FileNotFoundError):
            raise cause
        if not self._stopped.is_set():  # else its parsing was interrupted
            self._sent.move(file, "refused", str(error))
            let_go(file.part)

    def _put_away(self, library: Library, *, is_whole: bool) -> None:
        """Put files whose documents are kept in their places; forget those that were cancelled.

        `is_whole` tells that all that was read is kept, but for what was cancelled.
        """
        after = {info.path: info.sha256 for info in library.documents()}
        gone = []
        for path, (file, digest) in self._read.items():
            is_kept = after.get(path) == digest
            if not is_kept and self._is_cancelled(path):
                self._sent.move(file, "cancelled")
                let_go(file.part)
            elif (is_kept or is_whole) and not self._is_placed(file):
                gone.append(path)
        if gone:
            self._forget(library, gone)

    def _is_placed(self, file: Upload) -> bool:
        """Put a file in its place; return False when it was cancelled, or cannot be there."""
        try:
            return self._place(file, "done")
        except NameTakenError as error:  # a folder was made there meanwhile
            self._sent.move(file, "refused", str(error))
            let_go(file.part)
            return False

    def _place(self, file: Upload, state: State) -> bool:
        """Put a file in its place, unless it was cancelled. Raises NameTakenError, OSError."""
        with self._sent.lock:
            if self._sent.state_of(file) != "reading":
                return False
            self._placed.add(file.id)
        put_in_place(file.part, file.path)
        let_go(file.part)
        self._sent.move(file, state)
        return True

    def _forget(self, library: Library, paths: list[str]) -> None:
        """Take documents out again; when the server stops, try once."""
        when_free(lambda: library.remove(paths), self._is_stopped_soon)
