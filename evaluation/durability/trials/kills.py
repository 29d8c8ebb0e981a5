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
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from evaluation.durability.invariants import State, faults, found_in, replayed
from evaluation.durability.outcomes import Finding
from evaluation.durability.processes import checked, forking
from evaluation.durability.watched_folder import WRITES, Followed
from evaluation.durability.writer import Step, write
from rag.errors import QuothError
from vector_store.indexes.temp_folders import PrivateFolder

_KILLS_OF_ONE = 12
"""After how many kills a library is begun anew; every third is kept as a large one is."""
_JUST_AFTER = 0.004  # seconds
_LONG_AGO = 3600.0  # seconds


@dataclass(slots=True)
class _Timing:
    """How long a kind of run takes, and how many steps it tells."""

    seconds: float = 0.4
    steps: int = 12


class _Trial:
    """One library and the folder it follows, through a number of kills."""

    def __init__(
        self, scratch: Path, temporary: Path, chance: random.Random, *, replaying: bool
    ) -> None:
        self.folder = scratch / "library"
        self._followed = Followed(scratch / "docs", chance)
        self._scratch, self._temporary, self._chance = scratch, temporary, chance
        self._replaying = replaying
        self._state = State()
        self._pending: Step | None = None

    def kill_one(self, what: str, timing: _Timing) -> str | None:
        """Start a writer and kill it; return what it was at, or None if it was done before."""
        context = forking()
        here, there = context.Pipe(duplex=False)
        paths = self._followed.change(what, self.folder)
        arguments = (there, self.folder, what, self._followed.docs, paths, self._temporary)
        process = context.Process(
            target=write, args=arguments, kwargs={"replaying": self._replaying}, daemon=True
        )
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
        self._pending = None
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

    def faults(self) -> list[str]:
        """Return what is wrong with the library that a dead writer left."""
        pending = self._state.after(self._pending) if self._pending else self._state
        wrong = faults(self.folder, (self._state, pending), self._followed.texts, self._scratch)
        with contextlib.suppress(QuothError):
            self._state = found_in(self.folder)
        return wrong

    def faults_of_replay(self) -> list[str]:
        """Return what is wrong with indexes that are brought up to date; none for a small library.

        What was removed still weighs in their scores, so answers are not compared.
        """
        if not self._replaying or not self.folder.is_dir():  # killed before it was begun
            return []
        ended = checked(replayed, self.folder, self._scratch / "copy")
        return [ended.fault] if ended.fault else list(ended.result)


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


def run(scratch: Path, count: int, seed: int) -> list[Finding]:
    """Kill `count` writers, each in the midst of its work; return what came of each."""
    chance = random.Random(seed)
    timings = {what: _Timing() for what in WRITES}
    findings: list[Finding] = []
    temporary = scratch / "tmp"
    temporary.mkdir()
    while len(findings) < count:
        place = scratch / f"trial-{len(findings)}"
        replaying = len(findings) // _KILLS_OF_ONE % 3 == 2
        trial = _Trial(place, temporary, chance, replaying=replaying)
        for _ in range(min(_KILLS_OF_ONE, count - len(findings))):
            what = chance.choice(WRITES)
            at = trial.kill_one(what, timings[what])
            faults = "; ".join(trial.faults_of_replay() + trial.faults())
            if at is not None or faults:
                outcome = "whole" if not faults else "not whole"
                size = " (as if large)" if replaying else ""
                findings.append(Finding(f"{what}: {at}{size}", outcome, faults))
        shutil.rmtree(trial.folder.parent)
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
