"""`Library` for asynchronous programs, on asyncio or trio: every call runs in a thread."""

import contextlib
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

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

from rag.answers import Answer, CitedPassage, Hit, Quoted
from rag.calibration.judged import JudgedQuestion
from rag.calibration.report import CalibrationReport
from rag.deadlines import Deadline, within
from rag.documents.listing import ListedDocument
from rag.documents.lookup import PassageInContext
from rag.documents.status import Status
from rag.documents.verification import Verification
from rag.errors import CancelledWorkError
from rag.indexing.pipeline import Progress, Report
from rag.indexing.readers import Reading
from rag.library import Library, PathLike
from rag.listing.records import AnswerList, Mention, Mentions, TableRow
from rag.marking.marks import Mark
from rag.query.syntax import Search
from vector_store.records import Contents, Counts, DocumentInfo, Passage

T = TypeVar("T")
ProgressCallback = Callable[[Progress], None]


class _StoppedError(Exception):
    """The call was cancelled. Raised in its thread, where nobody sees it any more."""


class AsyncLibrary:
    """A `Library` whose methods are awaited; each returns and raises what the library's own does.

        async with await AsyncLibrary.open("papers.quoth") as library:
            await library.add("papers/")
            answer = await library.ask("Which subjects do the scholarships cover?")

    `progress` is called in the event loop. A cancelled call that changes the library stops after
    the current file or batch; the documents added until then are complete, and stay.
    """

    def __init__(self, library: Library) -> None:
        """Wrap a library that is already open."""
        self.library = library
        """The library itself, for synchronous calls."""

    @classmethod
    async def open(
        cls, folder: PathLike | None = None, *, model: str | None = None
    ) -> "AsyncLibrary":
        """Open the library in `folder` as `Library.open` does."""
        return cls(await to_thread.run_sync(partial(Library.open, folder, model=model)))

    @classmethod
    async def in_memory(cls, *, model: str | None = None) -> "AsyncLibrary":
        """Make a library that exists until it is closed, as `Library.in_memory` does."""
        return cls(await to_thread.run_sync(partial(Library.in_memory, model=model)))

    async def warm_up(self) -> None:
        """Load the model and the indexes now rather than for the first question."""
        await to_thread.run_sync(self.library.warm_up)

    async def add(
        self,
        paths: PathLike | Sequence[PathLike],
        *,
        progress: ProgressCallback | None = None,
        leave: Callable[[Path], bool] | None = None,
    ) -> Report:
        """Add files and folders, or bring them up to date. `leave` is called in a thread."""
        return await _stoppable(partial(self.library.add, paths, leave=leave), progress)

    async def add_readings(
        self,
        readings: Iterable[Reading],
        *,
        progress: ProgressCallback | None = None,
        cancelled: Callable[[str], bool] = lambda path: False,
    ) -> int:
        """Add documents that the program has read; the iterable is consumed in a thread."""
        work = partial(self.library.add_readings, readings, cancelled=cancelled)
        return await _stoppable(work, progress)

    async def remove(self, paths: PathLike | Sequence[PathLike]) -> int:
        """Remove documents by their path or a folder above them; return how many."""
        return await to_thread.run_sync(self.library.remove, paths)

    async def switch(self, model: str, *, progress: ProgressCallback | None = None) -> int:
        """Re-embed every document with another model; return how many documents there are."""
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

        The search stops soon after the call is cancelled.
        """
        work = partial(self.library.ask, question, k=k, where=where, timeout=timeout)
        return await in_thread(work, Deadline())

    async def ask_many(
        self,
        questions: Iterable[str | Search],
        *,
        k: int = 5,
        where: str | Sequence[str] = (),
        timeout: float | None = None,
    ) -> list[Answer]:
        """Answer several questions from one state of the library, as `ask` does each."""
        work = partial(self.library.ask_many, questions, k=k, where=where, timeout=timeout)
        return await in_thread(work, Deadline())

    async def counts(self) -> Counts:
        """Return the number of documents, passages, windows and unread files."""
        return await to_thread.run_sync(self.library.counts)

    async def search(
        self,
        question: str | Search,
        *,
        k: int = 10,
        where: str | Sequence[str] = (),
        timeout: float | None = None,
    ) -> list[Hit]:
        """Return the `k` best passages for a question, best first, answering or not.

        The search stops soon after the call is cancelled.
        """
        work = partial(self.library.search, question, k=k, where=where, timeout=timeout)
        return await in_thread(work, Deadline())

    async def mentions(self, text: str, **options: Any) -> Mentions:
        """Return a part of the list of every passage that holds a text; see `Library.mentions`."""
        return await in_thread(partial(self.library.mentions, text, **options), Deadline())

    async def every_mention(self, text: str, **options: Any) -> list[Mention]:
        """Return every passage that holds a text; options as of `Library.every_mention`."""
        return await in_thread(
            lambda: list(self.library.every_mention(text, **options)), Deadline()
        )

    async def ask_table(self, questions: Iterable[str], **options: Any) -> list[TableRow]:
        """Return a row for each of many questions; options as of `Library.ask_table`."""
        return await in_thread(
            lambda: list(self.library.ask_table(questions, **options)), Deadline()
        )

    async def more(self, question: str | Search, **options: Any) -> AnswerList:
        """Return the passages after the best few; options as of `Library.more`."""
        return await in_thread(partial(self.library.more, question, **options), Deadline())

    async def ask_all(self, question: str | Search, **options: Any) -> AnswerList:
        """Return every passage that may answer; options as of `Library.ask_all`."""
        return await in_thread(partial(self.library.ask_all, question, **options), Deadline())

    async def judge(
        self, question: str, passage: CitedPassage | Quoted | None, *, answers: bool
    ) -> None:
        """Record whether a passage answers a question; without a passage, that none does."""
        await to_thread.run_sync(partial(self.library.judge, question, passage, answers=answers))

    async def take_back(self, question: str, passage: CitedPassage | Quoted | None) -> None:
        """Forget what was said of a passage for a question; without one, that none answers."""
        await to_thread.run_sync(self.library.take_back, question, passage)

    async def judged(self, question: str) -> JudgedQuestion | None:
        """Return what was said of a question; None when nothing was."""
        return await to_thread.run_sync(self.library.judged, question)

    async def labelled_questions(self) -> list[dict[str, Any]]:
        """Return the judged questions, in the format of `quoth evaluate`."""
        return await to_thread.run_sync(self.library.labelled_questions)

    async def calibrate(self, promise: float | None = None) -> CalibrationReport:
        """Fit the probability to the judged questions, and set the threshold by a promise."""
        return await to_thread.run_sync(self.library.calibrate, promise)

    async def calibrate_if_due(self) -> CalibrationReport | None:
        """Fit where enough was judged since the last fit; None where not."""
        return await to_thread.run_sync(self.library.calibrate_if_due)

    async def reset_calibration(self) -> None:
        """Forget what was fitted on judgements, and any promise; the judgements stay."""
        await to_thread.run_sync(self.library.reset_calibration)

    async def passage(self, id: str, *, around: int = 1) -> PassageInContext:
        """Return the passage with a citation's id, and its neighbours."""
        return await to_thread.run_sync(partial(self.library.passage, id, around=around))

    async def passage_at(self, document_id: str, sha256: str, start: int, end: int) -> Quoted:
        """Return the passage `[start, end)` of a document whose file has this digest."""
        return await to_thread.run_sync(self.library.passage_at, document_id, sha256, start, end)

    async def paragraph(self, document_id: str, number: int) -> Passage:
        """Return the passage with a number, from 1, in a document."""
        return await to_thread.run_sync(self.library.paragraph, document_id, number)

    async def path_of(self, document_id: str) -> str:
        """Return the path of the document with a citation's document id."""
        return await to_thread.run_sync(self.library.path_of, document_id)

    async def documents(self) -> list[DocumentInfo]:
        """Return every document without its text, by path."""
        return await to_thread.run_sync(self.library.documents)

    async def list_documents(self, filters: str = "", **options: Any) -> list[ListedDocument]:
        """Return documents in an order; options as of `Library.list_documents`."""
        return await to_thread.run_sync(partial(self.library.list_documents, filters, **options))

    async def mark(self, paths: str | Sequence[str], **change: Any) -> int:
        """Change the status and tags of documents, as `Library.mark` does; return how many."""
        return await to_thread.run_sync(partial(self.library.mark, paths, **change))

    async def marks(self) -> dict[str, Mark]:
        """Return the status and tags of documents by id, of those that have any."""
        return await to_thread.run_sync(self.library.marks)

    async def contents(self, path: str) -> Contents:
        """Return a document with its text and passages, by its path."""
        return await to_thread.run_sync(self.library.contents, path)

    async def status(self) -> Status:
        """Return what the library holds."""
        return await to_thread.run_sync(self.library.status)

    async def verify(self, *, second_reading: bool = True) -> Verification:
        """Check every passage against its document, and every document against its file."""
        verify = partial(self.library.verify, second_reading=second_reading)
        return await to_thread.run_sync(verify)

    async def close(self) -> None:
        """Close the library and release its resources, even if the call is cancelled."""
        with CancelScope(shield=True):
            await to_thread.run_sync(self.library.close)

    async def __aenter__(self) -> "AsyncLibrary":
        """Return the library itself."""
        return self

    async def __aexit__(self, *error: object) -> None:
        """Close the library."""
        await self.close()


async def in_thread(
    work: Callable[[], T], deadline: Deadline, limiter: CapacityLimiter | None = None
) -> T:
    """Run `work` in a thread, bounded by a deadline, and return its result.

    With `limiter`, the thread starts once that has room. Cancelling the call cancels the deadline,
    so that the work ends at its next check; work that never checks is waited for. Raises what the
    work raises, such as DeadlineExceededError.
    """
    results: list[T] = []

    def run() -> None:
        with contextlib.suppress(CancelledWorkError), within(deadline):
            results.append(work())

    async def cancel_deadline() -> None:
        try:
            await sleep_forever()
        finally:
            deadline.cancel()

    try:
        async with create_task_group() as group:
            group.start_soon(cancel_deadline)
            await to_thread.run_sync(run, limiter=limiter)
            group.cancel_scope.cancel()
    except ExceptionGroup as errors:  # it holds the one error that the work raised
        raise errors.exceptions[0] from None
    await checkpoint()  # raises if the call was cancelled
    return results[0]


async def _stoppable(work: Callable[..., T], progress: ProgressCallback | None) -> T:
    """Run `work` in a thread; when cancelled, stop it at its next report of progress.

    The thread is waited for, so that the library is not closed while it runs.
    """
    started, cancelled, finished = threading.Event(), threading.Event(), threading.Event()

    def report(latest: Progress) -> None:
        from_thread.check_cancelled()  # for anyio's cancel scopes, which wait for the thread
        if cancelled.is_set():
            raise _StoppedError
        if progress is not None:
            from_thread.run_sync(progress, latest)

    def run() -> T:
        started.set()
        try:
            if cancelled.is_set():
                raise _StoppedError
            return work(progress=report)
        finally:
            finished.set()

    try:
        return await to_thread.run_sync(run)
    except get_cancelled_exc_class():  # asyncio's own cancellation leaves the thread running
        cancelled.set()
        if started.is_set():
            with CancelScope(shield=True):
                await to_thread.run_sync(finished.wait)
        raise
