"""The state that the routes of a server share: its library, its queues and its background work."""

import logging
import os
from collections.abc import Sequence

from rag.config import answer_seconds
from rag.deadlines import Deadline, within
from rag.documents.page_images import PageImages
from rag.library import Library
from ui.admission import AdmissionQueue
from ui.documents.rows import RowsOfLibrary
from ui.jobs.model_switch import ModelSwitch
from ui.jobs.trash import Trash
from ui.jobs.upload_queue import UploadQueue
from ui.served_library import OwnLibrary, ServedLibrary

WAITING_QUESTIONS = 64
_STARTING_SECONDS = 60.0
"""The limit for a question until the model is loaded, which the first one waits for."""
_READING, _READING_WAITING = 4, 256
"""How many requests read documents at once, and how many more wait. They block no question."""
_READING_SECONDS = 20.0
_EXPORTING, _EXPORTING_WAITING = 1, 19
"""The same for exports. Their bodies are read in turn, since each may take 10 MB of memory."""
_CHANGING, _CHANGING_WAITING = 1, 32
"""The same for removals, which wait for each other and for uploads."""
_log = logging.getLogger("quoth")


class AppState:
    """A served library with its queues, uploads, trash, model switch and page images.

    It holds these and nothing more: `ui.service.Service` works with them.
    """

    def __init__(
        self, library: Library, examples: Sequence[str] = (), *, own: OwnLibrary | None = None
    ) -> None:
        """Serve `library`; when it holds examples only, `own` replaces it at the first file.

        Raises SettingError.
        """
        self._seconds = answer_seconds()
        self.served = ServedLibrary(library, examples, own)
        self.uploads = UploadQueue(self.served.open_own)
        self.trash = Trash()
        self.model_switch = ModelSwitch(lambda: self.library)
        self.page_images = PageImages()
        self.rows = RowsOfLibrary()
        self.questions = AdmissionQueue(
            os.cpu_count() or 2, WAITING_QUESTIONS, self._answer_seconds
        )
        self.reading = AdmissionQueue(_READING, _READING_WAITING, lambda: _READING_SECONDS)
        self.exporting = AdmissionQueue(_EXPORTING, _EXPORTING_WAITING, lambda: _READING_SECONDS)
        self.changing = AdmissionQueue(_CHANGING, _CHANGING_WAITING)
        self._calibrating = Deadline()
        self.is_ready = False
        """Whether the model is loaded, so that a question is answered at once."""

    def _answer_seconds(self) -> float:
        return self._seconds if self.is_ready else max(self._seconds, _STARTING_SECONDS)

    @property
    def library(self) -> Library:
        """The library that questions are put to."""
        return self.served.current

    def warm_up(self) -> None:
        """Load the model and the indexes. Raises ModelError."""
        self.rows.rows(self.library)  # so that the first page need not wait for them
        self.library.warm_up()
        self.is_ready = True

    def calibrate(self) -> None:
        """Fit the probability to the judgements where enough were made since the last fit.

        Raises as `Library.calibrate` does, and CancelledWorkError once this is closed.
        """
        with within(self._calibrating):
            self.library.calibrate_if_due()

    def resume(self) -> None:
        """Resume what an earlier run left unfinished: waiting uploads, interrupted removals.

        Does nothing while another server serves the same library.
        """
        files = self.served.claimed_files()
        if files is None:
            return
        try:
            self.trash.recover(self.library, files)
            self.uploads.resume(files)
        except OSError as error:  # the documents can be searched all the same
            _log.warning("Waiting files cannot be read: %s", error.strerror)

    def close(self) -> None:
        """Stop all background work and close the library opened here; end the time for undo."""
        self.is_ready = False
        self._calibrating.cancel()
        self.uploads.close()
        self.model_switch.close()
        self.trash.close()
        self.page_images.close()
        self.served.close()
