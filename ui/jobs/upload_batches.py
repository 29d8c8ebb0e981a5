"""Which of the files that wait are read next, so that none keeps the others waiting.

Small files are read together, in the order they came, for embedding them together is faster; a
large one is read by itself, and so is one that failed with others: what goes wrong then is its
own. The three take turns, so that a small file waits for one large file at most, and the other
way round.
"""

from ui.jobs.upload_spool import Tried
from ui.jobs.upload_states import OPEN, Upload, Uploads

_LARGE = 1 << 20
"""Bytes; most papers and letters have less."""
_TOGETHER = 64
"""Small files in a batch."""
_ALONE = 2
"""From how many failures on a file is read by itself."""
_KINDS = 3


class Batches:
    """Chooses among the files that were sent; used by one thread but for `note_tried`."""

    def __init__(self, sent: Uploads) -> None:
        """Choose among `sent`."""
        self._sent = sent
        self._failures: dict[int, int] = {}
        self._fatal: set[int] = set()
        self._turn = 0

    def note_tried(self, file: Upload, tried: Tried) -> None:
        """Note how a file was tried before the server was started."""
        if tried == "with others":
            self._failures[file.id] = _ALONE
        elif tried == "alone":
            self._fatal.add(file.id)

    def note_failure(self, file: Upload, *, is_suspect: bool = False) -> None:
        """Note that a batch failed before a file was kept; a suspect is next read by itself."""
        failures = self._failures.get(file.id, 0) + 1
        self._failures[file.id] = max(failures, _ALONE) if is_suspect else failures

    def has_ended_the_server(self, file: Upload) -> bool:
        """Tell whether the server ended while it read this file alone."""
        return file.id in self._fatal

    def next(self, *, with_deferred: bool) -> list[Upload]:
        """Return the files to be read next; none when there is none."""
        earliest: dict[str, Upload] = {}
        for file in self._sent.in_states(*OPEN):  # those of one name stay in the order they came
            earliest.setdefault(str(file.path), file)
        ready = [f for f in earliest.values() if with_deferred or f.state == "waiting"]
        single = sorted(filter(self._is_single, ready), key=lambda f: self._failures[f.id])
        others = [file for file in ready if not self._is_single(file)]
        small = [file for file in others if file.size <= _LARGE]
        large = [file for file in others if file.size > _LARGE]
        kinds = small[:_TOGETHER], large[:1], single[:1]
        for turn in range(self._turn, self._turn + _KINDS):
            if kinds[turn % _KINDS]:
                self._turn = turn + 1
                return kinds[turn % _KINDS]
        return []

    def _is_single(self, file: Upload) -> bool:
        return self._failures.get(file.id, 0) >= _ALONE
