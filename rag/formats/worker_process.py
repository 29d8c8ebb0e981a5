"""The worker's side: reads files it is sent, one after another, within limits, and answers.

It starts by giving up what a reader never needs: memory without bound, files to write, other
programs, the network. A hostile file that gets past a parser in C finds itself in a process
that holds nothing else and is thrown away.
"""

import contextlib
import json
import os
import signal
import struct
import sys
from typing import IO, Any

from rag.errors import UnreadableFileError
from rag.formats import parts

LENGTHS = struct.Struct("<QQ")
"""Of a reply: the bytes of its JSON, and of what follows it, a text or a picture; before it come
any number of nones, each with the number of the part that is being read (`rag.formats.parts`)."""
HEADER = struct.Struct("<QQQQ")
"""Of a request: the bytes of name and task and of the file, and the seconds it may take."""

_FRAMES = 8_000
"""Of Python's stack: XML is at most 2,048 levels deep (libxml2), and a reader takes up to three
frames a level."""
_GRACE = 5  # seconds: the parent, if it lives, is to be first

_FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.posix_spawn", "os.spawn", "os.fork",
              "os.system", "os.startfile", "os.remove", "os.rename", "os.rmdir", "os.mkdir",
              "os.truncate", "os.chmod", "os.chown", "os.link", "os.symlink", "shutil.",
              "urllib.", "webbrowser.", "ftplib.", "smtplib.", "http.")  # fmt: skip
_LARGEST_WRITE = 1 << 24  # bytes; not none at all, for some systems count what a null device takes
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def main(memory: int) -> None:
    """Serve requests on standard input until it is closed; `memory` in bytes."""
    requests, replies = _pipes()
    _limit(memory)
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # sent to a group, they are for the parent
        with contextlib.suppress(ValueError, AttributeError):  # the system or the thread has none
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    sys.addaudithook(_refuse)
    sys.setrecursionlimit(_FRAMES)
    while request := _received(requests):
        name, task, data, seconds = request
        _allow(seconds)

        def report(number: int) -> None:
            replies.write(LENGTHS.pack(0, number))
            replies.flush()

        parts.begin(report, {int(n): why for n, why in task.pop("spoiled", {}).items()})
        answer, content = _answer(name, task, data)
        del request, data  # a large file, beside its text, would count against the next
        reply = json.dumps(answer, ensure_ascii=False).encode("utf-8", "surrogatepass")
        replies.write(LENGTHS.pack(len(reply), len(content)))
        replies.write(reply)
        replies.write(content)
        replies.flush()


def _pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Keep standard input and output for the parent: no library can print into them."""
    requests, replies = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(nothing, stream)
    try:
        os.set_blocking(2, False)  # what nobody takes out of the pipe is lost, and nothing waits
    except (AttributeError, OSError):  # Windows
        os.dup2(nothing, 2)
    return os.fdopen(requests, "rb"), os.fdopen(replies, "wb")


def _limit(memory: int) -> None:
    try:
        import resource
    except ImportError:  # Windows: the time limit alone holds
        return
    for which, bound in (
        ("RLIMIT_AS", memory),
        ("RLIMIT_FSIZE", _LARGEST_WRITE),
        ("RLIMIT_CORE", 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # a system may not know or allow one
            resource.setrlimit(getattr(resource, which), (bound, bound))


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse what no reader needs. An audit hook cannot be taken away again."""
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"a reader may not do this: {event}")
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING:
        raise PermissionError("a reader may not write files")


def _allow(seconds: int) -> None:
    """Let the system end this process when a file takes longer: the parent may have died."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    bound = int(used.ru_utime + used.ru_stime) + seconds + _GRACE
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (bound, resource.RLIM_INFINITY))


def _received(requests: IO[bytes]) -> tuple[str, dict[str, Any], bytes, int] | None:
    """Return the next file's name, task, bytes and time, or None when no more will come."""
    header = requests.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    of_name, of_task, of_data, seconds = HEADER.unpack(header)
    name = requests.read(of_name).decode("utf-8", "surrogatepass")
    task: dict[str, Any] = json.loads(requests.read(of_task))
    return name, task, requests.read(of_data), seconds


def _answer(name: str, task: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    """Return what was read, or why not, with the most memory used so far in MiB; and its bytes.

    These are the text that was read, or the picture that was drawn: apart from the rest, since in
    JSON they would take several times the memory on either side.
    """
    from rag.formats.dispatch import extract
    from rag.formats.pdf.rendering import draw

    try:
        answer: dict[str, Any] = {}
        if task:
            content = draw(data, int(task["page"]), str(task["passage"]))
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
    """Return the most memory this process used so far, in MiB; 0 where nothing tells."""
    try:
        with open("/proc/self/status", encoding="ascii") as told:  # noqa: PTH123
            # getrusage would do, but for counting what the parent used before it became this
            peaks = [line.split()[1] for line in told if line.startswith("VmHWM")]
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
