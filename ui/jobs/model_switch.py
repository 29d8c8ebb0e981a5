"""Another embedding model, taken up in the background while the old one answers."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from rag.errors import QuothError
from rag.indexing.pipeline import Progress
from rag.library import Library
from ui.error_messages import sentence


@dataclass(frozen=True, slots=True)
class Change:
    """How far a change of model has come."""

    done: int
    documents: int
    is_open: bool
    reason: str = ""
    """Why it failed; empty when it did not."""


class _StoppedError(Exception):
    """The page is closing; what was embedded lies aside, and the next change goes on from it."""


class ModelSwitch:
    """Changes the model of a library, one change at a time."""

    def __init__(self, library: Callable[[], Library]) -> None:
        """Change the library that `library` returns when a change begins."""
        self._library = library
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()
        self._change: Change | None = None

    @property
    def change(self) -> Change | None:
        """The change under way, or the last one; None when there was none."""
        return self._change

    @property
    def is_open(self) -> bool:
        """Whether a change is under way."""
        return self._change is not None and self._change.is_open

    def begin(self, model: str) -> None:
        """Begin to change to a model; nothing happens while a change is under way."""
        with self._lock:
            if self.is_open or self._stopped.is_set():
                return
            self._change = Change(0, 0, is_open=True)
            self._thread = threading.Thread(target=self._run, args=(model,), daemon=True)
            self._thread.start()

    def _run(self, model: str) -> None:
        change = Change(0, 0, is_open=False)
        try:
            found = self._library().switch(model, progress=self._tell)
            change = Change(found, found, is_open=False)
        except QuothError as error:
            change = replace(change, reason=sentence(error))
        except _StoppedError:
            pass
        finally:
            self._change = change

    def _tell(self, progress: Progress) -> None:
        if self._stopped.is_set():
            raise _StoppedError
        self._change = Change(progress.files_done, progress.files, is_open=True)

    def close(self) -> None:
        """Stop, at the latest after the part that is being embedded."""
        with self._lock:  # no change begins after this
            self._stopped.set()
        if self._thread is not None:
            self._thread.join()
