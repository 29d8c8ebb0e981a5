"""Everything that a writer tells the disk, in order: writes, syncs, removals, renames."""

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import apsw

from evaluation.durability.writer import Step, write


class Event(NamedTuple):
    """Something that a writer did."""

    kind: str
    """write, cut, sync, delete (SQLite's files); flush, names, rename (saved indexes); step."""
    path: str = ""
    """Relative to the library's folder."""
    at: int = 0
    """Where it was written, or how long the file is now."""
    data: bytes = b""
    """What was written; of a flush, the whole file."""
    to: str = ""
    """The new name."""
    step: Step | None = None


class _RecordingFile(apsw.VFSFile):
    def __init__(self, name: Any, flags: list[int], tell: Callable[..., None]) -> None:
        super().__init__("unix", name, flags)
        named = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._name = named or ""  # a temporary file has no name
        self._tell = tell

    def xWrite(self, data: bytes, offset: int) -> None:
        self._tell("write", self._name, offset, bytes(data))
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:
        self._tell("cut", self._name, size)
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:
        super().xSync(flags)
        self._tell("sync", self._name)


class _RecordingSystem(apsw.VFS):
    """SQLite's way to the disk, which all connections take that are opened meanwhile."""

    def __init__(self, tell: Callable[..., None]) -> None:
        super().__init__("recording", "unix", makedefault=True)
        self._tell = tell

    def xOpen(self, name: Any, flags: list[int]) -> _RecordingFile:
        return _RecordingFile(name, flags, self._tell)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        super().xDelete(filename, syncdir)
        self._tell("delete", filename)


@contextmanager
def _recording(folder: Path, events: list[Event]) -> Iterator[None]:
    """Add to `events` whatever is done to a library while in this."""

    def tell(kind: str, path: str, at: int = 0, data: bytes = b"", to: str = "") -> None:
        if Path(path).is_relative_to(folder):
            events.append(Event(kind, os.path.relpath(path, folder), at, data, to))

    fsync, rename = os.fsync, os.rename

    def telling_fsync(descriptor: int) -> None:
        fsync(descriptor)
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        if path.is_dir():
            tell("names", str(path))
        else:
            tell("flush", str(path), data=path.read_bytes())

    def telling_rename(old: Any, new: Any, **options: Any) -> None:
        rename(old, new, **options)
        tell("rename", os.fspath(old), to=os.path.relpath(new, folder))

    system = _RecordingSystem(tell)
    try:
        with patch("os.fsync", telling_fsync), patch("os.rename", telling_rename):
            yield
    finally:
        system.unregister()


class _Telling:
    """Takes steps, as a pipe would."""

    def __init__(self, events: list[Event]) -> None:
        self._events = events

    def send(self, step: Step, /) -> None:
        self._events.append(Event("step", step=step))


def record(folder: Path, what: str, docs: Path, paths: Sequence[str]) -> list[Event]:
    """Let a writer change a library, and return what it did; see `writing.write`."""
    events: list[Event] = []
    with tempfile.TemporaryDirectory() as temporary, _recording(folder, events):
        write(_Telling(events), folder, what, docs, paths, Path(temporary))
    return events
