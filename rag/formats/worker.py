"""The worker seen from outside: a process that reads untrusted files, one at a time.

It is started when first needed and goes on from file to file. One that takes too long is killed;
one that dies takes a single file's reading with it, and the next file gets a new one.
"""

import contextlib
import json
import math
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from rag.errors import UnreadableFileError
from rag.formats.extract import LONGEST_TEXT, Extract
from rag.formats.parts import NO_MEMORY
from rag.formats.watchdog import Watch
from rag.formats.worker_process import HEADER, LENGTHS

_ROOT = Path(__file__).resolve().parents[2]
_LONGEST_REPLY = 1 << 28
"""Bytes of JSON: half a million blocks, the most there may be, take some 30 MB, and headings may
repeat all of the text."""
_LONGEST_CONTENT = 4 * LONGEST_TEXT
"""Bytes of text in UTF-8, or of a picture."""
_PIPE = 1 << 16  # bytes
_NO_MEMORY = (b"memory allocation of", b"bad_alloc", b"Out of memory", b"out of memory",
              b"MemoryError")  # fmt: skip
"""What Rust, C++, PDFium and Python write when they end a process for want of memory."""
_NEARLY_ALL = 0.8
"""Of the memory a file may take. PDFium ends the process without a word where more is refused."""
_MOST_SPOILED = 3
"""Parts of one file that may take the process down before the file is given up."""
_GROWN = 600  # MiB: a worker that once used more is let go, with whatever it holds on to
_SERVE = (
    "import sys; sys.path.insert(0, sys.argv[1]); from rag.formats.worker_process import main; "
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one file may take."""

    seconds: float = 90.0
    seconds_per_mebibyte: float = 4.0
    memory: int = 3 << 29
    """Bytes of address space, where the system can hold a process to it."""

    def time_for(self, size: int) -> float:
        """Return the seconds that a file of `size` bytes may take."""
        return self.seconds + self.seconds_per_mebibyte * (size >> 20)


class Worker:
    """Reads files in a process of its own. Use it in a `with` statement, or close it."""

    def __init__(self, limits: Limits | None = None, *, before: str = "") -> None:
        """Read within `limits`. `before` is Python that the process runs first, for tests."""
        self._limits = limits or Limits()
        self._before = before
        self._guard = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_interrupted = False
        self.peak: int = 0
        """The most memory that any process of this worker reported, in MiB."""
        self.started: int = 0
        """How many processes were needed so far."""

    def read(self, name: str, data: bytes) -> Extract:
        """Return what is read of a file; its name tells its kind.

        Raises UnreadableFileError with the reason, be it the file's or that reading it took too
        long, too much memory, or the process down.
        """
        answer, content = self._answered(name, {}, data)
        try:
            text = content.decode("utf-8", "surrogatepass")
            del content
            return Extract.from_columns(text, answer["extract"])
        except (LookupError, TypeError, ValueError) as error:
            raise UnreadableFileError("its reader went astray on it") from error

    def draw(self, data: bytes, page: int, passage: str) -> bytes:
        """Return a page of a PDF as PNG, with a passage marked; pages count from 1.

        Raises UnreadableFileError as `read` does.
        """
        _, picture = self._answered("", {"page": page, "passage": passage}, data)
        return picture

    def _answered(
        self, name: str, task: dict[str, Any], data: bytes
    ) -> tuple[dict[str, Any], bytes]:
        with self._guard:
            self._is_interrupted = False
            answer, content = self._ask_in_parts(name, task, data)
            self.peak = max(self.peak, answer["peak"])
            if answer["peak"] > _GROWN:
                self._stop()
        if "refused" in answer:
            raise UnreadableFileError(str(answer["refused"]))
        return answer, content

    def close(self) -> None:
        """End the process; another `read` starts one again."""
        with self._guard:
            self._stop()

    def interrupt(self) -> None:
        """End the process though it reads; that `read` raises UnreadableFileError."""
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

    def _ask_in_parts(
        self, name: str, task: dict[str, Any], data: bytes
    ) -> tuple[dict[str, Any], bytes]:
        """Ask, and ask again without the part that took the process down, within one limit.

        Where a part took most of the time, the rest is given as much again, once.
        """
        limit = self._limits.time_for(len(data))
        end = time.monotonic() + limit
        spoiled: dict[int, str] = {}
        is_extended = False
        while True:
            try:
                left = max(1.0, end - time.monotonic())
                return self._ask(name, {**task, "spoiled": spoiled}, data, left)
            except _Ended as ended:
                if ended.is_late and (is_extended or ended.seconds < limit / 2):
                    reason = f"reading it took longer than {limit:.0f} seconds"
                    raise UnreadableFileError(reason) from None
                if ended.is_late:
                    is_extended, end = True, time.monotonic() + limit
                if not ended.step or len(spoiled) == _MOST_SPOILED or self._is_interrupted:
                    raise UnreadableFileError(ended.reason) from None
                # Parts of a higher number lay in this one: behind it, others have their numbers.
                spoiled = {n: why for n, why in spoiled.items() if n < ended.step}
                spoiled[ended.step] = ended.reason

    def _ask(
        self, name: str, task: dict[str, Any], data: bytes, limit: float
    ) -> tuple[dict[str, Any], bytes]:
        """Exchange a request for its answer. Raises _Ended when the process ends instead."""
        process = self._running()
        watch = Watch(process, limit)
        watch.start()
        progress = _Progress()
        answered = False
        try:
            answer = _exchange(process, name, task, data, limit, progress)
            answered = True
            _last_words(process)  # so that those of a crash find room
        except _ProcessEnded:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(1)  # for its own exit status, before it is killed
            is_full = watch.used > _NEARLY_ALL * self._limits.memory
            reason = NO_MEMORY if is_full else _crash(process)
            if watch.is_late:
                reason = f"reading it took longer than {limit:.0f} seconds"
            raise _Ended(reason, progress, is_late=watch.is_late) from None
        finally:
            watch.stop()
            if not answered:  # or interrupted: what the process still sends is of no use
                self._stop()
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._stop()
            self.started += 1
            self._process = subprocess.Popen(
                # -P: the current folder, which may be the one being indexed, holds no modules
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
    """The process is gone in the middle of a file."""


class _Ended(Exception):
    """Why the process is gone, in which part of the file, and whether it was ended for its time."""

    def __init__(self, reason: str, progress: "_Progress", *, is_late: bool) -> None:
        super().__init__(reason)
        self.reason, self.step, self.is_late = reason, progress.step, is_late
        self.seconds = time.monotonic() - progress.since if progress.step else 0.0


@dataclass(slots=True)
class _Progress:
    """Which part of a file is being read, 0 for none; see `rag.formats.parts`."""

    step: int = 0
    since: float = 0.0
    """When that was begun, or gone back to, by `time.monotonic`."""


def _crash(process: subprocess.Popen[bytes]) -> str:
    """Return why a process that ended by itself did, as a sentence."""
    if any(sign in _last_words(process) for sign in _NO_MEMORY):
        return NO_MEMORY
    return (
        f"its reader crashed on it (exit status {process.returncode}); open it in the program that "
        "made it, and save it anew or as PDF"
    )


def _last_words(process: subprocess.Popen[bytes]) -> bytes:
    """Return what a process wrote to standard error and nobody read, at most what a pipe holds."""
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
    encoded, told = name.encode("utf-8", "surrogatepass"), json.dumps(task).encode()
    header = HEADER.pack(len(encoded), len(told), len(data), math.ceil(limit))
    try:
        process.stdin.write(header + encoded + told)
        process.stdin.write(data)
        process.stdin.flush()
        of_reply = 0
        while not of_reply:
            of_reply, of_content = LENGTHS.unpack(_received(process.stdout, LENGTHS.size))
            progress.step, progress.since = 0 if of_reply else of_content, time.monotonic()
        if of_reply > _LONGEST_REPLY or of_content > _LONGEST_CONTENT:
            raise _ProcessEnded
        answer: dict[str, Any] = json.loads(_received(process.stdout, of_reply))
        return answer, _received(process.stdout, of_content)
    except (BrokenPipeError, ConnectionResetError) as error:
        raise _ProcessEnded from error


def _received(stream: IO[bytes], size: int) -> bytes:
    """Return so many bytes. Raises _ProcessEnded when there are fewer."""
    data = stream.read(size)
    if len(data) != size:
        raise _ProcessEnded
    return data


def _close(stream: IO[bytes] | None) -> None:
    if stream is not None:
        with contextlib.suppress(BrokenPipeError):  # what is left of a request nobody reads
            stream.close()
