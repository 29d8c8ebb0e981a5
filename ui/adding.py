"""Files that a browser sends: taken in one by one, read in the background, each with its fate.

A file waits aside (see `waiting`) until it has been read; an older one of its name stays as it is
until then. It is then kept beside the library, under its own name and folder, and becomes a
document from there; so `quoth verify` can prove its quotes, and the person finds it again.
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

from rag.errors import QuothError, UnreadableFileError
from rag.library import Library
from rag.readers import Readers, Reading, SourceFile, load
from ui.waiting import let_go, still_held

MOST_WAITING = 5_000
_LONGEST_PART = 120
_BATCH = 64
_REMEMBERED = 400
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
    """Where it is kept once it has been read."""
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
        self._next = 1
        self._working = threading.Event()
        self._cancelled: set[int] = set()
        """Also those that were dismissed since, whose document may yet be kept."""
        self._placed: dict[int, Added] = {}
        """Those of this batch that were read and put in their place."""
        self._replacing: set[int] = set()
        """Those of them that took an older file's place: too late to be cancelled."""
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

    def take(self, name: str, path: Path, part: Path) -> Added:
        """Read the file that lies at `part` when its turn comes; then keep it at `path`."""
        with self._lock:
            for old in [f.id for f in self._files.values() if f.path == path and not f.is_open]:
                del self._files[old]
            file = Added(self._next, name, path, part, "waiting")
            self._files[file.id] = file
            self._next += 1
            closed = [one.id for one in self._files.values() if not one.is_open]
            for old in closed[: max(0, len(closed) - _REMEMBERED)]:
                del self._files[old]
        self._worker.submit(self._read_batch).add_done_callback(self._report)
        return file

    def resume(self, folder: Path) -> None:
        """Read what still waits in a folder since the server stopped."""
        for part, name in still_held(folder):
            self.take(str(name), folder / name, part)

    def cancel(self, identity: int | None) -> None:
        """Do not read a file, or any that is still to be read; what was read of it is forgotten.

        One that was read and has taken an older one's place is kept.
        """
        with self._lock:
            for file in list(self._files.values()):
                if not file.is_open or identity not in (None, file.id):
                    continue
                if file.id not in self._replacing:
                    self._files[file.id] = replace(file, state="cancelled")
                    self._cancelled.add(file.id)
                    let_go(file.part)
                    if file.id in self._placed:
                        file.path.unlink(missing_ok=True)

    def dismiss(self) -> None:
        """Forget the files whose fate is known."""
        with self._lock:
            self._files = {i: file for i, file in self._files.items() if file.is_open}

    def close(self) -> None:
        """Stop after the document that is being kept; what waits is read after the next start."""
        self._stopped.set()
        self._worker.shutdown(cancel_futures=True)

    def _read_batch(self) -> None:
        with self._lock:
            batch = [file for file in self._files.values() if file.state == "waiting"][:_BATCH]
        if not batch or self._stopped.is_set():
            return
        self._working.set()
        try:
            library = self._library()
            known = {info.path: info.sha256 for info in library.documents()}
            library.add_readings(self._readings(batch, known))
        except (QuothError, OSError) as error:
            self._settle(batch, "refused", str(error))
        else:
            self._settle(self._being_read(), "done")
            self._forget_cancelled(library)
        finally:
            self._clear(batch)
            self._working.clear()

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
                    is_known = known.get(str(file.path)) == loaded.sha256
                    reading = None if is_known else readers.read(loaded)
                    if self._place(file, is_known or str(file.path) in known):
                        if reading is None:
                            self._change(file, "unchanged")
                        else:
                            yield reading
                except (UnreadableFileError, NameTakenError) as error:
                    self._change(file, "refused", str(error))
                    let_go(file.part)

    def _place(self, file: Added, is_known: bool) -> bool:
        """Put a file that was read in its place, unless it was cancelled; return whether it is."""
        with self._lock:
            if file.id in self._cancelled:
                return False
            if is_known or file.path.exists():
                self._replacing.add(file.id)
            put_in_place(file.part, file.path)
            # Cancelling an earlier one of this name would now delete this one.
            self._replacing.update(i for i, one in self._placed.items() if one.path == file.path)
            self._placed[file.id] = file
            return True

    def _forget_cancelled(self, library: Library) -> None:
        with self._lock:
            placed = self._placed.items()
            kept = {file.path for i, file in placed if i not in self._cancelled}
            gone = {file.path for i, file in placed if i in self._cancelled} - kept
        if gone:
            library.remove(sorted(gone))

    def _clear(self, batch: list[Added]) -> None:
        """Forget what was noted of a batch; what was read and not put in its place goes."""
        with self._lock:
            waiting = {file.id for file in self._files.values() if file.state == "waiting"}
            self._cancelled.difference_update(file.id for file in batch)
            self._placed.clear()
            self._replacing.clear()
        for file in batch:
            if file.id not in waiting:
                let_go(file.part)

    def _being_read(self) -> list[Added]:
        with self._lock:
            return [file for file in self._files.values() if file.state == "reading"]

    def _settle(self, batch: list[Added], state: State, reason: str = "") -> None:
        for file in batch:
            with self._lock:
                current = self._files.get(file.id)
            if current is not None and current.is_open:
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
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            with suppress(OSError):  # what was in it was removed
                target.rmdir()
        part.replace(target)
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise NameTakenError(_ONE_NAME) from error
