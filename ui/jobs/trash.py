"""Removed documents, which can be restored for some minutes.

A removal becomes final after ten minutes, after twenty later removals, and when the server stops.
"""

import logging
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rag.documents.lookup import document_of
from rag.errors import NotFoundError
from rag.ids import document_id
from rag.indexing.readers import Reading
from rag.library import Library
from rag.library_folder import remove_empty_parents
from rag.marking.marks import NO_MARK, Mark
from ui.error_messages import disk_refusals
from ui.jobs.file_placement import NameTakenError, place_file
from ui.jobs.upload_spool import TRASHED_SUFFIX
from vector_store.records import Feedback

_UNDO_SECONDS = 600
_MOST_DOCUMENTS = 20
_REPLACED = (
    "A document with the same name was added since. "
    "To have both, add the removed file again under another name."
)

_log = logging.getLogger("quoth")


@dataclass(frozen=True, slots=True)
class TrashedDocument:
    """A removed document, and what is needed to restore it."""

    reading: Reading
    judgements: tuple[Feedback, ...]
    """The judgements of its quotes, which are removed with it."""
    mark: Mark
    """Its status and tags, likewise."""
    file: Path | None
    """Where its file lies now; None if that was not an upload."""
    removed_at: float
    """In seconds of `time.monotonic`."""


class Trash:
    """Removes documents and restores recent removals. Close it when done.

    Uploaded files are deleted with their documents. The user's own files are never touched.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._lock = threading.Lock()
        """Held through a whole removal or restoration, so that they cannot overlap."""
        self._documents: dict[str, TrashedDocument] = {}
        """By document id, the latest removal last."""
        self._timer: threading.Timer | None = None
        self._is_closed = False

    def remove(self, library: Library, key: str, path: str, uploads: Path | None) -> str:
        """Remove the document with the id `key`; return its name.

        `uploads` is the folder of uploaded files, if there is one. Raises NotFoundError if the
        document does not exist, StoreBusyError, StoreUnwritableError, DiskError; nothing is
        removed then.
        """
        with self._lock:
            contents = library.contents(path)
            with library.store.view() as view:
                mark = library.document_marks.of([document_of(view, key)]).get(key, NO_MARK)
                judgements = tuple(
                    judgement
                    for judgement in view.feedback()
                    if judgement.quote and judgement.quote.path == path
                )
            paragraphs = tuple(passage.paragraph for passage in contents.passages)
            file = Path(path)
            with disk_refusals():
                trashed_file = _move_to_trash(file, uploads, key)
            try:
                library.remove([path])
            except BaseException:
                if trashed_file:
                    place_file(trashed_file, file)
                raise
            if trashed_file and uploads:
                remove_empty_parents(file, uploads)
            previous = self._documents.pop(key, None)
            if previous is not None and previous.file != trashed_file:
                _delete_file(previous)
            reading = Reading(contents.document, paragraphs)
            self._documents[key] = TrashedDocument(
                reading, judgements, mark, trashed_file, time.monotonic()
            )
            self._purge()
        return contents.document.name

    def undo(self, library: Library, key: str) -> str:
        """Restore a document; return its name. After an error, it can be tried again.

        Raises NotFoundError if it is too late, NameTakenError if another document has taken its
        place, StoreBusyError, StoreUnwritableError, DiskError.
        """
        with self._lock:
            self._purge()
            trashed = self._documents.get(key)
            if trashed is None:
                raise NotFoundError("It was removed too long ago. Add its file again.")
            path = Path(trashed.reading.document.path)
            trashed_file = trashed.file if trashed.file and trashed.file.exists() else None
            if _has_document(library, key) or (trashed_file and path.exists()):
                raise NameTakenError(_REPLACED)
            if trashed_file:
                with disk_refusals():
                    place_file(trashed_file, path)
            try:
                library.add_readings([trashed.reading])
            except BaseException:
                if trashed_file:
                    path.replace(trashed_file)
                raise
            del self._documents[key]
            for judgement in trashed.judgements:
                library.store.note_feedback(judgement)
            if trashed.mark != NO_MARK:
                with library.store.view() as view:
                    library.document_marks.put(document_of(view, key), trashed.mark)
        return trashed.reading.document.name

    def recover(self, library: Library, uploads: Path) -> None:
        """Put back the files of removals that a crash interrupted. Raises OSError."""
        paths = {document_id(info.path): Path(info.path) for info in library.documents()}
        for file in uploads.glob(f"*{TRASHED_SUFFIX}"):
            path = paths.get(file.stem)
            if path is not None and path.is_relative_to(uploads) and not path.exists():
                with suppress(NameTakenError):
                    place_file(file, path)

    def close(self) -> None:
        """Empty the trash: nothing can be restored after this."""
        with self._lock:
            self._is_closed = True
            self._purge()

    def _purge_expired(self) -> None:
        with self._lock:
            self._purge()

    def _purge(self) -> None:
        """Drop what can no longer be restored, files included; set a timer for the rest."""
        now = time.monotonic()
        expired = [
            key
            for position, (key, trashed) in enumerate(reversed(self._documents.items()))
            if self._is_closed
            or trashed.removed_at <= now - _UNDO_SECONDS
            or position >= _MOST_DOCUMENTS
        ]
        for key in expired:
            _delete_file(self._documents.pop(key))
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if self._documents:
            oldest = min(trashed.removed_at for trashed in self._documents.values())
            self._timer = threading.Timer(
                oldest + _UNDO_SECONDS - time.monotonic(), self._purge_expired
            )
            self._timer.daemon = True
            self._timer.start()


def _has_document(library: Library, key: str) -> bool:
    try:
        library.path_of(key)
    except NotFoundError:
        return False
    return True


def _delete_file(trashed: TrashedDocument) -> None:
    if trashed.file is not None:
        try:
            trashed.file.unlink(missing_ok=True)
        except OSError as error:  # the next start tries again
            _log.warning("A removed file could not be deleted: %s", error.strerror)


def _move_to_trash(path: Path, uploads: Path | None, key: str) -> Path | None:
    """Move an uploaded file aside; return its new path, or None for any other file."""
    if uploads is None or not path.is_relative_to(uploads) or not path.exists():
        return None
    return path.replace(uploads / f"{key}{TRASHED_SUFFIX}")
