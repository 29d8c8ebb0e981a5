"""Files that a browser sends: taken in one by one, read in the background, each with its fate.

A file waits aside (see `waiting`) until its document is kept; an older one of its name stays as it
is until then. It is then moved beside the library, under its own name and folder, so that
`quoth verify` can prove its quotes, and the person finds it again. Whenever the server stops, it
is either still waiting or in its place.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Literal

import regex

from rag.errors import QuothError, StoreBusyError, UnreadableFileError
from rag.library import Library
from rag.readers import Readers, Reading, SourceFile, load
from ui.waiting import Held, let_go, still_held

MOST_WAITING = 5_000
_LONGEST_PART = 120
_BATCH = 64
_REMEMBERED = 400
_BUSY_SECONDS = 0.5
"""Between two tries to change a library that something else changes."""
_ONE_NAME = "A file and a folder cannot have one name. Rename the file, or remove the other."
# Controls, and marks that turn the direction of what follows: none belongs in a file's name.
_NOT_IN_NAMES = regex.compile(r"[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

State = Literal["waiting", "reading", "done", "unchanged", "refused", "cancelled"]

_log = logging.getLogger("quoth")


class NameTakenError(QuothError):
    """A file cannot be put in its place: another has it, or stands where its folder would."""


@dataclass(frozen=True, slots=True)
class Added:
    """A file that was sent, and what became of it."""

    id: int
    name: str
    path: Path
    """Where it is kept once its document is."""
    part: Path
    """Where it lies until then; its suffix is that of its kind."""
    state: State
    reason: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it is still to be read."""
        return self.state in ("waiting", "reading")


def safe_name(name: str) -> PurePosixPath:
    """Return a relative path for a name that a browser gave: no way out, nothing hidden.

    Raises UnreadableFileError when nothing of it is left.
    """
    parts = []
    for part in name.replace("\\", "/").split("/"):
        clean = _NOT_IN_NAMES.sub("", part).strip().lstrip(".").replace(":", "-")
        stem, dot, suffix = clean.rpartition(".")
        if len(clean.encode()) > _LONGEST_PART:
            kept = (stem or clean).encode()[: _LONGEST_PART - 20].decode("utf-8", "ignore")
            clean = kept + dot + suffix[:12] if stem else kept
        if clean:
            parts.append(clean)
    if not parts:
        raise UnreadableFileError("the file has no name")
    return PurePosixPath(*parts[-8:])


class Adding:
    """Takes files in and reads them, one batch after another, in one thread of its own."""

    def __init__(self, library: Callable[[], Library]) -> None:
        """Add to the library that `library` returns when files are there."""
        self._library = library
        self._lock = threading.Lock()
        self._files: dict[int, Added] = {}
        self._working = threading.Event()
        self._cancelled: set[int] = set()
        """Also those that were dismissed since, whose document may yet be kept."""
        self._read: dict[int, tuple[Added, str]] = {}
        """Those of this batch that were read, and the digests of their bytes."""
        self._replacing: set[int] = set()
        """Those of them that take an older document's place: too late to be cancelled."""
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="quoth-adding")
        self._stopped = threading.Event()

    def files(self) -> list[Added]:
        """Return the files that were sent lately, first sent first."""
        with self._lock:
            return list(self._files.values())

    def waiting(self) -> int:
        """Return how many files are still to be read."""
        return sum(file.is_open for file in self.files())

    @property
    def is_working(self) -> bool:
        """Whether files are read now, or what was read of cancelled ones is being forgotten."""
        return self._working.is_set()

    def take(self, held: Held, folder: Path) -> Added:
        """Read a file that waits when its turn comes; then keep it in a folder, by its name.

        One that comes while the server stops waits for the next start.
        """
        name = str(held.name)
        file = Added(held.number, name, folder / held.name, held.path, "waiting")
        with self._lock:
            for old in [f for f in self._files.values() if f.path == file.path and not f.is_open]:
                let_go(old.part)  # else one that failed would take this one's place after a start
                del self._files[old.id]
            self._files[file.id] = file
            closed = [one.id for one in self._files.values() if not one.is_open]
            for dropped in closed[: max(0, len(closed) - _REMEMBERED)]:
                del self._files[dropped]
            turn = None if self._stopped.is_set() else self._worker.submit(self._read_batch)
        if turn is not None:  # outside the lock, which the report takes
            turn.add_done_callback(self._report)
        return file

    def resume(self, folder: Path) -> None:
        """Read what still waits in a folder since the server stopped."""
        for held in still_held(folder):
            self.take(held, folder)

    def cancel(self, identity: int | None) -> None:
        """Do not read a file, or any that is still to be read; what was read of it is forgotten.

        One that was read and takes an older one's place is kept.
        """
        with self._lock:
            for file in list(self._files.values()):
                if not file.is_open or identity not in (None, file.id):
                    continue
                if file.id not in self._replacing:
                    self._files[file.id] = replace(file, state="cancelled")
                    self._cancelled.add(file.id)
                    let_go(file.part)

    def dismiss(self) -> None:
        """Forget the files whose fate is known."""
        with self._lock:
            self._files = {i: file for i, file in self._files.items() if file.is_open}

    def close(self) -> None:
        """Stop after the document that is being kept; what waits is read after the next start."""
        with self._lock:  # no file is given to a worker that was shut down
            self._stopped.set()
        self._worker.shutdown(cancel_futures=True)

    def _read_batch(self) -> None:
        with self._lock:
            batch = [file for file in self._files.values() if file.state == "waiting"][:_BATCH]
        if not batch or self._stopped.is_set():
            return
        self._working.set()
        try:
            self._keep(batch)
        finally:
            with self._lock:
                self._cancelled.difference_update(file.id for file in batch)
                self._read.clear()
                self._replacing.clear()
            self._working.clear()

    def _keep(self, batch: list[Added]) -> None:
        try:
            library = self._library()
            self._when_free(lambda: self._add(library, batch))
            self._put_away(library, [file for file, _ in self._read.values()])
        except (QuothError, OSError) as error:
            # What was not kept goes on waiting, and is tried again after the next start.
            if self._read:
                kept = {info.path: info.sha256 for info in library.documents()}
                done = [f for f, digest in self._read.values() if kept.get(str(f.path)) == digest]
                self._put_away(library, [file for file in done if file.part.exists()])
            self._settle(batch, "refused", str(error))

    def _add(self, library: Library, batch: list[Added]) -> None:
        known = {info.path: info.sha256 for info in library.documents()}
        library.add_readings(self._readings(batch, known))

    def _when_free(self, change: Callable[[], object]) -> None:
        """Change the library when nothing else does, unless stopped meanwhile."""
        while not self._stopped.is_set():
            try:
                change()
            except StoreBusyError:  # nothing was begun
                self._stopped.wait(_BUSY_SECONDS)
            else:
                return

    def _readings(self, batch: list[Added], known: dict[str, str]) -> Iterator[Reading]:
        with Readers() as readers:
            for file in batch:
                if self._stopped.is_set():
                    return
                if not self._change(file, "reading"):
                    continue  # cancelled while it waited
                try:
                    loaded = load(SourceFile(file.part, file.name))
                    loaded = replace(loaded, source=SourceFile(file.path, file.name))
                    if self._is_kept(file, loaded.sha256, known):
                        put_in_place(file.part, file.path)
                        let_go(file.part)
                        self._change(file, "unchanged")
                        continue
                    reading = readers.read(loaded)
                    make_place(file.path)
                    if self._note_read(file, loaded.sha256, known):
                        yield reading
                except (UnreadableFileError, NameTakenError) as error:
                    self._change(file, "refused", str(error))
                    let_go(file.part)

    def _is_kept(self, file: Added, digest: str, known: dict[str, str]) -> bool:
        """Tell whether a file's document is kept already, and none of this batch replaces it."""
        return known.get(str(file.path)) == digest and not self._has_earlier(file)

    def _has_earlier(self, file: Added) -> bool:
        """Tell whether another file of its name was read in this batch."""
        return any(earlier.path == file.path for earlier, _ in self._read.values())

    def _note_read(self, file: Added, digest: str, known: dict[str, str]) -> bool:
        """Note that a file was read, unless it was cancelled; return whether it is to be kept."""
        with self._lock:
            if file.id in self._cancelled:
                return False
            if self._has_earlier(file) or str(file.path) in known or file.path.exists():
                self._replacing.add(file.id)
            self._read[file.id] = file, digest
            return True

    def _put_away(self, library: Library, kept: list[Added]) -> None:
        """Put files whose documents are kept in their places; forget those that were cancelled."""
        gone = set()
        for file in kept:
            with self._lock:
                if file.id in self._cancelled:
                    gone.add(file.path)
                    continue
                gone.discard(file.path)
                put_in_place(file.part, file.path)
                let_go(file.part)
            self._change(file, "done")
        if gone:
            self._when_free(lambda: library.remove(sorted(gone)))

    def _being_read(self) -> list[Added]:
        with self._lock:
            return [file for file in self._files.values() if file.state == "reading"]

    def _settle(self, batch: list[Added], state: State, reason: str = "") -> None:
        """Note what became of those that were still to be read."""
        for file in batch:
            self._change(file, state, reason)

    def _change(self, file: Added, state: State, reason: str = "") -> bool:
        """Note what became of a file; return whether it was still to be read."""
        with self._lock:
            current = self._files.get(file.id)
            if current is None or not current.is_open:
                return False
            self._files[file.id] = replace(current, state=state, reason=reason)
            return True

    def _report(self, done: "Future[None]") -> None:
        error = None if done.cancelled() else done.exception()
        if error is not None:  # a fault of ours: the files are not left waiting for ever
            _log.error("Files could not be added.", exc_info=error)
            self._settle(self._being_read(), "refused", "an unexpected error; see the server's log")


def check_place(folder: Path, relative: PurePosixPath) -> None:
    """Raise NameTakenError when a file cannot be kept at a path in a folder."""
    target = folder / relative
    above = [folder / parent for parent in relative.parents]
    if any(path.is_file() for path in above) or (target.is_dir() and any(target.iterdir())):
        raise NameTakenError(_ONE_NAME)


def put_in_place(part: Path, target: Path) -> None:
    """Move a file to its place, in a folder made when missing. Raises NameTakenError."""
    make_place(target)
    try:
        part.replace(target)
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise NameTakenError(_ONE_NAME) from error


def make_place(target: Path) -> None:
    """Make the folder that a file is to be put in. Raises NameTakenError when it cannot be."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise NameTakenError(_ONE_NAME) from error
    if target.is_dir():
        with suppress(OSError):  # what was in it was removed
            target.rmdir()
        if target.is_dir():
            raise NameTakenError(_ONE_NAME)
