"""The worker process: reads files sent to it, one after another, within limits.

It first gives up what a reader never needs: unlimited memory, writing files, starting programs, and
the network. A hostile file that exploits a C parser is in a process with nothing else in it.
"""

import contextlib
import json
import os
import signal
import struct
import sys
from dataclasses import asdict
from typing import IO, Any

from rag.errors import UnreadableFileError
from rag.formats import parts

LENGTHS = struct.Struct("<QQ")
"""Of a reply: the sizes in bytes of its JSON, and of the text or image after it. Any number of
progress reports come first: 0, and the number of the part being read (`rag.formats.parts`)."""
HEADER = struct.Struct("<QQQQ")
"""Of a request: the sizes in bytes of name, task and file, and the time limit in seconds."""

_FRAMES = 8_000
"""Of Python's stack: XML is at most 2,048 levels deep (libxml2), at up to three frames a level."""
_GRACE = 5  # seconds, for the parent to act first if it is alive

_FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.posix_spawn", "os.spawn", "os.fork",
              "os.system", "os.startfile", "os.remove", "os.rename", "os.rmdir", "os.mkdir",
              "os.truncate", "os.chmod", "os.chown", "os.link", "os.symlink", "shutil.",
              "urllib.", "webbrowser.", "ftplib.", "smtplib.", "http.")  # fmt: skip
_LARGEST_WRITE = 1 << 24  # bytes; more than 0, as some systems count writes to the null device
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def main(memory: int) -> None:
    """Serve requests on standard input until it is closed; `memory` in bytes."""
    requests, replies = _pipes()
    _limit(memory)
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # signals to the process group are for the parent
        with contextlib.suppress(ValueError, AttributeError):  # not on this system or thread
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    sys.addaudithook(_refuse)
    sys.setrecursionlimit(_FRAMES)
    while request := _receive(requests):
        name, task, data, seconds = request
        _allow(seconds)

        def report(number: int) -> None:
            replies.write(LENGTHS.pack(0, number))
            replies.flush()

        parts.begin(report, {int(n): why for n, why in task.pop("spoiled", {}).items()})
        answer, content = _respond(name, task, data)
        del request, data  # a large file would count against the memory of the next
        reply = json.dumps(answer, ensure_ascii=False).encode("utf-8", "surrogatepass")
        replies.write(LENGTHS.pack(len(reply), len(content)))
        replies.write(reply)
        replies.write(content)
        replies.flush()


def _pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Return standard input and output, and replace them, so that no library can print to them."""
    requests, replies = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(null, stream)
    try:
        os.set_blocking(2, False)  # output beyond a full pipe is lost instead of blocking
    except (AttributeError, OSError):  # Windows
        os.dup2(null, 2)
    return os.fdopen(requests, "rb"), os.fdopen(replies, "wb")


def _limit(memory: int) -> None:
    try:
        import resource
    except ImportError:  # Windows, where only the time limit applies
        return
    for which, bound in (
        ("RLIMIT_AS", memory),
        ("RLIMIT_FSIZE", _LARGEST_WRITE),
        ("RLIMIT_CORE", 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # unknown to this system, or not allowed
            resource.setrlimit(getattr(resource, which), (bound, bound))


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse what no reader needs. An audit hook cannot be removed."""
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"a reader may not do this: {event}")
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING:
        raise PermissionError("a reader may not write files")


def _allow(seconds: int) -> None:
    """Have the system kill this process when a file takes too long, in case the parent has died."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    bound = int(used.ru_utime + used.ru_stime) + seconds + _GRACE
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (bound, resource.RLIM_INFINITY))


def _receive(requests: IO[bytes]) -> tuple[str, dict[str, Any], bytes, int] | None:
    """Return the next file's name, task, bytes and time limit, or None at the end."""
    header = requests.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    name_size, task_size, data_size, seconds = HEADER.unpack(header)
    name = requests.read(name_size).decode("utf-8", "surrogatepass")
    task: dict[str, Any] = json.loads(requests.read(task_size))
    return name, task, requests.read(data_size), seconds


def _respond(name: str, task: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    """Return the response, with the peak memory so far in MiB, and the text or image.

    A task names the page to draw, or asks for the bookmarks or the second reading; an empty one,
    for the first reading.

    The text or image is separate since in JSON it would take several times the memory.
    """
    from rag.formats.dispatch import extract
    from rag.formats.pdf.catalog.bookmarks import bookmarks
    from rag.formats.pdf.rendering import draw
    from rag.formats.second_reading.texts import second_text

    try:
        answer: dict[str, Any] = {}
        content = b""
        if "page" in task:
            spans = [(text, start, end) for text, start, end in task["spans"]]
            sheet = asdict(draw(data, task["page"], spans, tinted=task["tinted"]))
            content = sheet.pop("png")
            answer = {"sheet": sheet}
        elif "bookmarks" in task:
            answer = {"bookmarks": [asdict(one) for one in bookmarks(data)]}
        elif task:
            content = second_text(name, data).encode("utf-8", "surrogatepass")
        else:
            extracted = extract(name, data)
            answer = {"extract": extracted.columns()}
            content = extracted.text.encode("utf-8", "surrogatepass")
    except UnreadableFileError as error:
        answer, content = {"refused": str(error)}, b""
    except MemoryError:
        answer, content = {"refused": parts.NO_MEMORY}, b""
    return {**answer, "peak": _peak()}, content


def _peak() -> int:
    """Return this process's peak memory in MiB; 0 if the system does not report it."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123
            # getrusage would count what the parent used before this program was started
            peaks = [line.split()[1] for line in status if line.startswith("VmHWM")]
        if peaks:
            return int(peaks[0]) >> 10
    except (OSError, ValueError):
        pass  # not on Linux
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak >> (20 if sys.platform == "darwin" else 10)
