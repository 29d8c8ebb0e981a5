"""Record everything a writer does to the disk, in order: writes, syncs, removals, renames."""

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
    """A single operation of a writer."""

    kind: str
    """write, cut, sync, delete (SQLite's files); flush, names, rename (saved indexes); step.

    names: a folder was synced."""
    path: str = ""
    """Relative to the library's folder."""
    at: int = 0
    """Offset of a write; length of the file after a cut."""
    data: bytes = b""
    """The bytes written; for a flush, the whole file."""
    to: str = ""
    """The new name, for a rename."""
    step: Step | None = None


class _RecordingFile(apsw.VFSFile):
    def __init__(self, name: Any, flags: list[int], record: Callable[..., None]) -> None:
        super().__init__("unix", name, flags)
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._name = path or ""  # a temporary file has no name
        self._record = record

    def xWrite(self, data: bytes, offset: int) -> None:
        self._record("write", self._name, offset, bytes(data))
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:
        self._record("cut", self._name, size)
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:
        super().xSync(flags)
        self._record("sync", self._name)


class _RecordingFileSystem(apsw.VFS):
    """SQLite's file system while registered, for every connection opened meanwhile."""

    def __init__(self, record: Callable[..., None]) -> None:
        super().__init__("recording", "unix", makedefault=True)
        self._record = record

    def xOpen(self, name: Any, flags: list[int]) -> _RecordingFile:
        return _RecordingFile(name, flags, self._record)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        super().xDelete(filename, syncdir)
        self._record("delete", filename)


@contextmanager
def _recording(folder: Path, events: list[Event]) -> Iterator[None]:
    """Append to `events` what happens to the files of a library in a `with` statement."""

    def record_event(kind: str, path: str, at: int = 0, data: bytes = b"", to: str = "") -> None:
        if Path(path).is_relative_to(folder):
            events.append(Event(kind, os.path.relpath(path, folder), at, data, to))

    fsync, rename = os.fsync, os.rename

    def recording_fsync(descriptor: int) -> None:
        fsync(descriptor)
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        if path.is_dir():
            record_event("names", str(path))
        else:
            record_event("flush", str(path), data=path.read_bytes())

    def recording_rename(old: Any, new: Any, **options: Any) -> None:
        rename(old, new, **options)
        record_event("rename", os.fspath(old), to=os.path.relpath(new, folder))

    file_system = _RecordingFileSystem(record_event)
    try:
        with patch("os.fsync", recording_fsync), patch("os.rename", recording_rename):
            yield
    finally:
        file_system.unregister()


class _StepRecorder:
    """Receives steps in place of a pipe."""

    def __init__(self, events: list[Event]) -> None:
        self._events = events

    def send(self, step: Step, /) -> None:
        self._events.append(Event("step", step=step))


def record(folder: Path, what: str, docs: Path, paths: Sequence[str]) -> list[Event]:
    """Change a library and return the events; see `writer.write` for the arguments."""
    events: list[Event] = []
    with tempfile.TemporaryDirectory() as temporary, _recording(folder, events):
        write(_StepRecorder(events), folder, what, docs, paths, Path(temporary))
    return events
