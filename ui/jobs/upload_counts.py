"""Counts of the files that are being added, from the moment they are chosen to the end.

A page announces how many files it will send, and reports those that it will not send after all.
So the numbers add up even if a page is closed while it sends. They go on until they are dismissed,
or until files are chosen after all others were read.
"""

from collections import Counter
from dataclasses import dataclass

PAGE_REPORTS = ("refused", "cancelled", "unsent")


@dataclass(frozen=True, slots=True)
class UploadCounts:
    """How many files were chosen, and how far they are.

    `chosen` is the sum of the others without `sent`, and of `expected`.
    """

    chosen: int
    sent: int
    """That arrived here, whatever became of them."""
    waiting: int
    reading: int
    read: int
    refused: int
    cancelled: int
    unsent: int
    """That will not come: their page was closed, or could not reach the server."""
    expected: int
    """That have not arrived yet."""

    @property
    def finished(self) -> int:
        """How many need nothing more."""
        return self.read + self.refused + self.cancelled + self.unsent

    @property
    def is_finished(self) -> bool:
        """Whether no file is left to arrive or to be read."""
        return self.finished == self.chosen


class UploadTally:
    """Counts files in every state but pending. Hold the lock of the uploads while using it."""

    def __init__(self) -> None:
        """Start at zero."""
        self.clear()

    def clear(self) -> None:
        """Start at zero again."""
        self._expected = 0
        self._arrived: Counter[str] = Counter()
        """Files that arrived and are finished, by state."""
        self._reported: Counter[str] = Counter()
        """Files that did not arrive, by what became of them."""

    def announce(self, number: int) -> None:
        """Count files that a page will send."""
        self._expected += number

    def arrived(self) -> None:
        """Note that an announced file has arrived; as an upload it is counted anew."""
        self._expected = max(0, self._expected - 1)

    def report(self, state: str, number: int) -> None:
        """Count announced files that will not be uploads, by one of PAGE_REPORTS."""
        self._expected = max(0, self._expected - number)
        self._reported[state] += number

    def finish(self, state: str) -> None:
        """Count an upload that has reached a final state."""
        self._arrived[state] += 1

    def counts(self, pending: Counter[str]) -> UploadCounts:
        """Return the counts, with the uploads that are pending by state."""
        arrived, reported = self._arrived, self._reported
        sent = pending.total() + arrived.total()
        return UploadCounts(
            chosen=self._expected + sent + reported.total(),
            sent=sent,
            waiting=pending["waiting"] + pending["deferred"],
            reading=pending["reading"],
            read=arrived["done"] + arrived["unchanged"],
            refused=arrived["refused"] + reported["refused"],
            cancelled=arrived["cancelled"] + reported["cancelled"],
            unsent=reported["unsent"],
            expected=self._expected,
        )
