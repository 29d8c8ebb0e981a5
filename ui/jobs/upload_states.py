"""Uploads and their states: one table, with one way to change a state.

    waiting -> reading -> done | unchanged     the document is stored and its file in place
       ^         |------> refused              the file cannot be read and is deleted
       |         |------> deferred             the disk or the library refuses; tried again later
       |---------|                             the server stops; read after the next start
    waiting | reading | deferred -> cancelled  by a person; the file is deleted

The file of an upload lies in the spool while the upload is pending (waiting, reading or deferred),
and only then.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from ui.jobs.upload_counts import UploadCounts, UploadTally

State = Literal["waiting", "reading", "deferred", "done", "unchanged", "refused", "cancelled"]

PENDING: frozenset[State] = frozenset(("waiting", "reading", "deferred"))
TRANSITIONS: dict[State, frozenset[State]] = {
    "waiting": frozenset(("reading", "deferred", "cancelled")),
    "deferred": frozenset(("reading", "deferred", "cancelled")),
    "reading": frozenset(get_args(State)),
    "done": frozenset(),
    "unchanged": frozenset(),
    "refused": frozenset(),
    "cancelled": frozenset(),
}
"""The states that each state may change to."""
_MOST_FINISHED = 400
"""Finished uploads that are remembered."""


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded file and its state."""

    id: int
    name: str
    target: Path
    """Where the file goes once its document is stored."""
    spooled: Path
    """Where the file lies until then, with the same suffix."""
    state: State
    reason: str = ""
    """Why it was refused or deferred; empty otherwise."""
    size: int = 0
    """Bytes."""

    @property
    def is_pending(self) -> bool:
        """Whether the file is still to be read."""
        return self.state in PENDING


class Uploads:
    """Recent uploads, oldest first. Safe to use from several threads."""

    def __init__(self) -> None:
        """Start empty."""
        self.lock = threading.RLock()
        """Hold it to check a state and change it in one step, but not while moving files."""
        self.tally = UploadTally()
        """Hold the lock while using it."""
        self._uploads: dict[int, Upload] = {}

    def all(self) -> list[Upload]:
        """Return every upload that is remembered."""
        with self.lock:
            return list(self._uploads.values())

    def in_states(self, *states: State) -> list[Upload]:
        """Return the uploads in any of `states`."""
        return [upload for upload in self.all() if upload.state in states]

    def pending(self) -> list[Upload]:
        """Return the uploads that are still to be read."""
        return self.in_states(*PENDING)

    def state_of(self, upload: Upload) -> State | None:
        """Return the current state of an upload, or None if it was forgotten."""
        with self.lock:
            current = self._uploads.get(upload.id)
            return current.state if current else None

    def add(self, upload: Upload, check: Callable[[list[Upload]], None]) -> None:
        """Add an upload, unless `check` raises on those that are pending.

        Finished uploads to the same target are forgotten, and the oldest finished ones beyond 400.
        """
        with self.lock:
            check(self.pending())
            self.forget_finished(upload.target)
            self._uploads[upload.id] = upload
            self._forget_oldest()

    def add_refused(self, upload: Upload) -> None:
        """Add an announced file that was refused on arrival, so that its reason stays in view."""
        with self.lock:
            self.tally.report("refused", 1)
            self._uploads[upload.id] = upload
            self._forget_oldest()

    def set_state(self, upload: Upload, state: State, reason: str = "") -> bool:
        """Change the state of an upload; return False if it is finished or forgotten.

        Raises ValueError for a change that `TRANSITIONS` does not allow.
        """
        with self.lock:
            current = self._uploads.get(upload.id)
            if current is None or not current.is_pending:
                return False
            if state not in TRANSITIONS[current.state]:
                raise ValueError(f"An upload that is {current.state} cannot become {state}.")
            self._uploads[upload.id] = replace(current, state=state, reason=reason)
            if state not in PENDING:
                self.tally.finish(state)
            return True

    def counts(self) -> UploadCounts:
        """Count the files that are being added, and those that will be or were."""
        with self.lock:
            return self.tally.counts(Counter(upload.state for upload in self.pending()))

    def forget_finished(self, target: Path | None = None) -> None:
        """Forget all finished uploads, or those to one target."""
        with self.lock:
            self._forget(
                upload.id
                for upload in self.all()
                if not upload.is_pending and target in (None, upload.target)
            )

    def _forget_oldest(self) -> None:
        finished = [upload.id for upload in self.all() if not upload.is_pending]
        self._forget(finished[: max(0, len(finished) - _MOST_FINISHED)])

    def _forget(self, ids: Iterable[int]) -> None:
        for upload_id in ids:
            del self._uploads[upload_id]
