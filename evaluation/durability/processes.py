"""Processes that may die, with bounded memory, forked from one that has loaded everything."""

import faulthandler
import multiprocessing
import resource
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

_TIMEOUT = 120.0  # seconds
_DUMP_BEFORE = 10.0
"""Seconds before the time limit at which a process that hangs writes its stack to stderr."""
_HEADROOM = 1 << 30
"""Bytes of address space that a function may use beyond what its process starts with."""


@dataclass(frozen=True, slots=True)
class ProcessResult:
    """How a process ended, and what its function returned."""

    status: int | None
    """Exit status; negative for a signal, None if it hung."""
    result: Any

    @property
    def fault(self) -> str:
        """What went wrong; empty if the function returned."""
        if self.status is None:
            return "it hung"
        return f"it ended with status {self.status}" if self.status else ""


def fork_context() -> ForkServerContext:
    """Return a context whose processes start quickly: everything slow is preloaded."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["evaluation.durability.preload"])
    return context


def run_in_process(function: Callable[..., Any], *arguments: Any) -> ProcessResult:
    """Call a function in a process of its own with bounded memory; kill it if it hangs."""
    context = fork_context()
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_call, args=(sender, function, arguments), daemon=True)
    process.start()
    sender.close()
    result = None
    try:
        if not receiver.poll(_TIMEOUT):
            process.kill()
            process.join()
            return ProcessResult(None, None)
        result = receiver.recv()
    except EOFError:  # it died
        pass
    finally:
        receiver.close()
    process.join()
    return ProcessResult(process.exitcode, result)


def _call(sender: Connection, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    faulthandler.dump_traceback_later(_TIMEOUT - _DUMP_BEFORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + _HEADROOM
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    sender.send(function(*arguments))
