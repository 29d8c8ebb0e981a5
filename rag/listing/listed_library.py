"""The part of a library that lists: every mention, all that answers, a table of many questions."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

import numpy as np
from numpy.typing import NDArray

from rag.calibration.judged_library import JudgedLibrary
from rag.deadlines import Deadline, within
from rag.documents.marked_library import MarkedLibrary
from rag.errors import QuestionError
from rag.listing import mentions as listing, more as answering
from rag.listing.mentions import MentionQuery
from rag.listing.records import AnswerList, Mention, Mentions, Order, TableRow
from rag.listing.table import row_of
from rag.query import syntax
from rag.query.scope import Scope, scope
from rag.query.syntax import Search
from rag.retrieval import pipeline
from rag.retrieval.pipeline import Models
from vector_store.base import StoreView

MOST_LISTED = 1_000
"""Mentions in one part of a list."""
MOST_ROUND = 30
"""Passages in one part of a list of answers, each of which is read."""


class ListedLibrary(JudgedLibrary, MarkedLibrary):
    """The base of `rag.Library`; it is not used on its own."""

    def mentions(
        self,
        text: str,
        *,
        order: Order = "document",
        where: str | Sequence[str] = (),
        near: str = "",
        limit: int = 50,
        cursor: str = "",
        count: bool = False,
        timeout: float | None = None,
    ) -> Mentions:
        """Return a part of the list of every passage that holds a text word for word.

        Case, line breaks and kinds of dashes do not matter; accents do. In the order "document",
        only what is listed is compared, and `count` and `documents` of the result are lower bounds
        until `complete`; `count=True` compares everything. The other orders do so anyway, for at
        most 20,000 mentions; "meaning" is by nearness to `near`, or to the text. `next` of the
        result is the `cursor` of the next part.

        Raises QuestionError for an empty or long text, a `limit` outside 1 to 1,000, a cursor of
        another list, and when the documents have changed since; DeadlineExceededError; ModelError.
        """
        _check_limit(limit, MOST_LISTED, "mentions")
        query = MentionQuery.checked(text, order, near)
        with within(Deadline(timeout)), self._listed_view() as view:
            scoped = scope(view, where, marks=self._marks_of(view))
            return listing.mentions(
                view, query, scoped, limit, cursor, self._embed_with(view), count=count
            )

    def every_mention(
        self,
        text: str,
        *,
        order: Order = "document",
        where: str | Sequence[str] = (),
        near: str = "",
        timeout: float | None = None,
    ) -> Iterator[Mention]:
        """Yield every passage that holds a text, of one state of the library; see `mentions`.

        The list is not held in memory. Exhaust or close the iterator: until then old data stays on
        disk. Raises as `mentions` does.
        """
        query = MentionQuery.checked(text, order, near)
        with within(Deadline(timeout)), self._listed_view() as view:
            scoped = scope(view, where, marks=self._marks_of(view))
            yield from listing.every_mention(view, query, scoped, self._embed_with(view))

    def more(
        self,
        question: str | Search,
        *,
        k: int = 5,
        size: int = 20,
        where: str | Sequence[str] = (),
        cursor: str = "",
        timeout: float | None = None,
    ) -> AnswerList:
        """Return the next `size` passages for a question after the `k` that `ask` returns.

        Each is read and has its probability; `next` of the result is the `cursor` of the part after
        it. Up to 2,000 passages are read for one question. Raises as `ask` does, and QuestionError
        for a `size` outside 1 to 30, a cursor of another list, and when the documents have changed.
        """
        _check_limit(size, MOST_ROUND, "passages")
        with within(Deadline(timeout)):
            search = syntax.checked(question, k)
            with self._answering(search, where) as (view, models, scoped):
                return answering.more(view, models, search, scoped, k=k, size=size, cursor=cursor)

    def ask_all(
        self,
        question: str | Search,
        *,
        most_read: int = 200,
        where: str | Sequence[str] = (),
        timeout: float | None = None,
    ) -> AnswerList:
        """Return every passage that may answer a question, the likeliest first.

        At most `most_read` passages are read, and never more than 2,000. Reading ends earlier once
        40 passages in a row may not answer. Raises as `ask` does.
        """
        with within(Deadline(timeout)):
            search = syntax.checked(question, 1)
            with self._answering(search, where) as (view, models, scoped):
                return answering.all_answers(
                    view, models, search, scoped, most_read=most_read, size=20
                )

    def ask_table(
        self, questions: Iterable[str], *, where: str | Sequence[str] = (), k: int = 1
    ) -> Iterator[TableRow]:
        """Answer questions one after another, each in a row with its best quote.

        Blank ones are passed over, and one that cannot be read has a row that says why. Raises as
        `ask` does, but for QuestionError of a question.
        """
        for question in questions:
            if question.strip():
                yield self._row(question.strip(), where, k)

    def _row(self, question: str, where: str | Sequence[str], k: int) -> TableRow:
        try:
            search = syntax.checked(question, k)
        except QuestionError as error:
            return row_of(question, None, str(error))
        with self._listed_view() as view:
            answer = pipeline.answer(
                view, self._loader(view), search, k, where, self._marks_of(view)
            )
        return row_of(question, answer)

    def _listed_view(self) -> AbstractContextManager[StoreView]:
        return self._store.view()

    def _embed_with(self, view: StoreView) -> listing.Embed:
        """Return what embeds a text for the vectors of a view."""

        def embed(text: str) -> NDArray[np.float32]:
            return self._models.load(view.source()).embedder.embed_query(text)

        return embed

    @contextmanager
    def _answering(
        self, search: Search, where: str | Sequence[str]
    ) -> Iterator[tuple[StoreView, Models, Scope]]:
        """Open a view with its models and the documents that a search names."""
        with self._listed_view() as view:
            scoped = scope(view, where, search.filters, self._marks_of(view))
            yield view, pipeline.models_for(view, self._loader(view)), scoped


def _check_limit(limit: int, most: int, things: str) -> None:
    if not 1 <= limit <= most:
        raise QuestionError(f"Ask for 1 to {most:,} {things} at once, not {limit:,}.")
