"""What the server does with cases and conversations, for every interface."""

import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from rag.answers import Answer, State
from rag.casework.casework import Casework
from rag.casework.encoding import now
from rag.casework.records import Case, CaseQuestion, CaseSummary, KeptQuote, SearchMade
from rag.chat.followups import Followed, follow
from rag.errors import CaseworkError, NotFoundError, QuestionError, StoreError
from rag.export.cases import CASE_FORMATS
from rag.export.report import absence_report, case_question
from ui.app_state import AppState
from ui.error_messages import sentence
from ui.quote_export import Place

Result = TypeVar("Result")

_log = logging.getLogger("quoth.page")


class Recorded(NamedTuple):
    """Where an answer was stored; empty ids, and the reason, when it could not be."""

    conversation: str
    turn: str
    reason: str = ""


class CaseworkService:
    """The only caller of the library's casework in a server.

    Every call waits in a queue of `state`, as those of `ui.service.Service` do, and raises what
    these and `rag.casework.casework.Casework` raise.
    """

    def __init__(self, state: AppState) -> None:
        """Work with the library of `state`."""
        self._state = state

    async def run(self, work: Callable[[Casework], Result]) -> Result:
        """Return the result of `work` on the cases and conversations, in a thread."""
        return await self._state.reading.run(lambda: work(self._state.served.casework))

    async def keep(
        self,
        case: str | None,
        place: Place,
        render: Callable[[Casework, KeptQuote], Result],
        *,
        question: str = "",
        state: State | None = None,
        turn: str = "",
        first: str = "",
    ) -> Result:
        """Keep the passage at a place in a case, with the question that it was shown for.

        The words come from the library. With a `turn`, what is known of its search is kept too.
        Without a case, one called `first` is made. Raises NotFoundError when the passage is gone.
        """

        def work() -> Result:
            casework = self._state.served.casework
            quote = self._state.library.passage_at(*place)
            asked = _question_of(casework, question, state, turn)
            case_id = case or casework.new(first).id
            return render(casework, casework.keep(case_id, quote, question=asked))

        return await self._state.reading.run(work)

    async def keep_passage(self, case: str, passage: str, **what: str | Sequence[str]) -> KeptQuote:
        """Keep a passage in a case by the id of its citation.

        Raises NotFoundError for an unknown case, QuestionError for an unknown passage.
        """

        def work() -> KeptQuote:
            try:
                quote = self._state.library.passage(passage, around=0).passage
            except NotFoundError as error:
                raise QuestionError(str(error)) from error
            return self._state.served.casework.keep(case, quote, **what)  # type: ignore[arg-type]

        return await self._state.reading.run(work)

    async def keep_absence(
        self,
        case: str | None,
        question: str,
        carry: Sequence[str],
        render: Callable[[Casework, CaseSummary], Result],
        *,
        first: str = "",
    ) -> Result:
        """Search for a question again, and keep in a case the report that nothing was found.

        Raises QuestionError when passages answer, or may.
        """

        def work() -> Result:
            library, casework = self._state.library, self._state.served.casework
            answer = follow(library, question, None, carry=carry).answer
            report = case_question(absence_report(library, answer))
            case_id = case or casework.new(first).id
            casework.note_question(case_id, report)
            named = next(one for one in casework.cases() if case_id in (one.id, one.name))
            return render(casework, named)

        return await self._state.questions.run(work)

    async def export(self, case: str, format: str) -> bytes:
        """Return a case as a file, within an `export_turn`."""

        def work() -> bytes:
            return CASE_FORMATS[format].write(self._state.served.casework.case(case))

        return await self._state.exporting.run_entered(work)

    def record(
        self,
        followed: Followed,
        conversation: str | None,
        *,
        carry: tuple[str, ...] | None,
        instead: str | None,
    ) -> Recorded:
        """Store an answer in a conversation; at once, for a `render` in its thread.

        An answer that cannot be stored, since the disk is full for instance, is shown all the same.
        """
        try:
            ids = self._state.served.casework.conversations.add(
                conversation, followed.answer, followed.other, carry=carry, instead=instead
            )
        except (StoreError, CaseworkError) as error:
            _log.warning("an answer was not stored: %s", error)
            return Recorded("", "", sentence(error))
        return Recorded(*ids)


def export_name(case: Case | CaseSummary, format: str) -> str:
    """Return the name of a case's file: letters, digits and hyphens of its own name."""
    stem = "".join(char if char.isascii() and char.isalnum() else "-" for char in case.name)
    return f"{'-'.join(filter(None, stem.split('-'))) or 'case'}.{CASE_FORMATS[format].suffix}"


def _question_of(casework: Casework, question: str, state: State | None, turn: str) -> CaseQuestion:
    """Return a question with the search of its turn, as far as that is stored."""
    asked = CaseQuestion(question=question, state=state, created=now())
    if not turn:
        return asked
    try:
        stored = casework.conversations.turn(turn)
    except NotFoundError:
        return asked
    if stored.answer is None:
        return asked
    return CaseQuestion(
        question=stored.answer.question,
        state=stored.answer.state,
        created=stored.created,
        search=_search_of(stored.answer),
    )


def _search_of(answer: Answer) -> SearchMade:
    return SearchMade(searched=answer.searched, missing=answer.missing, carried=answer.carried)
