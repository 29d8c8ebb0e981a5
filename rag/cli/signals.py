"""Signals that end a command as Ctrl-C does, so that every `with` is left and all is closed.

By default SIGTERM, which systemd, containers and process managers send, and SIGHUP, which a closed
terminal sends, end Python at once: files stay open in the middle of what was done.
"""

import signal
from types import FrameType

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


class TerminatedError(KeyboardInterrupt):
    """The process was told to end by another signal than Ctrl-C."""

    def __init__(self, number: int) -> None:
        """Note the signal's number."""
        super().__init__(signal.strsignal(number))
        self.number = number


def catchable() -> list[signal.Signals]:
    """Return the signals that ask to end, without those that are ignored, as under nohup."""
    numbers = [signal.Signals[name] for name in _NAMES if hasattr(signal, name)]
    return [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]


def interrupt_on_signals() -> None:
    """Let every signal that asks to end raise a KeyboardInterrupt in the main thread."""
    for number in catchable():
        if number is not signal.SIGINT:
            signal.signal(number, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise TerminatedError(number)
