"""Kill writers at random instants, and check the library they leave behind.

Half of the instants lie anywhere in a writer's run, half within a few milliseconds of the start or
end of a step: commits, the saving of indexes, the change of model.
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

from evaluation.durability.invariants import State, faults, read_state, replay_faults
from evaluation.durability.outcomes import Finding
from evaluation.durability.processes import fork_context, run_in_process
from evaluation.durability.watched_folder import WRITES, WatchedFolder
from evaluation.durability.writer import Step, write
from rag.errors import QuothError
from vector_store.indexes.temp_folders import PrivateFolder

_KILLS_PER_LIBRARY = 12
"""After which a new library is made; every third updates its indexes as a large one does."""
_JUST_AFTER = 0.004  # seconds
_LONG_AGO = 3600.0  # seconds


@dataclass(slots=True)
class _Timing:
    """Duration of a kind of run in seconds, and the number of its steps."""

    seconds: float = 0.4
    steps: int = 12


class _Trial:
    """One library and the folder it indexes, through a number of kills."""

    def __init__(
        self, scratch: Path, temporary: Path, rng: random.Random, *, replaying: bool
    ) -> None:
        self.folder = scratch / "library"
        self._watched = WatchedFolder(scratch / "docs", rng)
        self._scratch, self._temporary, self._rng = scratch, temporary, rng
        self._replaying = replaying
        self._state = State()
        self._pending: Step | None = None

    def kill_one(self, what: str, timing: _Timing) -> str | None:
        """Start a writer and kill it; return its last step, or None if it finished first."""
        context = fork_context()
        receiver, sender = context.Pipe(duplex=False)
        paths = self._watched.change(what, self.folder)
        arguments = (sender, self.folder, what, self._watched.docs, paths, self._temporary)
        process = context.Process(
            target=write, args=arguments, kwargs={"replaying": self._replaying}, daemon=True
        )
        process.start()
        sender.close()
        start = time.perf_counter()
        steps = _watch(receiver, timing, self._rng)
        process.kill()
        with contextlib.suppress(EOFError):  # steps reported before it died
            while True:
                steps.append(receiver.recv())
        process.join()
        at = "opening"
        self._pending = None
        for step in steps:
            self._pending = None if step.done else step
            at = f"after {step.name}" if step.done else step.name
            if step.done:
                self._state = self._state.after(step)
        if at == "after finished":
            timing.seconds = 0.5 * (timing.seconds + time.perf_counter() - start)
            timing.steps = max(1, len(steps))
            return None
        return at

    def faults(self) -> list[str]:
        """Return what is wrong with the library that a killed writer left."""
        pending = self._state.after(self._pending) if self._pending else self._state
        problems = faults(self.folder, (self._state, pending), self._watched.texts, self._scratch)
        with contextlib.suppress(QuothError):
            self._state = read_state(self.folder)
        return problems

    def faults_of_replay(self) -> list[str]:
        """Return what is wrong with updated indexes; nothing for a library that rebuilds them.

        Answers are not compared, since removed passages still affect their scores.
        """
        if not self._replaying or not self.folder.is_dir():  # killed before it was created
            return []
        check = run_in_process(replay_faults, self.folder, self._scratch / "copy")
        return [check.fault] if check.fault else list(check.result)


def _watch(receiver: Connection, timing: _Timing, rng: random.Random) -> list[Step]:
    """Receive a writer's steps until the instant to kill it, or its end."""
    steps: list[Step] = []
    by_step = rng.random() < 0.5
    last = rng.randrange(1, timing.steps + 1) if by_step else 1 << 30
    deadline = time.perf_counter() + (60 if by_step else rng.uniform(0, 1.1 * timing.seconds))
    with contextlib.suppress(EOFError):
        while len(steps) < last and receiver.poll(max(0.0, deadline - time.perf_counter())):
            steps.append(receiver.recv())
    if by_step:
        time.sleep(rng.uniform(0, _JUST_AFTER))
    return steps


def run(scratch: Path, count: int, seed: int) -> list[Finding]:
    """Kill `count` writers at work; return the findings, and one on temporary folders."""
    rng = random.Random(seed)
    timings = {what: _Timing() for what in WRITES}
    findings: list[Finding] = []
    temporary = scratch / "tmp"
    temporary.mkdir()
    while len(findings) < count:
        trial_folder = scratch / f"trial-{len(findings)}"
        replaying = len(findings) // _KILLS_PER_LIBRARY % 3 == 2
        trial = _Trial(trial_folder, temporary, rng, replaying=replaying)
        for _ in range(min(_KILLS_PER_LIBRARY, count - len(findings))):
            what = rng.choice(WRITES)
            at = trial.kill_one(what, timings[what])
            fault = "; ".join(trial.faults_of_replay() + trial.faults())
            if at is not None or fault:
                outcome = "not whole" if fault else "whole"
                size = " (as if large)" if replaying else ""
                findings.append(Finding(f"{what}: {at}{size}", outcome, fault))
        shutil.rmtree(trial.folder.parent)
    findings.append(_temporary_folders(temporary))
    return findings


def _temporary_folders(temporary: Path) -> Finding:
    """Return whether the next process removes old temporary folders of killed writers.

    It leaves recent ones, which might belong to a process that has just started.
    """
    leftovers = list(temporary.iterdir())
    for path in leftovers:
        os.utime(path, (time.time() - _LONG_AGO,) * 2)
    previous, tempfile.tempdir = tempfile.tempdir, str(temporary)
    try:
        private = PrivateFolder()
        remaining = [path for path in temporary.iterdir() if path != private.path]
    finally:
        tempfile.tempdir = previous
    fault = f"{len(remaining)} stay" if remaining else ""
    return Finding(
        "temporary folders", f"{len(leftovers)} left by killed writers, removed by the next", fault
    )
