"""The library behind a server: the examples at first, the person's own once a file is added."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import filelock

from rag.casework.casework import Casework
from rag.errors import SourceError
from rag.library import Library
from rag.library_folder import LibraryFolder
from ui.error_messages import disk_refusals


@dataclass(frozen=True, slots=True)
class OwnLibrary:
    """The library that replaces the examples when the first file is added."""

    folder: Path
    model: str | None = None

    def open(self) -> Library:
        """Open it. Raises as `Library.open` does."""
        return Library.open(self.folder, model=self.model)


class ServedLibrary:
    """One open library, which may change once: from the examples to the person's own."""

    def __init__(
        self, library: Library, examples: Sequence[str] = (), own: OwnLibrary | None = None
    ) -> None:
        """Serve `library`; when it holds examples only, `own` replaces it at the first file."""
        self._library = library
        self._own = own
        self._opened: Library | None = None
        self._opening = threading.Lock()
        self._claim: filelock.BaseFileLock | None = None
        self.examples = tuple(examples)
        """Questions to offer before the first one."""

    @property
    def current(self) -> Library:
        """The library that questions are put to."""
        return self._library

    @property
    def casework(self) -> Casework:
        """The person's cases and conversations.

        While the examples are shown, they are kept where the person's own library will be.
        """
        own, library = self._own, self._library
        return library.casework if own is None else Casework(own.folder, library.store.view)

    @property
    def shows_examples(self) -> bool:
        """Whether its documents are examples, which the first added file replaces."""
        return self._own is not None

    def open_own(self) -> Library:
        """Return the library that documents are added to, opened in place of the examples."""
        with self._opening:
            if self._own is not None:
                self._opened = self._own.open()
                self._own, self._library, self.examples = None, self._opened, ()
            return self._library

    def files_folder(self) -> Path:
        """Return the folder that uploaded files are kept in, created if missing.

        Raises SourceError when the library is not kept in a folder, DiskError.
        """
        library = self.open_own()
        if not library.folder:
            raise SourceError("This library is kept in memory only: no file can be added to it.")
        folder = LibraryFolder(Path(library.folder)).uploads
        with disk_refusals():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._claim_uploads(folder.parent)
        return folder

    def claimed_files(self) -> Path | None:
        """Return the folder of uploaded files, claimed for this server.

        None when there is no such folder yet, or when another server has claimed it.
        """
        folder = str(self._own.folder) if self._own else self._library.folder
        files = LibraryFolder(Path(folder)).uploads
        if folder and files.is_dir() and self._claim_uploads(Path(folder)):
            return files
        return None

    def _claim_uploads(self, folder: Path) -> bool:
        """Claim a library's uploads until closed; return False when another server has them."""
        if self._claim is None:
            lock = LibraryFolder(folder).server_lock
            claim = filelock.FileLock(lock, mode=0o600, thread_local=False)
            try:
                claim.acquire(timeout=0)
            except OSError:  # claimed by another server, or the folder is read-only
                return False
            self._claim = claim
        return True

    def close(self) -> None:
        """Close the library that was opened here, and give up the claim."""
        if self._opened is not None:
            self._opened.close()
        if self._claim is not None:
            self._claim.release()
