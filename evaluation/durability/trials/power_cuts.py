"""Simulate power cuts at random instants, and check the library afterwards.

A writer's operations on the disk are recorded; then the disk is reconstructed as it may look after
a power cut at some instant. Everything synced by then is there. Later writes are each there or
missing, in any order, or there in part, in pieces of 512 or 4,096 bytes. Files that SQLite removed
may be back until it syncs their folder.

Not covered: disks that report a sync without one (a test shows that these lose documents), damage
to data synced earlier, loss of new files' names although they were synced, and file systems that
bring a renamed folder back empty.
"""

import itertools
import random
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evaluation.durability.invariants import State, faults
from evaluation.durability.io_recorder import Event, record
from evaluation.durability.outcomes import Finding, captured_log
from evaluation.durability.processes import run_in_process
from evaluation.durability.watched_folder import WRITES, WatchedFolder

_LATE_WRITES = ("all lost", "all there", "some there", "some there in part")


@dataclass(slots=True)
class _File:
    """A file of SQLite's: its synced content, and the writes since."""

    synced: bytearray = field(default_factory=bytearray)
    since: list[Event] = field(default_factory=list)
    removed: bool = False
    named: bool = False
    """Whether its folder was synced after it was created."""

    def after_power_cut(self, late_writes: str, rng: random.Random) -> bytes:
        """Return what the file may contain after a power cut."""
        data = bytearray(self.synced)
        for event in self.since:
            if late_writes == "all there" or (late_writes == "some there" and rng.random() < 0.5):
                _apply(data, event)
            elif late_writes == "some there in part":
                for piece in _pieces(event, rng):
                    _apply(data, piece)
        return bytes(data)


def _apply(data: bytearray, event: Event) -> None:
    if event.kind == "cut":
        del data[event.at :]
        return
    data.extend(bytes(max(0, event.at - len(data))))
    data[event.at : event.at + len(event.data)] = event.data


def _pieces(event: Event, rng: random.Random) -> Iterator[Event]:
    """Yield random pieces of a write, each as large as a disk writes atomically."""
    if event.kind == "cut":
        yield from [event][: rng.randrange(2)]
        return
    size, end = rng.choice((512, 4096)), event.at + len(event.data)
    starts = [event.at, *range(event.at // size * size + size, end, size), end]
    for first, last in itertools.pairwise(starts):
        if rng.random() < 0.5:
            piece = event.data[first - event.at : last - event.at]
            yield event._replace(at=first, data=piece)


class Disk:
    """A library's folder on a simulated disk."""

    def __init__(self, *, lying: bool = False) -> None:
        """Start empty. A lying disk ignores requests to sync."""
        self._files: dict[str, _File] = {}
        self._saved: dict[str, dict[str, bytes]] = {}
        """The flushed files of each folder of saved indexes."""
        self._renamed: dict[str, str] = {}
        """Previous names of folders whose new names are not synced yet."""
        self._lying = lying

    def apply(self, event: Event) -> None:
        """Apply an event."""
        if event.kind in ("write", "cut"):
            file = self._files.setdefault(event.path, _File())
            if file.removed:
                file = self._files[event.path] = _File()
            file.since.append(event)
        elif event.kind == "sync" and not self._lying:
            self._sync(self._files.setdefault(event.path, _File()))
        elif event.kind == "delete":
            self._files[event.path].removed = True
        elif event.kind == "flush":
            folder, _, name = event.path.removeprefix("snapshots/").partition("/")
            if not self._lying:
                self._saved.setdefault(folder, {})[name] = event.data
        elif event.kind == "names" and event.path == "snapshots":
            self._renamed.clear()
        elif event.kind == "rename":
            old, new = Path(event.path).name, Path(event.to).name
            self._saved[new] = self._saved.pop(old, {})
            self._renamed[new] = old

    def _sync(self, file: _File) -> None:
        for event in file.since:
            _apply(file.synced, event)
        file.since.clear()
        if not file.named:  # SQLite syncs the folder with a new file
            file.named = True
            self._files = {name: f for name, f in self._files.items() if not f.removed}

    def lay_out(self, folder: Path, rng: random.Random) -> str:
        """Write what a power cut may leave to a new folder; return the fate of late writes."""
        late_writes = rng.choice(_LATE_WRITES)
        folder.mkdir(parents=True)
        for name, file in self._files.items():
            if not file.removed or rng.random() < 0.5:
                (folder / name).write_bytes(file.after_power_cut(late_writes, rng))
        newest = [*self._saved][-2:]  # older ones were removed by then
        in_place = newest[-1:] and not newest[-1].startswith("tmp-")
        for name in newest:
            # The previous one is removed once the newest is certainly in place.
            is_complete = name == newest[-1] or not in_place or newest[-1] in self._renamed
            old = self._renamed.get(name, name)
            target = folder / "snapshots" / (old if rng.random() < 0.5 else name)
            for path, data in self._saved[name].items():
                if is_complete or rng.random() < 0.7:
                    (target / path).parent.mkdir(parents=True, exist_ok=True)
                    (target / path).write_bytes(data)
        return late_writes


def run(scratch: Path, count: int, seed: int, *, lying: bool = False) -> list[Finding]:
    """Cut the power at `count` instants; return the findings."""
    rng = random.Random(seed)
    watched = WatchedFolder(scratch / "docs", rng)
    events: list[Event] = []
    for what in ("add", *rng.sample(WRITES, len(WRITES)), "add"):
        paths = watched.change(what, scratch / "library")
        recording = run_in_process(record, scratch / "library", what, watched.docs, paths)
        if recording.fault:
            return [Finding(what, "the writer failed", recording.fault)]
        events += recording.result
    instants = sorted(rng.choices(range(1, len(events)), k=count))
    return list(_cut(events, instants, watched, scratch, rng, lying=lying))


def _cut(
    events: list[Event],
    instants: Sequence[int],
    watched: WatchedFolder,
    scratch: Path,
    rng: random.Random,
    *,
    lying: bool,
) -> Iterator[Finding]:
    disk, state, at = Disk(lying=lying), State(), "opening"
    pending: State | None = None
    applied = 0
    for instant in instants:
        for event in events[applied:instant]:
            disk.apply(event)
            if event.step is not None:
                at = event.step.name
                pending = None if event.step.done else state.after(event.step)
                state = state.after(event.step) if event.step.done else state
        applied = instant
        after = scratch / "after"
        late_writes = disk.lay_out(after / "library", rng)
        allowed = (state, pending or state)
        check = run_in_process(library_faults, after / "library", allowed, watched.texts, after)
        fault = check.fault or "; ".join(check.result)
        shutil.rmtree(after)
        yield Finding(f"at {at}: {late_writes}", "not whole" if fault else "whole", fault)


def library_faults(
    folder: Path, allowed: tuple[State, ...], texts: Mapping[str, str], scratch: Path
) -> list[str]:
    """Return what is wrong with a library after a power cut, log messages included."""
    with captured_log() as messages:
        problems = faults(folder, allowed, texts, scratch)
    # Indexes are renamed into place once all of them are on the disk, so nothing is logged.
    return problems + [f"said: {message}" for message in messages]
