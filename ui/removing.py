"""Documents taken out of the library by a click, and put back as they were by another."""

import threading
import time
from dataclasses import dataclass
from pathlib import Path

from rag.errors import NotFoundError
from rag.library import Library
from rag.readers import Reading
from ui.adding import NameTakenError, put_in_place

_UNDO_SECONDS = 600
_MOST_KEPT = 20
_TAKEN = (
    "A document of this name was added since, and is kept. "
    "Add the removed one's file again under another name."
)


@dataclass(frozen=True, slots=True)
class Removed:
    """A document that was taken out, and what is needed to put it back."""

    reading: Reading
    moved: Path | None
    """Where its file lies meanwhile, if it was one that the page had taken in."""
    at: float


class Removing:
    """Removes documents and remembers the last ones for some minutes.

    Files of the person's own folders are never touched; those that the page took in go with
    their document.
    """

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._lock = threading.Lock()
        """Held all through a change, so that a restore is whole before the next begins."""
        self._removed: dict[str, Removed] = {}

    def remove(self, library: Library, key: str, path: str, taken_in: Path | None) -> str:
        """Take a document out; return its name.

        `taken_in` is the folder of files that the page took in. Raises NotFoundError when it is
        gone already, StoreBusyError.
        """
        with self._lock:
            contents = library.contents(path)
            paragraphs = tuple(passage.paragraph for passage in contents.passages)
            library.remove([path])
            self._forget(key)
            moved = _moved(Path(path), taken_in, key)
            reading = Reading(contents.document, paragraphs)
            self._removed[key] = Removed(reading, moved, time.monotonic())
            self._clean()
        return contents.document.name

    def undo(self, library: Library, key: str) -> str:
        """Put a document back; return its name. Where that is refused, it can be tried again.

        Raises NotFoundError when it is too late, NameTakenError when another took its place
        since, StoreBusyError.
        """
        with self._lock:
            self._clean()
            removed = self._removed.get(key)
            if removed is None:
                raise NotFoundError("It was removed too long ago. Add its file again.")
            path = Path(removed.reading.document.path)
            moved = removed.moved if removed.moved and removed.moved.exists() else None
            if str(path) in (info.path for info in library.documents()) or (
                moved and path.exists()
            ):
                raise NameTakenError(_TAKEN)
            if moved:
                put_in_place(moved, path)
            try:
                library.add_readings([removed.reading])
            except BaseException:
                if moved:
                    path.replace(moved)
                raise
            del self._removed[key]
        return removed.reading.document.name

    def _clean(self) -> None:
        """Forget what was removed too long ago, files included."""
        oldest = time.monotonic() - _UNDO_SECONDS
        kept = list(self._removed.items())
        late = [key for key, one in kept if one.at < oldest]
        late += [key for key, _ in kept if key not in late][: max(0, len(kept) - _MOST_KEPT)]
        for key in late:
            self._forget(key)

    def _forget(self, key: str) -> None:
        removed = self._removed.pop(key, None)
        if removed is not None and removed.moved is not None:
            removed.moved.unlink(missing_ok=True)


def _moved(path: Path, taken_in: Path | None, key: str) -> Path | None:
    if taken_in is None or not path.is_relative_to(taken_in) or not path.exists():
        return None
    moved = taken_in / f"{key}.part"  # as such it is cleaned up should the server stop
    return path.replace(moved)
