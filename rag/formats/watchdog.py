"""Watches a process that reads a file: ends it when its time is up, and sees how it grows."""

import subprocess
import threading
import time
from pathlib import Path

_OFTEN = 0.1  # seconds between two looks


class Watch(threading.Thread):
    """Watches a process from `start` to `stop`."""

    def __init__(self, process: subprocess.Popen[bytes], limit: float) -> None:
        """Watch a process that may take `limit` seconds."""
        super().__init__(daemon=True)
        self.is_late: bool = False
        """Whether the process was ended for the time it took."""
        self.used: int = 0
        """The most address space it was seen to take meanwhile, in bytes; 0 where that is no more
        than before, or the system does not say."""
        self._process = process
        self._before = _address_space(process.pid)
        self._end = time.monotonic() + limit
        self._stopped = threading.Event()

    def run(self) -> None:
        """Look until `stop` is called or the time is up."""
        while not self._stopped.wait(min(_OFTEN, max(0.0, self._end - time.monotonic()))):
            if (most := _address_space(self._process.pid)) > self._before:
                self.used = most
            if time.monotonic() >= self._end:
                self.is_late = True
                self._process.kill()
                return

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()
        self.join()


def _address_space(pid: int) -> int:
    """Return the most bytes of address space that a process had, 0 where nothing tells."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("ascii", "replace").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("VmPeak:")), 0)
