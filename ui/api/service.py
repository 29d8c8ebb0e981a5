"""The calls that programs make, each the same whichever interface it comes through."""

import contextlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_right
from functools import partial
from importlib.metadata import version

import anyio

from rag.answers import Answer
from rag.chat.followups import follow
from rag.documents.lookup import PassageInContext, document_of
from rag.errors import QuestionError
from rag.ids import DIGITS
from rag.query.query import readable
from rag.query.syntax import checked, parse
from ui.admission import BusyError
from ui.api.schemas import (
    Answers,
    AnswersWanted,
    AnswerWanted,
    DocumentEntry,
    Documents,
    DocumentsWanted,
    DocumentText,
    FoundPassage,
    PassageWanted,
    SearchResult,
    SearchWanted,
    ServerStatus,
    Unread,
)
from ui.app_state import AppState
from ui.question_runner import QuestionRunner

_MOST_UNREAD = 100
_PAUSE_SECONDS = 0.1
_PATIENCE = 600
"""How often a question of a batch is tried again: a minute of pauses, and as long as it waits."""


class Service:
    """The calls that programs make. Questions wait in the same queue as those of the page."""

    def __init__(self, state: AppState, asking: QuestionRunner) -> None:
        """Answer from the library of `state`."""
        self._state = state
        self._asking = asking

    async def ask(self, wanted: AnswerWanted) -> Answer:
        """Answer a question. Raises BusyError, or as `Library.ask` does."""
        work = partial(_answer, self._state, wanted)
        return await self._asking.run(wanted.question, work, lambda answer: answer.answered)

    async def ask_all(self, wanted: AnswersWanted) -> Answers:
        """Answer several questions, one after the other, each in its turn. Raises as `ask` does."""
        answers = []
        for number, question in enumerate(wanted.questions, start=1):
            one = AnswerWanted(question=question, k=wanted.k, where=wanted.where)
            try:
                answers.append(await self._patiently(one, first=number == 1))
            except QuestionError as error:
                raise QuestionError(f"Question {number}: {error}") from error
        return Answers(tuple(answers))

    async def _patiently(self, wanted: AnswerWanted, *, first: bool) -> Answer:
        """Answer a question; one that is not the first waits where others would be refused."""
        for _ in range(0 if first else _PATIENCE):
            with contextlib.suppress(BusyError):
                return await self.ask(wanted)
            await anyio.sleep(_PAUSE_SECONDS)
        return await self.ask(wanted)

    async def search(self, wanted: SearchWanted) -> SearchResult:
        """Find passages, answering or not. Raises BusyError, or as `Library.search` does."""
        work = partial(_search, self._state, wanted)
        return await self._asking.run(wanted.question, work, lambda found: bool(found.passages))

    async def passage(self, wanted: PassageWanted) -> PassageInContext:
        """Read a passage and what stands around it. Raises NotFoundError."""
        library = self._state.library
        return await self._state.reading.run(
            partial(library.passage, wanted.id, around=wanted.around)
        )

    async def documents(self, wanted: DocumentsWanted) -> Documents:
        """List documents, a part at a time. Raises QuestionError for a wrong cursor."""
        return await self._state.reading.run(partial(_list, self._state, wanted))

    async def document(self, id: str) -> DocumentText:
        """Read a document. Raises NotFoundError."""
        return await self._state.reading.run(partial(_read, self._state, id))

    async def status(self) -> ServerStatus:
        """Tell what is searched."""
        return await self._state.reading.run(partial(_status, self._state))


def _answer(state: AppState, wanted: AnswerWanted) -> Answer:
    earlier = parse(wanted.earlier) if wanted.earlier.strip() else None
    return follow(state.library, wanted.question, earlier, k=wanted.k, where=wanted.where).answer


def _search(state: AppState, wanted: SearchWanted) -> SearchResult:
    library, search = state.library, checked(wanted.question, wanted.k)
    hits = library.search(search, k=wanted.k, where=wanted.where)
    read = readable(search.wording, library.embedder)
    passages = (FoundPassage.of(hit, number) for number, hit in enumerate(hits, start=1))
    truncated_at = None if read == search.wording else len(read)
    return SearchResult(wanted.question.strip(), tuple(passages), truncated_at)


def _list(state: AppState, wanted: DocumentsWanted) -> Documents:
    sought = wanted.find.casefold().strip()
    known = [info for info in state.library.documents() if sought in info.name.casefold()]
    entries = sorted(map(DocumentEntry.of, known), key=_order)
    # After a document, not a number: what is added or removed meanwhile moves no other.
    first = bisect_right(entries, _after(wanted.cursor), key=_order)
    part = entries[first : first + wanted.limit]
    more = first + wanted.limit < len(entries)
    return Documents(tuple(part), len(entries), _cursor(part[-1]) if more else None)


def _order(entry: DocumentEntry) -> tuple[str, str]:
    return entry.name, entry.id


def _cursor(entry: DocumentEntry) -> str:
    return urlsafe_b64encode((entry.id + entry.name).encode("utf-8", "replace")).decode()


def _after(cursor: str) -> tuple[str, str]:
    try:
        told = urlsafe_b64decode(cursor).decode()
    except ValueError as error:
        raise QuestionError("This cursor leads nowhere. Take it from `next` of a list.") from error
    return told[DIGITS:], told[:DIGITS]


def _read(state: AppState, id: str) -> DocumentText:
    with state.library.store.view() as view:
        info = document_of(view, id)
        text = view.contents(info.path).document.text
    return DocumentText(DocumentEntry.of(info), text)


def _status(state: AppState) -> ServerStatus:
    found = state.library.status()
    return ServerStatus(
        version("quoth"),
        state.is_ready,
        found.model,
        found.runtime,
        found.counts,
        state.uploads.pending(),
        found.unknown_languages,
        tuple(map(Unread.of, found.unread[:_MOST_UNREAD])),
        found.dense_search,
    )
