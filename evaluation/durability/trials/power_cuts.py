"""The power cut at random instants, as far as that can be acted out.

What a writer tells the disk is recorded; then the disk is laid out as it may look when the power
goes at some instant. What was synced by then is there. Of what was written since, each write is
there or not, whatever their order, or there in part, in pieces of 512 or 4,096 bytes. Files that
SQLite removed may be there again until it syncs their folder.

Not covered: disks that say they have synced and have not (a test shows that these lose
documents), damage to what was synced before, names of new files that get lost although they
were synced, and file systems that bring a renamed folder back empty.
"""

import itertools
import random
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evaluation.durability.invariants import State, faults
from evaluation.durability.io_recorder import Event, record
from evaluation.durability.log_capture import listening
from evaluation.durability.outcomes import Finding
from evaluation.durability.processes import checked
from evaluation.durability.watched_folder import WRITES, Followed

_KEPT = ("all lost", "all there", "some there", "some there in part")


@dataclass(slots=True)
class _File:
    """A file of SQLite's: what is on the disk for certain, and what was written since."""

    synced: bytearray = field(default_factory=bytearray)
    since: list[Event] = field(default_factory=list)
    removed: bool = False
    named: bool = False
    """Whether its folder was synced since it was made."""

    def after(self, kept: str, chance: random.Random) -> bytes:
        """Return what the file may hold when the power is gone."""
        data = bytearray(self.synced)
        for event in self.since:
            if kept == "all there" or (kept == "some there" and chance.random() < 0.5):
                _apply(data, event)
            elif kept == "some there in part":
                for piece in _pieces(event, chance):
                    _apply(data, piece)
        return bytes(data)


def _apply(data: bytearray, event: Event) -> None:
    if event.kind == "cut":
        del data[event.at :]
        return
    data.extend(bytes(max(0, event.at - len(data))))
    data[event.at : event.at + len(event.data)] = event.data


def _pieces(event: Event, chance: random.Random) -> Iterator[Event]:
    """Give some of the parts of a write that a disk writes at once."""
    if event.kind == "cut":
        yield from [event][: chance.randrange(2)]
        return
    size, end = chance.choice((512, 4096)), event.at + len(event.data)
    starts = [event.at, *range(event.at // size * size + size, end, size), end]
    for first, last in itertools.pairwise(starts):
        if chance.random() < 0.5:
            piece = event.data[first - event.at : last - event.at]
            yield event._replace(at=first, data=piece)


class Disk:
    """A library's folder, as events change it."""

    def __init__(self, *, lying: bool = False) -> None:
        """Begin with nothing; one that is lying keeps nothing of what it is told to sync."""
        self._files: dict[str, _File] = {}
        self._saved: dict[str, dict[str, bytes]] = {}
        """Folders of saved indexes, and their files as they were flushed."""
        self._renamed: dict[str, str] = {}
        """Names of folders that are not flushed yet, and what they were before."""
        self._lying = lying

    def take(self, event: Event) -> None:
        """Change as an event says."""
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
            self._files = {name: kept for name, kept in self._files.items() if not kept.removed}

    def lay_out(self, folder: Path, chance: random.Random) -> str:
        """Write what may be left of it into a new folder; return what became of late writes."""
        kept = chance.choice(_KEPT)
        folder.mkdir(parents=True)
        for name, file in self._files.items():
            if not file.removed or chance.random() < 0.5:
                (folder / name).write_bytes(file.after(kept, chance))
        newest = [*self._saved][-2:]  # what is older was removed by then
        in_place = newest[-1:] and not newest[-1].startswith("tmp-")
        for name in newest:
            # The one before is removed once the newest is in its place for certain.
            whole = name == newest[-1] or not in_place or newest[-1] in self._renamed
            old = self._renamed.get(name, name)
            to = folder / "snapshots" / (old if chance.random() < 0.5 else name)
            for path, data in self._saved[name].items():
                if whole or chance.random() < 0.7:
                    (to / path).parent.mkdir(parents=True, exist_ok=True)
                    (to / path).write_bytes(data)
        return kept


def run(scratch: Path, count: int, seed: int, *, lying: bool = False) -> list[Finding]:
    """Cut the power at `count` instants; return what came of each."""
    chance = random.Random(seed)
    followed = Followed(scratch / "docs", chance)
    events: list[Event] = []
    for what in ("add", *chance.sample(WRITES, len(WRITES)), "add"):
        paths = followed.change(what, scratch / "library")
        ended = checked(record, scratch / "library", what, followed.docs, paths)
        if ended.fault:
            return [Finding(what, "the writer failed", ended.fault)]
        events += ended.result
    instants = sorted(chance.choices(range(1, len(events)), k=count))
    return list(_cut(events, instants, followed, scratch, chance, lying=lying))


def _cut(
    events: list[Event],
    instants: Sequence[int],
    followed: Followed,
    scratch: Path,
    chance: random.Random,
    *,
    lying: bool,
) -> Iterator[Finding]:
    disk, state, at = Disk(lying=lying), State(), "opening"
    pending: State | None = None
    done = 0
    for instant in instants:
        for event in events[done:instant]:
            disk.take(event)
            if event.step is not None:
                at = event.step.name
                pending = None if event.step.done else state.after(event.step)
                state = state.after(event.step) if event.step.done else state
        done = instant
        with_rest = scratch / "after"
        kept = disk.lay_out(with_rest / "library", chance)
        allowed = (state, pending or state)
        ended = checked(left, with_rest / "library", allowed, followed.texts, with_rest)
        wrong = ended.fault or "; ".join(ended.result)
        shutil.rmtree(with_rest)
        yield Finding(f"at {at}: {kept}", "not whole" if wrong else "whole", wrong)


def left(
    folder: Path, allowed: tuple[State, ...], texts: Mapping[str, str], scratch: Path
) -> list[str]:
    """Return what is wrong with a library after the power came back."""
    told: list[str] = []
    with listening(told):
        wrong = faults(folder, allowed, texts, scratch)
    # Indexes are renamed into place when all of them is on the disk: they must be whole.
    return wrong + [f"said: {line}" for line in told]
