"""Processes that may die: forked from one that has loaded everything, bounded in memory."""

import multiprocessing
import resource
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

_PATIENCE = 120.0  # seconds
_HEADROOM = 1 << 30
"""Bytes of address space that a check may take beyond what it starts with."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended, and what it returned before that."""

    status: int | None
    """Its exit status; negative for a signal, None for one that hung."""
    result: Any

    @property
    def fault(self) -> str:
        """What is wrong with that; empty for a process that returned."""
        if self.status is None:
            return "it hung"
        return f"it ended with status {self.status}" if self.status else ""


def forking() -> ForkServerContext:
    """Return the means to start processes quickly."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["evaluation.durability.preload"])
    return context


def checked(check: Callable[..., Any], *arguments: Any) -> Ended:
    """Run a check in a process of its own, with memory bounded, and return what it returns."""
    context = forking()
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(there, check, arguments), daemon=True)
    process.start()
    there.close()
    result = None
    try:
        if not here.poll(_PATIENCE):
            process.kill()
            process.join()
            return Ended(None, None)
        result = here.recv()
    except EOFError:  # it died
        pass
    finally:
        here.close()
    process.join()
    return Ended(process.exitcode, result)


def _answer(there: Connection, check: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + _HEADROOM
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    there.send(check(*arguments))
