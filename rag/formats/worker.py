"""The parent's side of the worker: a process that parses untrusted files, one at a time.

The process starts with the first file and serves all that follow. It is killed when a file takes
too long, and replaced when it has died.
"""

import contextlib
import json
import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from rag.errors import UnreadableFileError
from rag.formats.extract import LONGEST_TEXT, Extract
from rag.formats.parts import NO_MEMORY
from rag.formats.pdf.catalog.bookmarks import Bookmark
from rag.formats.pdf.rendering import Sheet, Span
from rag.formats.watchdog import Watch
from rag.formats.worker_process import HEADER, LENGTHS

_ROOT = Path(__file__).resolve().parents[2]
_LONGEST_REPLY = 1 << 28
"""Bytes of JSON: half a million blocks, the limit, take some 30 MB, and headings may repeat all of
the text."""
_LONGEST_CONTENT = 4 * LONGEST_TEXT
"""Bytes of text in UTF-8, or of a picture."""
_PIPE = 1 << 16  # bytes
_NO_MEMORY = (b"memory allocation of", b"bad_alloc", b"Out of memory", b"out of memory",
              b"MemoryError")  # fmt: skip
"""What Rust, C++, PDFium and Python write when they abort for lack of memory."""
_NEARLY_ALL = 0.8
"""Of the memory limit. PDFium aborts without a message when an allocation fails."""
_MOST_SPOILED = 3
"""Parts of one file that may crash the process before the file is given up."""
_GROWN = 600
"""MiB. A process that has used more is replaced, since it may not return the memory."""
_SERVE = (
    "import sys; sys.path.insert(0, sys.argv[1]); from rag.formats.worker_process import main; "
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on reading one file."""

    seconds: float = 90.0
    seconds_per_mebibyte: float = 4.0
    memory: int = 3 << 29
    """Bytes of address space, on systems that can limit it."""

    def time_for(self, size: int) -> float:
        """Return the time limit for a file of `size` bytes, in seconds."""
        return self.seconds + self.seconds_per_mebibyte * (size >> 20)


class Worker:
    """Reads files in a separate process. Use it in a `with` statement, or close it."""

    def __init__(self, limits: Limits | None = None, *, before: str = "") -> None:
        """Read within `limits`. The process first runs the Python code `before`, for tests."""
        self._limits = limits or Limits()
        self._before = before
        self._guard = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_interrupted = False
        self.peak: int = 0
        """The highest memory use that any process of this worker reported, in MiB."""
        self.started: int = 0
        """The number of processes started so far."""

    def read(self, name: str, data: bytes) -> Extract:
        """Return the text of a file, whose format its name indicates.

        Raises UnreadableFileError with the reason: a fault of the file, too much time or memory,
        or a crash.
        """
        answer, content = self._request(name, {}, data)
        try:
            text = content.decode("utf-8", "surrogatepass")
            del content
            return Extract.from_columns(text, answer["extract"])
        except (LookupError, TypeError, ValueError) as error:
            raise UnreadableFileError("its reader returned an invalid result") from error

    def second_text(self, name: str, data: bytes) -> str:
        """Return a file's text by another parser; see `rag.formats.second_reading`.

        Raises UnreadableFileError as `read` does, and when there is no other parser for its kind.
        """
        _, content = self._request(name, {"again": True}, data)
        return content.decode("utf-8", "surrogatepass")

    def draw(
        self, data: bytes, page: int, spans: Sequence[Span] = (), *, tinted: bool = False
    ) -> Sheet:
        """Return a page of a PDF as a picture, pages counted from 1, and where spans stand on it.

        `tinted` marks them in the picture. Raises UnreadableFileError as `read` does.
        """
        answer, png = self._request("", {"page": page, "spans": spans, "tinted": tinted}, data)
        try:
            marks = tuple(tuple(map(tuple, boxes)) for boxes in answer["sheet"].pop("marks"))
            return Sheet(**answer["sheet"], marks=marks, png=png)
        except (LookupError, TypeError) as error:
            raise UnreadableFileError("its reader returned an invalid result") from error

    def bookmarks(self, data: bytes) -> list[Bookmark]:
        """Return the bookmarks of a PDF. Raises UnreadableFileError as `read` does."""
        answer, _ = self._request("", {"bookmarks": True}, data)
        try:
            return [Bookmark(**one) for one in answer["bookmarks"]]
        except (LookupError, TypeError) as error:
            raise UnreadableFileError("its reader returned an invalid result") from error

    def _request(
        self, name: str, task: dict[str, Any], data: bytes
    ) -> tuple[dict[str, Any], bytes]:
        with self._guard:
            self._is_interrupted = False
            answer, content = self._request_in_parts(name, task, data)
            self.peak = max(self.peak, answer["peak"])
            if answer["peak"] > _GROWN:
                self._stop()
        if "refused" in answer:
            raise UnreadableFileError(str(answer["refused"]))
        return answer, content

    def close(self) -> None:
        """End the process. Another `read` starts a new one."""
        with self._guard:
            self._stop()

    def interrupt(self) -> None:
        """Kill the process during a `read`, which then raises UnreadableFileError."""
        self._is_interrupted = True
        process = self._process
        if process is not None:
            process.kill()

    def __enter__(self) -> "Worker":
        """Return the worker itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """End the process."""
        self.close()

    def _request_in_parts(
        self, name: str, task: dict[str, Any], data: bytes
    ) -> tuple[dict[str, Any], bytes]:
        """Send a request, and repeat it without the part that crashed, within one time limit.

        If a part took most of the time, the rest gets as much time again, once.
        """
        limit = self._limits.time_for(len(data))
        end = time.monotonic() + limit
        spoiled: dict[int, str] = {}
        is_extended = False
        while True:
            try:
                left = max(1.0, end - time.monotonic())
                return self._send(name, {**task, "spoiled": spoiled}, data, left)
            except _Ended as ended:
                if ended.is_late and (is_extended or ended.seconds < limit / 2):
                    reason = f"reading it took longer than {limit:.0f} seconds"
                    raise UnreadableFileError(reason) from None
                if ended.is_late:
                    is_extended, end = True, time.monotonic() + limit
                if not ended.step or len(spoiled) == _MOST_SPOILED or self._is_interrupted:
                    raise UnreadableFileError(ended.reason) from None
                # Higher numbers were parts within this one; without it, they number other parts.
                spoiled = {n: why for n, why in spoiled.items() if n < ended.step}
                spoiled[ended.step] = ended.reason

    def _send(
        self, name: str, task: dict[str, Any], data: bytes, limit: float
    ) -> tuple[dict[str, Any], bytes]:
        """Send a request and return the response. Raises _Ended when the process ends instead."""
        process = self._running()
        watch = Watch(process, limit)
        watch.start()
        progress = _Progress()
        answered = False
        try:
            answer = _exchange(process, name, task, data, limit, progress)
            answered = True
            _stderr_of(process)  # emptied, so that a later crash can be read
        except _ProcessEnded:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(1)  # for its exit status, before it is killed
            is_full = watch.used > _NEARLY_ALL * self._limits.memory
            reason = NO_MEMORY if is_full else _crash(process)
            if watch.is_late:
                reason = f"reading it took longer than {limit:.0f} seconds"
            raise _Ended(reason, progress, is_late=watch.is_late) from None
        finally:
            watch.stop()
            if not answered:  # failed or interrupted: the process is in an unknown state
                self._stop()
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._stop()
            self.started += 1
            self._process = subprocess.Popen(
                # -P: do not import from the current folder, which may be the one being indexed
                [sys.executable, "-P", "-c", f"{_SERVE}{self._before}\nmain(int(sys.argv[2]))",
                 str(_ROOT), str(self._limits.memory)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )  # fmt: skip
        return self._process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout, process.stderr):
                _close(stream)


class _ProcessEnded(Exception):
    """The process ended in the middle of a file."""


class _Ended(Exception):
    """Why a process ended, in which part of the file, and whether it was for taking too long."""

    def __init__(self, reason: str, progress: "_Progress", *, is_late: bool) -> None:
        super().__init__(reason)
        self.reason, self.step, self.is_late = reason, progress.step, is_late
        self.seconds = time.monotonic() - progress.since if progress.step else 0.0


@dataclass(slots=True)
class _Progress:
    """The part of a file being read; see `rag.formats.parts`."""

    step: int = 0
    """The part's number; 0 outside all parts."""
    since: float = 0.0
    """When it was entered or returned to, by `time.monotonic`."""


def _crash(process: subprocess.Popen[bytes]) -> str:
    """Return why a process ended that was not killed."""
    if any(sign in _stderr_of(process) for sign in _NO_MEMORY):
        return NO_MEMORY
    return (
        f"its reader crashed (exit status {process.returncode}); open it in the program that made "
        "it, and save it again or as PDF"
    )


def _stderr_of(process: subprocess.Popen[bytes]) -> bytes:
    """Return the unread standard error of a process, up to the size of a pipe."""
    assert process.stderr is not None  # noqa: S101
    try:
        os.set_blocking(process.stderr.fileno(), False)
    except (AttributeError, OSError):  # Windows, where the process writes nothing
        return b""
    return process.stderr.read(_PIPE) or b""


def _exchange(
    process: subprocess.Popen[bytes],
    name: str,
    task: dict[str, Any],
    data: bytes,
    limit: float,
    progress: _Progress,
) -> tuple[dict[str, Any], bytes]:
    assert process.stdin is not None  # noqa: S101
    assert process.stdout is not None  # noqa: S101
    encoded_name = name.encode("utf-8", "surrogatepass")
    encoded_task = json.dumps(task).encode()
    header = HEADER.pack(len(encoded_name), len(encoded_task), len(data), math.ceil(limit))
    try:
        process.stdin.write(header + encoded_name + encoded_task)
        process.stdin.write(data)
        process.stdin.flush()
        reply_size = 0
        while not reply_size:
            reply_size, content_size = LENGTHS.unpack(_received(process.stdout, LENGTHS.size))
            progress.step, progress.since = 0 if reply_size else content_size, time.monotonic()
        if reply_size > _LONGEST_REPLY or content_size > _LONGEST_CONTENT:
            raise _ProcessEnded
        answer: dict[str, Any] = json.loads(_received(process.stdout, reply_size))
        return answer, _received(process.stdout, content_size)
    except (BrokenPipeError, ConnectionResetError) as error:
        raise _ProcessEnded from error


def _received(stream: IO[bytes], size: int) -> bytes:
    """Return exactly `size` bytes. Raises _ProcessEnded when there are fewer."""
    data = stream.read(size)
    if len(data) != size:
        raise _ProcessEnded
    return data


def _close(stream: IO[bytes] | None) -> None:
    if stream is not None:
        with contextlib.suppress(BrokenPipeError):  # the rest of a request that was not read
            stream.close()
