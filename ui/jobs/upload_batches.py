"""The order in which uploads are read, so that no file holds up all the others.

Small files are read in batches, in order of arrival, because embedding them together is faster. A
large file is read alone, and so is one that failed in a batch: then a failure is its own. The
three kinds take turns, so a small file waits for one large file at most, and a large file for one
batch.
"""

from ui.jobs.upload_spool import Crashed
from ui.jobs.upload_states import Upload, Uploads

_LARGE = 1 << 20
"""Bytes; most papers and letters have fewer."""
_BATCH_SIZE = 64
_FAILURES_TO_ISOLATE = 2
"""Failures in batches after which a file is read alone."""
_KINDS = 3


class BatchScheduler:
    """Chooses the uploads to read next. Only `note_crash` may be called from other threads."""

    def __init__(self, uploads: Uploads) -> None:
        """Choose among `uploads`."""
        self._uploads = uploads
        self._failures: dict[int, int] = {}
        self._crashed_alone: set[int] = set()
        self._turn = 0

    def note_crash(self, upload: Upload, crashed: Crashed) -> None:
        """Note whether an earlier run crashed while it read an upload."""
        if crashed == "in a batch":
            self._failures[upload.id] = _FAILURES_TO_ISOLATE
        elif crashed == "alone":
            self._crashed_alone.add(upload.id)

    def note_failure(self, upload: Upload, *, is_suspect: bool = False) -> None:
        """Note that a batch failed before it stored an upload; a suspect is isolated at once."""
        failures = self._failures.get(upload.id, 0) + 1
        self._failures[upload.id] = max(failures, _FAILURES_TO_ISOLATE) if is_suspect else failures

    def crashed_alone(self, upload: Upload) -> bool:
        """Tell whether the server crashed while it read this upload and no other."""
        return upload.id in self._crashed_alone

    def next_batch(self, *, include_deferred: bool) -> list[Upload]:
        """Return the uploads to read next, no two to the same target; empty if none is ready."""
        earliest: dict[str, Upload] = {}
        for upload in self._uploads.pending():  # those to one target stay in order of arrival
            earliest.setdefault(str(upload.target), upload)
        ready = [u for u in earliest.values() if include_deferred or u.state == "waiting"]
        isolated = sorted(filter(self._is_isolated, ready), key=lambda u: self._failures[u.id])
        others = [upload for upload in ready if not self._is_isolated(upload)]
        small = [upload for upload in others if upload.size <= _LARGE]
        large = [upload for upload in others if upload.size > _LARGE]
        batches = small[:_BATCH_SIZE], large[:1], isolated[:1]
        for turn in range(self._turn, self._turn + _KINDS):
            if batch := batches[turn % _KINDS]:
                self._turn = turn + 1
                return batch
        return []

    def _is_isolated(self, upload: Upload) -> bool:
        return self._failures.get(upload.id, 0) >= _FAILURES_TO_ISOLATE
