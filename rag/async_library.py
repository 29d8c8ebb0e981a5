"""The same library for programs that do not wait: every call runs in a thread.

Works with asyncio and with trio.
"""

import contextlib
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from anyio import (
    CancelScope,
    CapacityLimiter,
    create_task_group,
    from_thread,
    get_cancelled_exc_class,
    sleep_forever,
    to_thread,
)
from anyio.lowlevel import checkpoint

from rag.answers import Answer, Hit
from rag.deadlines import Deadline, within
from rag.documents.lookup import PassageInContext
from rag.documents.status import Status
from rag.documents.verification import Verification
from rag.errors import CancelledWorkError
from rag.indexing.pipeline import Progress, Report
from rag.indexing.readers import Reading
from rag.library import Library, PathLike
from rag.query.syntax import Search
from vector_store.records import Contents, DocumentInfo

T = TypeVar("T")
Tell = Callable[[Progress], None]


class _StoppedError(Exception):
    """The call was cancelled; raised where nobody waits for it any more."""


class AsyncLibrary:
    """A `Library` whose calls are awaited; each does, and raises, what the library's own does.

        async with await AsyncLibrary.open("papers.quoth") as library:
            await library.add("papers/")
            answer = await library.ask("Which subjects do the scholarships cover?")

    `progress` is called in the event loop. A call that is cancelled while it changes the library
    stops after the file or the batch at hand: what is in the library by then is whole, and stays.
    """

    def __init__(self, library: Library) -> None:
        """Await the calls of a library that is open already."""
        self.library = library
        """The library itself, for calls that do not wait."""

    @classmethod
    async def open(
        cls, folder: PathLike | None = None, *, model: str | None = None
    ) -> "AsyncLibrary":
        """Open the library in `folder` as `Library.open` does."""
        return cls(await to_thread.run_sync(partial(Library.open, folder, model=model)))

    async def warm_up(self) -> None:
        """Load model and indexes now rather than at the first question."""
        await to_thread.run_sync(self.library.warm_up)

    async def add(
        self,
        paths: PathLike | Sequence[PathLike],
        *,
        progress: Tell | None = None,
        leave: Callable[[Path], bool] | None = None,
    ) -> Report:
        """Add files and folders, or bring them up to date. `leave` is called in the thread."""
        return await _stoppable(partial(self.library.add, paths, leave=leave), progress)

    async def add_readings(
        self,
        readings: Iterable[Reading],
        *,
        progress: Tell | None = None,
        cancelled: Callable[[str], bool] = lambda path: False,
    ) -> int:
        """Add documents that a program has read by itself; the iterable is read in the thread."""
        work = partial(self.library.add_readings, readings, cancelled=cancelled)
        return await _stoppable(work, progress)

    async def remove(self, paths: PathLike | Sequence[PathLike]) -> int:
        """Forget documents, named by path or by a folder above them; return how many."""
        return await to_thread.run_sync(self.library.remove, paths)

    async def switch(self, model: str, *, progress: Tell | None = None) -> int:
        """Embed every document anew by another model; return how many documents there are."""
        return await _stoppable(partial(self.library.switch, model), progress)

    async def ask(
        self,
        question: str | Search,
        *,
        k: int = 5,
        where: str | Sequence[str] = (),
        timeout: float | None = None,
    ) -> Answer:
        """Answer a question with up to `k` quoted passages, or say that none answers.

        The work ends soon after the call was cancelled.
        """
        work = partial(self.library.ask, question, k=k, where=where, timeout=timeout)
        return await in_thread(work, Deadline())

    async def search(
        self,
        question: str | Search,
        *,
        k: int = 10,
        where: str | Sequence[str] = (),
        timeout: float | None = None,
    ) -> list[Hit]:
        """Return the `k` best passages for a question, best first, answering or not.

        The work ends soon after the call was cancelled.
        """
        work = partial(self.library.search, question, k=k, where=where, timeout=timeout)
        return await in_thread(work, Deadline())

    async def passage(self, id: str, *, around: int = 1) -> PassageInContext:
        """Return the passage of a citation's id, and its neighbours."""
        return await to_thread.run_sync(partial(self.library.passage, id, around=around))

    async def documents(self) -> list[DocumentInfo]:
        """Return every document without its text, by path."""
        return await to_thread.run_sync(self.library.documents)

    async def contents(self, path: str) -> Contents:
        """Return a document with its text and passages, by its path."""
        return await to_thread.run_sync(self.library.contents, path)

    async def status(self) -> Status:
        """Return what the library holds."""
        return await to_thread.run_sync(self.library.status)

    async def verify(self) -> Verification:
        """Check every passage against its document, and every document against its file."""
        return await to_thread.run_sync(self.library.verify)

    async def close(self) -> None:
        """Let go of files and memory."""
        await to_thread.run_sync(self.library.close)

    async def __aenter__(self) -> "AsyncLibrary":
        """Return the library itself."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the library."""
        self.library.close()


async def in_thread(
    work: Callable[[], T], deadline: Deadline, limiter: CapacityLimiter | None = None
) -> T:
    """Return what `work` returns, run in a thread and held to a deadline.

    With `limiter`, once that has room. When the call is cancelled the deadline is too, so that
    the work ends at its next look at it; work that never looks is waited for. Raises what the
    work does, DeadlineExceededError among it.
    """
    results: list[T] = []

    def run() -> None:
        with contextlib.suppress(CancelledWorkError), within(deadline):
            results.append(work())

    async def cancel_as_well() -> None:
        try:
            await sleep_forever()
        finally:
            deadline.cancel()

    try:
        async with create_task_group() as group:
            group.start_soon(cancel_as_well)
            await to_thread.run_sync(run, limiter=limiter)
            group.cancel_scope.cancel()
    except ExceptionGroup as errors:  # of one: what the work raised
        raise errors.exceptions[0] from None
    await checkpoint()  # a call that was cancelled ends as such
    return results[0]


async def _stoppable(work: Callable[..., T], progress: Tell | None) -> T:
    """Run `work` in a thread; when cancelled, make it stop where it tells of its progress.

    It is waited for, so that nobody closes the library below it.
    """
    begun, gone, ended = threading.Event(), threading.Event(), threading.Event()

    def tell(done: Progress) -> None:
        from_thread.check_cancelled()  # by a scope of anyio's, which is told when the thread ends
        if gone.is_set():
            raise _StoppedError
        if progress is not None:
            from_thread.run_sync(progress, done)

    def run() -> T:
        begun.set()
        try:
            if gone.is_set():
                raise _StoppedError
            return work(progress=tell)
        finally:
            ended.set()

    try:
        return await to_thread.run_sync(run)
    except get_cancelled_exc_class():  # by asyncio itself, which leaves the thread running
        gone.set()
        if begun.is_set():
            with CancelScope(shield=True):
                await to_thread.run_sync(ended.wait)
        raise
