"""A thread that kills a worker process after a time limit, and records its peak memory."""

import subprocess
import threading
import time
from pathlib import Path

_INTERVAL = 0.1  # seconds


class Watch(threading.Thread):
    """Watches a process from `start` to `stop`."""

    def __init__(self, process: subprocess.Popen[bytes], limit: float) -> None:
        """Watch a process that may run for `limit` seconds."""
        super().__init__(daemon=True)
        self.is_late: bool = False
        """Whether the process was killed for taking too long."""
        self.used: int = 0
        """Its peak address space while watched, in bytes; 0 if it was no higher than before, or if
        the system does not report it."""
        self._process = process
        self._before = _address_space(process.pid)
        self._end = time.monotonic() + limit
        self._stopped = threading.Event()

    def run(self) -> None:
        """Check the process until `stop` is called or the time is up."""
        while not self._stopped.wait(min(_INTERVAL, max(0.0, self._end - time.monotonic()))):
            if (peak := _address_space(self._process.pid)) > self._before:
                self.used = peak
            if time.monotonic() >= self._end:
                self.is_late = True
                self._process.kill()
                return

    def stop(self) -> None:
        """Stop watching."""
        self._stopped.set()
        self.join()


def _address_space(pid: int) -> int:
    """Return a process's peak address space in bytes; 0 if the system does not report it."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("ascii", "replace").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("VmPeak:")), 0)
