"""`quoth chat` as a separate process, for whatever measures or tests what it serves."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from rag.errors import QuothError

_STOP_SECONDS = 180


@contextmanager
def serving(
    library: Path | None = None,
    *options: str,
    environment: Mapping[str, str] | None = None,
    log: IO[str] | None = None,
) -> "Iterator[tuple[str, subprocess.Popen[str]]]":
    """Serve a library, or the seed documents, on a free port; yield the address and the process.

    Other `options` of `quoth chat` are passed on, and its stderr is written to `log`. The process
    is told to stop at the end; subprocess.TimeoutExpired is raised if it does not. Raises
    QuothError when it ends before it is ready.
    """
    command = [sys.executable, "-u", "-m", "rag", "chat", "--port", "0"]
    process = subprocess.Popen(
        [*command, *library_options(library), *options],
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        env=environment,
    )
    try:
        matches = (re.search(r"http://\S+", line) for line in process.stdout or ())
        address = next(filter(None, matches), None)
        if address is None:
            reason = f"See {log.name}." if log else "Run it to see why."
            raise QuothError(f"quoth chat ended before it was ready. {reason}")
        yield address[0], process
    finally:
        process.terminate()
        process.communicate(timeout=_STOP_SECONDS)


def library_options(library: Path | None) -> list[str]:
    """Return the command-line options that name a library; none for the seed documents."""
    return ["--library", str(library)] if library else []
