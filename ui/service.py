"""What the server does with its library, for every interface.

The page, REST, MCP and gradio_client ask through this one class, and differ only in how they
render: calls that return something large take `render`, which makes HTML or plain values of it in
the thread that did the work.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from rag.answers import Hit
from rag.calibration.judged import JudgedQuestion
from rag.chat.followups import Followed, follow
from rag.chat.suggestions import Topic, topics
from rag.documents.lookup import PassageInContext
from rag.documents.status import Status
from rag.errors import NotFoundError, QuothError
from rag.query.query import readable
from rag.query.syntax import Search, checked, parse
from ui.app_state import AppState
from ui.jobs.upload_receiver import receive
from ui.jobs.upload_states import Upload
from ui.question_runner import QuestionRunner
from ui.quote_export import Place, QuestionToExport, absence_file, export_file
from ui.removals import remove, restore
from ui.services.casework import CaseworkService
from ui.services.documents import DocumentListService
from ui.services.lists import ListService
from ui.services.reader import DocumentReader, info_and_contents
from ui.serving.metrics import Metrics
from vector_store.records import Contents, Counts, DocumentInfo, Passage

Result = TypeVar("Result")
Where = str | Sequence[str]


class EdgeError(NotFoundError):
    """The document has no paragraph of this number."""


@dataclass(frozen=True, slots=True)
class SearchHits:
    """The best passages for a question, whether they answer it or not."""

    question: str
    hits: Sequence[Hit]
    """Best first."""
    truncated_at: int | None
    """How many characters of a long question were searched for; None when all of them were."""


class Service(DocumentListService):
    """The only caller of the library in a server, but for `casework`.

    Every call waits in one of the queues of `state` and runs in a thread there. Each raises
    BusyError when its queue is full, DeadlineExceededError when it takes too long,
    CancelledWorkError when its client has gone, and what its own docstring names.
    """

    def __init__(self, state: AppState, metrics: Metrics, *, log_questions: bool = False) -> None:
        """Work with `state` and count in `metrics`; log questions' text if `log_questions`."""
        super().__init__(state)
        self.metrics = metrics
        self.casework = CaseworkService(state)
        self.lists = ListService(state)
        self.reader = DocumentReader(state)
        self._questions = QuestionRunner(state.questions, metrics, log_questions=log_questions)

    # Questions

    async def ask(
        self,
        question: str,
        render: Callable[[Followed], Result],
        *,
        k: int = 5,
        where: Where = (),
        earlier: str | Search | None = None,
        carry: Sequence[str] | None = None,
    ) -> Result:
        """Answer a question in the light of an earlier one, by `rag.chat.followups.follow`.

        Text in `earlier` is parsed, blank text ignored. Raises as `Library.ask` does, and
        QuestionError for an earlier question that cannot be parsed.
        """

        def work() -> tuple[Result, bool]:
            before = earlier
            if isinstance(before, str):
                before = parse(before) if before.strip() else None
            followed = follow(self.state.library, question, before, carry=carry, k=k, where=where)
            return render(followed), followed.answer.answered

        return await self._questions.run(question, work)

    async def search(
        self, question: str, render: Callable[[SearchHits], Result], *, k: int, where: Where = ()
    ) -> Result:
        """Find the best passages, answering or not. Raises as `Library.search` does."""

        def work() -> tuple[Result, bool]:
            library, search = self.state.library, checked(question, k)
            hits = library.search(search, k=k, where=where)
            text = readable(search.wording, library.embedder)
            truncated_at = None if text == search.wording else len(text)
            return render(SearchHits(question.strip(), hits, truncated_at)), bool(hits)

        return await self._questions.run(question, work)

    async def topics(self, question: str, render: Callable[[list[Topic]], Result]) -> Result:
        """Find phrases that can be asked about, near a question without an answer.

        It counts as no question. Raises as `Library.ask` does.
        """

        def work() -> Result:
            library = self.state.library
            return render(topics(library, question, library.ask(question).passages))

        return await self.state.questions.run(work)

    async def judge(
        self, question: str, place: Place | None, *, answers: bool | None
    ) -> JudgedQuestion | None:
        """Store whether the passage at a place answers a question; return what is known then.

        Without a place, that the documents do not answer. With None for `answers`, what was said
        is taken back. Raises NotFoundError when the passage is gone, or as `Library.judge` does.
        """

        def work() -> JudgedQuestion | None:
            library = self.state.library
            passage = None if place is None else library.passage_at(*place)
            if answers is None:
                library.take_back(question, passage)
            else:
                library.judge(question, passage, answers=answers)
            return library.judged(question)

        return await self.state.changing.run(work)

    def judged(self, question: str) -> JudgedQuestion | None:
        """Return what was said of a question; at once, for a `render` in its thread."""
        return self.state.library.judged(question)

    # Reading

    async def passage(
        self, id: str, render: Callable[[PassageInContext], Result], *, around: int
    ) -> Result:
        """Read a passage and its neighbours by a citation's id. Raises NotFoundError."""
        return await self.read(lambda: render(self.state.library.passage(id, around=around)))

    async def paragraph(
        self, document_id: str, number: int, render: Callable[[Passage], Result]
    ) -> Result:
        """Read a paragraph by its number, from 1.

        Raises EdgeError when the document has none of that number, NotFoundError when there is
        no such document.
        """

        def work() -> Result:
            library = self.state.library
            try:
                passage = library.paragraph(document_id, number)
            except NotFoundError:
                library.path_of(document_id)
                raise EdgeError(f"The document has no paragraph {number}.") from None
            return render(passage)

        return await self.read(work)

    async def document(self, id: str, render: Callable[[DocumentInfo, Contents], Result]) -> Result:
        """Read a whole document. Raises NotFoundError."""

        def work() -> Result:
            return render(*info_and_contents(self.state.library, id))

        return await self.read(work)

    async def documents(self, render: Callable[[Sequence[DocumentInfo]], Result]) -> Result:
        """List all documents, by path."""
        return await self.read(lambda: render(self.state.library.documents()))

    async def counts(self) -> Counts:
        """Count what the library holds."""
        return await self.read(self.state.library.counts)

    async def status(self, render: Callable[[Status], Result]) -> Result:
        """Describe the library and how it is searched."""
        return await self.read(lambda: render(self.state.library.status()))

    # Exports

    def export_turn(self) -> AbstractContextManager[None]:
        """Return a context that counts as one export, its request's body included."""
        return self.state.exporting.entered()

    async def export(self, format: str, questions: Sequence[QuestionToExport]) -> bytes:
        """Return a file of quotes, within an `export_turn`. Raises as `export_file` does."""
        work = partial(export_file, self.state.library, format, questions)
        return await self.state.exporting.run_entered(work)

    async def report(self, question: str, format: str, carry: Sequence[str]) -> bytes:
        """Return a report that nothing was found. Raises as `absence_file` does."""
        work = partial(absence_file, self.state.library, question, format, carry)
        return await self.state.questions.run(work)

    # Uploads

    async def receive(self, chunks: AsyncIterator[bytes], name: str, modified: float = 0) -> Upload:
        """Store an uploaded file, to be read in its turn.

        `modified` is when the file was last changed, in seconds since 1970; 0 if unknown. Raises
        as `ui.jobs.upload_receiver.receive` does, ClientDisconnect among others.
        """
        state = self.state
        try:
            upload = await receive(state.uploads, state.served.files_folder, chunks, name, modified)
        except QuothError:
            self.metrics.upload("refused")
            raise
        self.metrics.upload("taken")
        return upload

    async def uploads(self) -> list[Upload]:
        """List recent uploads, oldest first."""
        return await self.read(self.state.uploads.files)

    async def upload(self, number: int) -> Upload:
        """Return a recent upload. Raises NotFoundError."""
        return await self.read(partial(self._upload, number))

    async def cancel_upload(self, number: int) -> Upload:
        """Cancel an upload that is waiting or being read; return it. Raises NotFoundError."""

        def work() -> Upload:
            self.state.uploads.cancel(self._upload(number).id)
            return self._upload(number)

        return await self.read(work)

    async def cancel_uploads(self, number: int | None) -> None:
        """Cancel the upload of a number, if there is one, or all that are waiting."""
        await self.read(partial(self.state.uploads.cancel, number))

    async def dismiss_uploads(self) -> None:
        """Forget the uploads in a final state."""
        await self.read(self.state.uploads.dismiss)

    def _upload(self, number: int) -> Upload:
        for upload in self.state.uploads.files():
            if upload.id == number:
                return upload
        raise NotFoundError(f"No file {number} was sent recently. See /adding for those that were.")

    # Changes

    async def remove(self, id: str) -> str:
        """Remove a document from the library; return its name. It can be restored for a while.

        Its file is left alone, unless it was uploaded. Raises NotFoundError, StoreBusyError,
        StoreUnwritableError, DiskError, and SourceError for an example.
        """
        return await self.state.changing.run(partial(remove, self.state, id))

    async def restore(self, id: str) -> str:
        """Restore a document that was removed minutes ago; return its name.

        Raises NotFoundError when it is too late, NameTakenError, StoreBusyError,
        StoreUnwritableError, DiskError.
        """
        return await self.state.changing.run(partial(restore, self.state, id))

    async def switch_model(self, model: str) -> None:
        """Start to embed all documents with another model, in the background."""
        await self.state.changing.run(partial(self.state.model_switch.begin, model))
