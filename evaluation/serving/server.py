"""`quoth chat` as a process of its own, for whatever measures or compares what it serves."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def serving(library: Path | None = None) -> "Iterator[tuple[str, subprocess.Popen[str]]]":
    """Serve a library, or the seeds, on a free port; give the address and the process."""
    command = [sys.executable, "-u", "-m", "rag", "chat", "--port", "0", *of_library(library)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        found = (re.search(r"http://\S+", line) for line in process.stdout or ())
        yield next(filter(None, found))[0], process
    finally:
        process.terminate()
        process.communicate(timeout=120)


def of_library(library: Path | None) -> list[str]:
    """Return a command's options that name a library; none for the seeds."""
    return ["--library", str(library)] if library else []
