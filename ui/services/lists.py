"""What the server lists from its library, in its queues, for every interface.

As in `ui.service`, calls take `render`, which makes HTML or plain values in the thread that did the
work. Each raises BusyError, DeadlineExceededError, CancelledWorkError, and what its docstring says.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from rag.errors import QuestionError
from rag.export.tables import answers_csv, mentions_csv
from rag.listing.records import AnswerList, Mentions, Order, TableRow
from rag.query.syntax import Search
from ui.app_state import AppState

Result = TypeVar("Result")

LARGEST_FILE = 64 * 1024 * 1024
"""Bytes of a list as CSV: some 100,000 mentions."""


class ListService:
    """The calls of `ui.service.Service` that list."""

    def __init__(self, state: AppState) -> None:
        """List from the library of `state`."""
        self._state = state

    async def mentions(
        self,
        text: str,
        render: Callable[[Mentions], Result],
        *,
        order: Order = "document",
        near: str = "",
        where: Sequence[str] = (),
        limit: int = 50,
        cursor: str = "",
        count: bool = False,
    ) -> Result:
        """Return a part of the list of mentions. Raises as `Library.mentions` does."""

        def work() -> Result:
            return render(
                self._state.library.mentions(
                    text, order=order, near=near, where=where, limit=limit, cursor=cursor,
                    count=count,
                )
            )  # fmt: skip

        return await self._state.reading.run(work)

    async def mentions_file(
        self, text: str, *, order: Order = "document", near: str = "", where: Sequence[str] = ()
    ) -> bytes:
        """Return all mentions as CSV. Raises as `Library.mentions`, and for a file too large."""

        def work() -> bytes:
            mentions = self._state.library.every_mention(text, order=order, near=near, where=where)
            return _joined(mentions_csv(mentions))

        return await self._state.exporting.run(work)

    async def more(
        self,
        question: str | Search,
        render: Callable[[AnswerList], Result],
        *,
        k: int = 5,
        size: int = 20,
        where: Sequence[str] = (),
        cursor: str = "",
    ) -> Result:
        """Return the next passages for a question. Raises as `Library.more` does."""

        def work() -> Result:
            library = self._state.library
            return render(library.more(question, k=k, size=size, where=where, cursor=cursor))

        return await self._state.questions.run(work)

    async def all_answers(
        self,
        question: str | Search,
        render: Callable[[AnswerList], Result],
        *,
        most_read: int = 200,
        where: Sequence[str] = (),
    ) -> Result:
        """Return every passage that may answer. Raises as `Library.ask_all` does."""

        def work() -> Result:
            return render(self._state.library.ask_all(question, most_read=most_read, where=where))

        return await self._state.exporting.run(work)

    async def all_answers_file(
        self, question: str | Search, *, most_read: int = 200, where: Sequence[str] = ()
    ) -> bytes:
        """Return every passage that may answer as CSV. Raises as `Library.ask_all` does."""

        def render(answers: AnswerList) -> bytes:
            return _joined(answers_csv(answers))

        return await self.all_answers(question, render, most_read=most_read, where=where)

    async def row(
        self, question: str, render: Callable[[TableRow], Result], *, where: Sequence[str] = ()
    ) -> Result:
        """Return a question's row in a table. Raises as `Library.ask_table` does."""

        def work() -> Result:
            [row] = self._state.library.ask_table([question], where=where)
            return render(row)

        return await self._state.questions.run(work)


def _joined(parts: Iterator[bytes]) -> bytes:
    """Return a file's parts as one. Raises QuestionError for a file that is too large."""
    file = bytearray()
    for part in parts:
        file += part
        if len(file) > LARGEST_FILE:
            raise QuestionError(
                f"This list is larger than {LARGEST_FILE // 2**20} MB. Name some documents, or "
                "write it on the server with: quoth mentions TEXT --csv FILE"
            )
    return bytes(file)
