"""Documents taken out of the library by a click, and put back as they were by another.

What a removed document needs to be put back is forgotten when that is no longer possible: after
ten minutes, when more were removed since, and when the server stops.
"""

import logging
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rag.errors import NotFoundError
from rag.ids import document_id
from rag.indexing.readers import Reading
from rag.library import Library
from rag.library_folder import remove_empty_parents
from ui.error_messages import disk_refusals
from ui.jobs.file_placement import NameTakenError, put_in_place
from vector_store.records import Feedback

_UNDO_SECONDS = 600
_MOST_KEPT = 20
_SUFFIX = ".part"  # as such it is cleaned up should the server end
_TAKEN = (
    "A document of this name was added since, and is kept. "
    "Add the removed one's file again under another name."
)

_log = logging.getLogger("quoth")


@dataclass(frozen=True, slots=True)
class Removed:
    """A document that was taken out, and what is needed to put it back."""

    reading: Reading
    judgements: tuple[Feedback, ...]
    """What people said of its quotes, which goes with it."""
    moved: Path | None
    """Where its file lies meanwhile, if it was one that the page had taken in."""
    at: float


class Trash:
    """Removes documents and remembers the last ones for some minutes. Close it when done.

    Files of the person's own folders are never touched; those that the page took in go with
    their document.
    """

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._lock = threading.Lock()
        """Held all through a change, so that a restore is whole before the next begins."""
        self._removed: dict[str, Removed] = {}
        self._timer: threading.Timer | None = None
        self._is_closed = False

    def remove(self, library: Library, key: str, path: str, taken_in: Path | None) -> str:
        """Take a document out; return its name.

        `taken_in` is the folder of files that the page took in. Raises NotFoundError when it is
        gone already, StoreBusyError, StoreUnwritableError, DiskError; nothing is removed then.
        """
        with self._lock:
            contents = library.contents(path)
            judgements = tuple(
                said for said in library.store.feedback() if said.quote and said.quote.path == path
            )
            paragraphs = tuple(passage.paragraph for passage in contents.passages)
            file = Path(path)
            with disk_refusals():
                moved = _moved(file, taken_in, key)
            try:
                library.remove([path])
            except BaseException:
                if moved:
                    put_in_place(moved, file)
                raise
            if moved and taken_in:
                remove_empty_parents(file, taken_in)
            former = self._removed.pop(key, None)
            if former is not None and former.moved != moved:
                _delete(former)
            reading = Reading(contents.document, paragraphs)
            self._removed[key] = Removed(reading, judgements, moved, time.monotonic())
            self._clean()
        return contents.document.name

    def undo(self, library: Library, key: str) -> str:
        """Put a document back; return its name. Where that is refused, it can be tried again.

        Raises NotFoundError when it is too late, NameTakenError when another took its place
        since, StoreBusyError, StoreUnwritableError, DiskError.
        """
        with self._lock:
            self._clean()
            removed = self._removed.get(key)
            if removed is None:
                raise NotFoundError("It was removed too long ago. Add its file again.")
            path = Path(removed.reading.document.path)
            moved = removed.moved if removed.moved and removed.moved.exists() else None
            if _is_there(library, key) or (moved and path.exists()):
                raise NameTakenError(_TAKEN)
            if moved:
                with disk_refusals():
                    put_in_place(moved, path)
            try:
                library.add_readings([removed.reading])
            except BaseException:
                if moved:
                    path.replace(moved)
                raise
            del self._removed[key]
            for judgement in removed.judgements:
                library.store.note_feedback(judgement)
        return removed.reading.document.name

    def recover(self, library: Library, taken_in: Path) -> None:
        """Put files back whose removal the end of an earlier run cut short. Raises OSError."""
        paths = {document_id(info.path): Path(info.path) for info in library.documents()}
        for moved in taken_in.glob(f"*{_SUFFIX}"):
            path = paths.get(moved.stem)
            if path is not None and path.is_relative_to(taken_in) and not path.exists():
                with suppress(NameTakenError):
                    put_in_place(moved, path)

    def close(self) -> None:
        """Forget all: nothing can be put back any more."""
        with self._lock:
            self._is_closed = True
            self._clean()

    def _end_undo(self) -> None:
        with self._lock:
            self._clean()

    def _clean(self) -> None:
        """Forget what can no longer be put back, files included; come again for what is left."""
        oldest = time.monotonic() - _UNDO_SECONDS
        late = [
            key
            for number, (key, one) in enumerate(reversed(self._removed.items()))
            if self._is_closed or one.at <= oldest or number >= _MOST_KEPT
        ]
        for key in late:
            _delete(self._removed.pop(key))
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if self._removed:
            first = min(one.at for one in self._removed.values())
            self._timer = threading.Timer(first + _UNDO_SECONDS - time.monotonic(), self._end_undo)
            self._timer.daemon = True
            self._timer.start()


def _is_there(library: Library, key: str) -> bool:
    """Tell whether a library holds a document with an id."""
    try:
        library.path_of(key)
    except NotFoundError:
        return False
    return True


def _delete(removed: Removed) -> None:
    """Delete the file of a document that can no longer be put back."""
    if removed.moved is not None:
        try:
            removed.moved.unlink(missing_ok=True)
        except OSError as error:  # the next start tries again
            _log.warning("A removed file could not be deleted: %s", error.strerror)


def _moved(path: Path, taken_in: Path | None, key: str) -> Path | None:
    """Move a file aside that the page took in; return where to, or None for any other."""
    if taken_in is None or not path.is_relative_to(taken_in) or not path.exists():
        return None
    return path.replace(taken_in / f"{key}{_SUFFIX}")
