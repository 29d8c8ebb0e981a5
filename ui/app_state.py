"""What the page's routes share: the library, the files being added, the queue of questions."""

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import filelock

from rag.chat.followups import Followed, follow
from rag.chat.suggestions import Topic, topics
from rag.config import answer_seconds
from rag.documents.page_images import PageImages
from rag.errors import QuestionError, SourceError
from rag.library import Library
from rag.library_folder import LibraryFolder
from rag.query.syntax import Search, parse
from ui.admission import AdmissionQueue
from ui.error_messages import disk_refusals
from ui.jobs.library_lock import retry_while_busy
from ui.jobs.model_switch import ModelSwitch
from ui.jobs.trash import Trash
from ui.jobs.upload_queue import UploadQueue

WAITING_QUESTIONS = 64
_STARTING_SECONDS = 60.0
"""How long a question may take until the model is loaded, which the first one waits for."""
_READING, _READING_WAITING = 4, 256
"""How many read documents at once, and how many more wait: they take no question's place."""
_READING_SECONDS = 20.0
_EXPORTING, _EXPORTING_WAITING = 1, 19
"""The same of exports, whose bodies are read only then: each may take some 10 MB of memory."""
_CHANGING, _CHANGING_WAITING = 1, 32
"""The same of removals, which wait for each other and for files that are being added."""
_BUSY_SECONDS, _BUSY_PAUSE = 5.0, 0.1
"""How long a removal waits for the library, and between two tries."""
_log = logging.getLogger("quoth")


@dataclass(frozen=True, slots=True)
class OwnLibrary:
    """The library that files go to while examples are shown: made when the first one comes."""

    folder: Path
    model: str | None = None

    def open(self) -> Library:
        """Open it. Raises as `Library.open` does."""
        return Library.open(self.folder, model=self.model)


class AppState:
    """One open library behind the page."""

    def __init__(
        self,
        library: Library,
        examples: Sequence[str] = (),
        *,
        own: OwnLibrary | None = None,
    ) -> None:
        """Ask `library`; where it holds examples only, `own` is the one that files go to.

        Raises SettingError.
        """
        self._seconds = answer_seconds()
        self._library = library
        self._own = own
        self._opened: Library | None = None
        self._lock = threading.Lock()
        self._examples = tuple(examples)
        self.uploads = UploadQueue(self.library_to_change)
        self._trash = Trash()
        self.model_switch = ModelSwitch(lambda: self.library)
        self.pages = PageImages()
        self.questions = AdmissionQueue(
            os.cpu_count() or 2, WAITING_QUESTIONS, self._answer_seconds
        )
        self.reading = AdmissionQueue(_READING, _READING_WAITING, lambda: _READING_SECONDS)
        self.exporting = AdmissionQueue(_EXPORTING, _EXPORTING_WAITING, lambda: _READING_SECONDS)
        self.changing = AdmissionQueue(_CHANGING, _CHANGING_WAITING)
        self._claim: filelock.BaseFileLock | None = None
        self.is_ready = False
        """Whether the model is loaded, so that a question is answered at once."""

    def _answer_seconds(self) -> float:
        return self._seconds if self.is_ready else max(self._seconds, _STARTING_SECONDS)

    @property
    def library(self) -> Library:
        """The library that is asked."""
        return self._library

    @property
    def examples(self) -> tuple[str, ...]:
        """Questions to offer before the first one."""
        return self._examples

    @property
    def shows_examples(self) -> bool:
        """Whether its documents are only examples, which give way to the first one added."""
        return self._own is not None

    def library_to_change(self) -> Library:
        """Return the library that documents are added to, opening it in place of the examples."""
        with self._lock:
            if self._own is not None:
                self._opened = self._own.open()
                self._own, self._library, self._examples = None, self._opened, ()
            return self._library

    def files_folder(self) -> Path:
        """Return where files that the page takes in are kept, made when missing.

        Raises SourceError when the library is not kept in a folder, DiskError.
        """
        library = self.library_to_change()
        if not library.folder:
            raise SourceError("This library is kept in memory only: no file can be added to it.")
        folder = LibraryFolder(Path(library.folder)).uploads
        with disk_refusals():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._is_first(folder.parent)
        return folder

    def remove(self, key: str) -> str:
        """Take the document with an id out of the library; return its name.

        Its file stays unless the page took it in. Raises NotFoundError, StoreBusyError,
        StoreUnwritableError, DiskError, and SourceError for an example.
        """
        if self.shows_examples:
            raise SourceError("The examples go by themselves when the first document is added.")
        library = self.library
        path = library.path_of(key)
        taken_in = LibraryFolder(Path(library.folder)).uploads if library.folder else None
        name = _soon(lambda: self._trash.remove(library, key, path, taken_in))
        self.uploads.forget(Path(path))
        return name

    def restore(self, key: str) -> str:
        """Put a document back that was removed some minutes ago; return its name.

        Raises NotFoundError when it is too late, NameTakenError, StoreBusyError,
        StoreUnwritableError, DiskError.
        """
        return _soon(lambda: self._trash.undo(self.library, key))

    def ask(
        self,
        question: str,
        earlier: str,
        earlier_carried: Sequence[str],
        carry: Sequence[str] | None,
    ) -> Followed:
        """Answer a question after an earlier one. Raises as `Library.ask` does."""
        before = _parsed(earlier, earlier_carried)
        return follow(self.library, question, before, carry=carry)

    def topics(self, question: str) -> list[Topic]:
        """Return phrases near a question that is not answered. Raises as `Library.ask` does."""
        return topics(self.library, self.library.ask(question).passages)

    def warm_up(self) -> None:
        """Load the model and the indexes. Raises ModelError."""
        self.library.warm_up()
        self.is_ready = True

    def resume(self) -> None:
        """Read the files that an earlier run left waiting; delete what it left half done.

        While another server has the same library, they are that one's.
        """
        folder = str(self._own.folder) if self._own else self.library.folder
        files = LibraryFolder(Path(folder)).uploads
        if folder and files.is_dir() and self._is_first(Path(folder)):
            try:
                self._trash.recover(self.library, files)
                self.uploads.resume(files)
            except OSError as error:  # what is kept can be asked nonetheless
                _log.warning("Files that wait cannot be read: %s", error.strerror)

    def _is_first(self, library: Path) -> bool:
        """Claim what is sent to a library until closed; return whether no other server has."""
        if self._claim is None:
            claim = filelock.FileLock(
                LibraryFolder(library).server_lock, mode=0o600, thread_local=False
            )
            try:
                claim.acquire(timeout=0)
            except OSError:  # another has it, or nothing can be sent to what cannot be changed
                return False
            self._claim = claim
        return True

    def close(self) -> None:
        """Stop adding, and close the library that was opened here; nothing is undone after."""
        self.is_ready = False
        self.uploads.close()
        self.model_switch.close()
        self._trash.close()
        self.pages.close()
        if self._opened is not None:
            self._opened.close()
        if self._claim is not None:
            self._claim.release()


def _soon(change: Callable[[], str]) -> str:
    """Make a change once nothing else changes the library; raise StoreBusyError after a while.

    A file that was just added keeps the library busy until its indexes are saved.
    """
    end = time.monotonic() + _BUSY_SECONDS

    def gives_up() -> bool:
        time.sleep(_BUSY_PAUSE)
        return time.monotonic() >= end

    return retry_while_busy(change, gives_up)


def _parsed(earlier: str, carried: Sequence[str]) -> Search | None:
    """Return the question before; None when there is none that can be made sense of."""
    try:
        return parse(earlier).with_carried(tuple(carried)) if earlier.strip() else None
    except QuestionError:
        return None
