"""Writers killed at random instants, and what is left of the library then.

Half of the instants lie anywhere in a writer's run, half within a few milliseconds of a step
that it begins or ends: commits, the saving of indexes, the change of model.
"""

import contextlib
import os
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from evaluation.durability import contents
from evaluation.durability.children import forking
from evaluation.durability.findings import Finding
from evaluation.durability.models import TrialLibrary
from evaluation.durability.writing import Step, write
from rag.errors import QuothError
from vector_store.private_folders import PrivateFolder

_KILLS_OF_ONE = 12
"""After how many kills a library is begun anew."""
_FILES = 14
_JUST_AFTER = 0.004  # seconds
_LONG_AGO = 3600.0  # seconds
_WRITES = ("add", "replace", "vanish", "move", "copy", "remove", "switch", "rebuild")


@dataclass(slots=True)
class _Timing:
    """How long a kind of run takes, and how many steps it tells."""

    seconds: float = 0.4
    steps: int = 12


@dataclass(slots=True)
class _State:
    """What a library must hold: digests by path, and the model in use."""

    files: dict[str, str] = field(default_factory=dict)
    model: str = "hashing"

    def after(self, step: Step) -> "_State":
        """Return the state that a step leads to."""
        files = dict(self.files)
        for path, source in step.puts:
            files[path] = files.get(source, source)
        for path in step.takes:
            files.pop(path, None)
        return _State(files, step.model or self.model)


class _Trial:
    """One library and the folder it follows, through a number of kills."""

    def __init__(self, scratch: Path, temporary: Path, chance: random.Random) -> None:
        self.docs, self.folder = scratch / "docs", scratch / "library"
        self.docs.mkdir(parents=True)
        self._scratch, self._temporary, self._chance = scratch, temporary, chance
        self._texts: dict[str, str] = {}
        self._state = _State()
        for number in range(_FILES // 2):
            self._put(self.docs / f"{number}.md")

    def _put(self, path: Path) -> None:
        text = contents.text_of(self._chance)
        self._texts[contents.digest(text)] = text
        path.write_text(text, encoding="utf-8")

    def prepare(self, what: str) -> list[str]:
        """Change the folder as `what` says; return paths to be removed from the library."""
        chance, files = self._chance, sorted(self.docs.iterdir())
        some = chance.sample(files, min(len(files), chance.randrange(1, 6)))
        if what in ("add", "rebuild") or not files:
            for _ in range(chance.randrange(1, _FILES)):
                self._put(self.docs / f"{chance.getrandbits(32):x}.md")
        if what == "rebuild":
            shutil.rmtree(self.folder / "snapshots", ignore_errors=True)
        for path in some:
            new = self.docs / f"{chance.getrandbits(32):x}.md"
            if what == "replace":
                self._put(path)
            elif what == "vanish" and len(files) > 2 * len(some):
                path.unlink()
            elif what == "move":
                path.rename(new)
            elif what == "copy":
                shutil.copyfile(path, new)
        return [str(path) for path in some]

    def kill_one(self, what: str, timing: _Timing) -> str | None:
        """Start a writer and kill it; return what it was at, or None if it was done before."""
        context = forking()
        here, there = context.Pipe(duplex=False)
        paths = self.prepare(what)
        arguments = (there, self.folder, what, self.docs, paths, self._temporary)
        process = context.Process(target=write, args=arguments, daemon=True)
        process.start()
        there.close()
        began = time.perf_counter()
        steps = _watch(here, timing, self._chance)
        process.kill()
        with contextlib.suppress(EOFError):  # what it told before it died
            while True:
                steps.append(here.recv())
        process.join()
        at = "opening"
        self._pending: Step | None = None
        for step in steps:
            self._pending = None if step.done else step
            at = f"after {step.name}" if step.done else step.name
            if step.done:
                self._state = self._state.after(step)
        if at == "after finished":
            timing.seconds = 0.5 * (timing.seconds + time.perf_counter() - began)
            timing.steps = max(1, len(steps))
            return None
        return at

    def faults(self) -> Iterator[str]:
        """Give what is wrong with the library that a dead writer left."""
        try:
            yield from self._faults()
        except QuothError as error:
            yield f"{type(error).__name__}: {error}"

    def _faults(self) -> Iterator[str]:
        with TrialLibrary.at(self.folder) as library:
            source = library.store.source()
            found = _State(contents.held(library.store), source.model if source else "hashing")
            pending = self._state.after(self._pending) if self._pending else self._state
            if found not in (self._state, pending):
                yield "what was committed is not what is there"
            self._state = found
            first = contents.answers(library)
            with library.store.writer():  # not blocked; saves, and clears away what is left
                pass
            yield from _leftovers(self.folder)
            with tempfile.TemporaryDirectory(dir=self._scratch) as other:
                reference = Path(other) / "library"
                documents = library.documents()
                with contents.built_at_once(
                    reference, documents, self._texts, found.model
                ) as whole:
                    expected = contents.answers(whole)
                    if expected != first or expected != contents.answers(library):
                        yield "answers differ from those of a library built in one go"
                if contents.rows(self.folder) != contents.rows(reference):
                    yield "a document is not whole"
        with TrialLibrary.at(self.folder) as library:
            if contents.answers(library) != expected:
                yield "answers differ after saving"
            yield from (f"altered: {path}" for path in library.store.altered())


def _watch(here: Connection, timing: _Timing, chance: random.Random) -> list[Step]:
    """Follow a writer until the instant when it is to be killed, or its end."""
    steps: list[Step] = []
    by_step = chance.random() < 0.5
    wanted = chance.randrange(1, timing.steps + 1) if by_step else 1 << 30
    deadline = time.perf_counter() + (60 if by_step else chance.uniform(0, 1.1 * timing.seconds))
    with contextlib.suppress(EOFError):
        while len(steps) < wanted and here.poll(max(0.0, deadline - time.perf_counter())):
            steps.append(here.recv())
    if by_step:
        time.sleep(chance.uniform(0, _JUST_AFTER))
    return steps


def _leftovers(folder: Path) -> Iterator[str]:
    """Give what a dead writer left behind that the next one has not cleared away."""
    snapshots = folder / "snapshots"
    names = sorted(path.name for path in snapshots.iterdir()) if snapshots.is_dir() else []
    if len(names) > 1:
        yield f"left behind in snapshots: {names}"
    allowed = {"library.sqlite3", "library.sqlite3-wal", "library.sqlite3-shm", "snapshots",
               "writer.lock"}  # fmt: skip
    others = sorted({path.name for path in folder.iterdir()} - allowed)
    if others:
        yield f"left behind in the library: {others}"


def run(scratch: Path, count: int, seed: int) -> list[Finding]:
    """Kill `count` writers, each in the midst of its work; return what came of each."""
    chance = random.Random(seed)
    timings = {what: _Timing() for what in _WRITES}
    findings: list[Finding] = []
    temporary = scratch / "tmp"
    temporary.mkdir()
    while len(findings) < count:
        trial = _Trial(scratch / f"trial-{len(findings)}", temporary, chance)
        for _ in range(min(_KILLS_OF_ONE, count - len(findings))):
            what = chance.choice(_WRITES)
            at = trial.kill_one(what, timings[what])
            faults = "; ".join(trial.faults())
            if at is not None or faults:
                outcome = "whole" if not faults else "not whole"
                findings.append(Finding(f"{what}: {at}", outcome, faults))
        shutil.rmtree(trial.docs.parent)
    findings.append(_cleared(temporary))
    return findings


def _cleared(temporary: Path) -> Finding:
    """Tell whether temporary folders that dead writers left are removed by the next one, in time.

    Those left a moment ago stay: they might belong to a process that has only just begun.
    """
    found = list(temporary.iterdir())
    for path in found:
        os.utime(path, (time.time() - _LONG_AGO,) * 2)
    before, tempfile.tempdir = tempfile.tempdir, str(temporary)
    try:
        private = PrivateFolder()
        left = [path for path in temporary.iterdir() if path != private.path]
    finally:
        tempfile.tempdir = before
    fault = f"{len(left)} stay" if left else ""
    return Finding(
        "temporary folders", f"{len(found)} left by the dead, removed by the next", fault
    )
