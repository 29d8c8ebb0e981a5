"""Signals that end a command the way Ctrl-C does, so that every `with` block is left properly.

By default SIGTERM (sent by systemd, containers and process managers) and SIGHUP (sent when a
terminal closes) end Python at once, without closing the files that are being written.
"""

import signal
from types import FrameType

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


class TerminatedError(KeyboardInterrupt):
    """A signal other than Ctrl-C asked the process to end."""

    def __init__(self, number: int) -> None:
        """Keep the signal's number."""
        super().__init__(signal.strsignal(number))
        self.number = number


def catchable() -> list[signal.Signals]:
    """Return the signals that ask a process to end, except those ignored, as under nohup."""
    numbers = [signal.Signals[name] for name in _NAMES if hasattr(signal, name)]
    return [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]


def interrupt_on_signals() -> None:
    """Raise KeyboardInterrupt in the main thread for every signal that asks the process to end."""
    for number in catchable():
        if number is not signal.SIGINT:
            signal.signal(number, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise TerminatedError(number)
