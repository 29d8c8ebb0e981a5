"""Switching to another embedding model in the background, while the old one answers."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from rag.errors import QuothError
from rag.indexing.pipeline import Progress
from rag.library import Library
from ui.error_messages import sentence


@dataclass(frozen=True, slots=True)
class SwitchStatus:
    """The progress of a switch, or its result."""

    done: int
    """Documents embedded so far."""
    documents: int
    is_running: bool
    reason: str = ""
    """Why it failed; empty otherwise."""


class _StoppedError(Exception):
    """The server is closing. What was embedded is kept, and the next switch continues from it."""


class ModelSwitch:
    """Switches the model of a library, one switch at a time."""

    def __init__(self, library: Callable[[], Library]) -> None:
        """Change the library that `library` returns when a switch begins."""
        self._library = library
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()
        self._status: SwitchStatus | None = None

    @property
    def status(self) -> SwitchStatus | None:
        """The status of the current or the last switch; None before the first."""
        return self._status

    @property
    def is_running(self) -> bool:
        """Whether a switch is running."""
        return self._status is not None and self._status.is_running

    def begin(self, model: str) -> None:
        """Begin a switch to `model`, unless one is running or the server is closing."""
        with self._lock:
            if self.is_running or self._stopped.is_set():
                return
            self._status = SwitchStatus(0, 0, is_running=True)
            self._thread = threading.Thread(target=self._run, args=(model,), daemon=True)
            self._thread.start()

    def _run(self, model: str) -> None:
        status = SwitchStatus(0, 0, is_running=False)
        try:
            documents = self._library().switch(model, progress=self._update)
            status = SwitchStatus(documents, documents, is_running=False)
        except QuothError as error:
            status = replace(status, reason=sentence(error))
        except _StoppedError:
            pass
        finally:
            self._status = status

    def _update(self, progress: Progress) -> None:
        if self._stopped.is_set():
            raise _StoppedError
        self._status = SwitchStatus(progress.files_done, progress.files, is_running=True)

    def close(self) -> None:
        """Stop after the batch that is being embedded."""
        with self._lock:  # no switch begins after this
            self._stopped.set()
        if self._thread is not None:
            self._thread.join()
