"""Files that were sent and what becomes of each: one table, and the one way a state changes.

    waiting -> reading -> done | unchanged     its document is kept, and the file in its place
       ^         |------> refused              it cannot be read; the file is deleted
       |         |------> deferred             the disk or the library refuses; tried again
       |---------|                             the server stops orderly; read after the next start
    waiting | reading | deferred -> cancelled  by a person; the file is deleted

As long as a file is waiting, being read or deferred it lies on the disk, and only then.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

State = Literal["waiting", "reading", "deferred", "done", "unchanged", "refused", "cancelled"]

OPEN: frozenset[State] = frozenset(("waiting", "reading", "deferred"))
"""The states of a file that is still to be read."""
NEXT: dict[State, frozenset[State]] = {
    "waiting": frozenset(("reading", "deferred", "cancelled")),
    "deferred": frozenset(("reading", "deferred", "cancelled")),
    "reading": frozenset(get_args(State)),
    "done": frozenset(),
    "unchanged": frozenset(),
    "refused": frozenset(),
    "cancelled": frozenset(),
}
"""To which states a file may go from each."""
_REMEMBERED = 400
"""Files whose fate is settled."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was sent, and what became of it."""

    id: int
    name: str
    path: Path
    """Where it is kept once its document is."""
    part: Path
    """Where it lies until then; its suffix is that of its kind."""
    state: State
    reason: str = ""
    """Why it was refused or deferred; empty otherwise."""
    size: int = 0
    """Bytes."""

    @property
    def is_open(self) -> bool:
        """Whether it is still to be read."""
        return self.state in OPEN


class Uploads:
    """The files that were sent lately, first sent first. Safe to use from several threads."""

    def __init__(self) -> None:
        """Begin without any."""
        self.lock = threading.RLock()
        """Held by who must look at a state and change it at once; never while a file is moved."""
        self._files: dict[int, Upload] = {}

    def all(self) -> list[Upload]:
        """Return all of them."""
        with self.lock:
            return list(self._files.values())

    def in_states(self, *states: State) -> list[Upload]:
        """Return those in any of some states."""
        return [file for file in self.all() if file.state in states]

    def state_of(self, file: Upload) -> State | None:
        """Return the state that a file is in now; None when it was forgotten."""
        with self.lock:
            current = self._files.get(file.id)
            return current.state if current else None

    def add(self, file: Upload, check: Callable[[list[Upload]], None]) -> None:
        """Take a file, unless `check` of those still to be read raises.

        Settled ones of its name, and the oldest settled ones beyond 400, are forgotten.
        """
        with self.lock:
            check(self.in_states(*OPEN))
            self._drop(one.id for one in self.all() if one.path == file.path and not one.is_open)
            self._files[file.id] = file
            settled = [one.id for one in self.all() if not one.is_open]
            self._drop(settled[: max(0, len(settled) - _REMEMBERED)])

    def move(self, file: Upload, state: State, reason: str = "") -> bool:
        """Change a file's state; return whether it was still to be read.

        One that is settled, or forgotten, stays as it is. Raises ValueError for a change that
        `NEXT` does not allow.
        """
        with self.lock:
            current = self._files.get(file.id)
            if current is None or not current.is_open:
                return False
            if state not in NEXT[current.state]:
                raise ValueError(f"A file that is {current.state} cannot become {state}.")
            self._files[file.id] = replace(current, state=state, reason=reason)
            return True

    def forget_settled(self, path: Path | None = None) -> None:
        """Forget the files whose fate is settled: all, or those of one path."""
        with self.lock:
            self._drop(one.id for one in self.all() if not one.is_open and path in (None, one.path))

    def _drop(self, numbers: Iterable[int]) -> None:
        for number in list(numbers):
            del self._files[number]
