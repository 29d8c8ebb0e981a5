"""The one object through which programs use a library's cases and conversations."""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import apsw

from rag.answers import Quoted, State
from rag.casework import bin, cases, quotes
from rag.casework.bounds import (
    LONGEST_QUOTE,
    checked_name,
    checked_note,
    checked_question,
    checked_tags,
)
from rag.casework.conditions import with_conditions
from rag.casework.conversations import Conversations
from rag.casework.database import CaseworkDatabase, select
from rag.casework.encoding import now
from rag.casework.interchange import case_from_json
from rag.casework.records import (
    Case,
    CaseQuestion,
    CaseSummary,
    Deletion,
    KeptQuote,
)
from rag.errors import CaseworkError
from rag.library_folder import LibraryFolder
from vector_store.base import StoreView


class Casework:
    """Cases of kept quotes, and conversations: a person's own work, kept beside the documents.

    It stays when documents change or are removed, until the person deletes it. Safe to use from
    several threads and processes. Any call raises StoreBusyError, StoreUnwritableError,
    StoreDamagedError or StoreVersionError, and CaseworkError for what exceeds the bounds.
    """

    def __init__(
        self, folder: Path | None, view: Callable[[], AbstractContextManager[StoreView]]
    ) -> None:
        """Keep the work in a library's folder; without one, in memory.

        `view` opens a view of the documents, by which the condition of quotes is known.
        """
        path = None if folder is None else LibraryFolder(folder).casework
        self._database = CaseworkDatabase(path)
        self._view = view
        self.conversations: Conversations = Conversations(self._database)
        """The conversations."""

    # Cases

    def cases(self) -> list[CaseSummary]:
        """Return all cases, that made last first."""
        with self._database.reading() as connection:
            return cases.summaries(connection)

    def case(self, id_or_name: str) -> Case:
        """Return a case with its quotes in order, each with its condition. Raises NotFoundError."""
        with self._database.reading() as connection:
            case_id = cases.named(connection, id_or_name)
            case = cases.read(connection, case_id)
            entries = quotes.of_case(connection, case_id)
        with self._view() as view:
            return replace(case, quotes=_numbered(with_conditions(view, entries)))

    def new(self, name: str, note: str = "") -> CaseSummary:
        """Make a case; return it."""
        checked = checked_name(name)
        case = Case(id=cases.new_id(), name=checked, note=checked_note(note), created=now())
        with self._database.writing() as connection:
            cases.insert(connection, case)
            return cases.summary(connection, case.id)

    def change(self, case: str, *, name: str | None = None, note: str | None = None) -> None:
        """Rename a case, or set its note. Raises NotFoundError."""
        checked = None if name is None else checked_name(name)
        text = None if note is None else checked_note(note)
        with self._database.writing() as connection:
            cases.change(connection, cases.named(connection, case), name=checked, note=text)

    def delete(self, case: str) -> str:
        """Move a case with its quotes to the bin; return its id. Raises NotFoundError."""
        with self._database.writing() as connection:
            case_id = cases.named(connection, case)
            bin.delete(connection, "case", case_id)
        return case_id

    def restore(self, case_id: str) -> None:
        """Take a case back out of the bin. Raises NotFoundError."""
        with self._database.writing() as connection:
            bin.restore(connection, "case", case_id)

    def note_question(self, case: str, question: CaseQuestion) -> None:
        """Store a question with a case, and how it was searched for. Raises NotFoundError."""
        text = checked_question(question.question)
        if not text:
            raise CaseworkError("The question is empty.")
        with self._database.writing() as connection:
            case_id = cases.named(connection, case)
            cases.note_question(connection, case_id, replace(question, question=text))

    def remove_question(self, case: str, question: str) -> None:
        """Remove a question from a case; its quotes stay. Raises NotFoundError."""
        with self._database.writing() as connection:
            cases.remove_question(connection, cases.named(connection, case), question)

    def import_case(self, data: bytes) -> CaseSummary:
        """Make a case of the JSON file that one was exported to; return it.

        Ids that this library has not given yet stay the same, and links to the quotes with them.
        Raises CaseworkError when the file is not such a file.
        """
        case = case_from_json(data)
        with self._database.writing() as connection:
            used = _ids(connection)
            case = replace(case, id=_free(case.id, used))
            cases.insert(connection, case)
            for entry in case.quotes:
                quotes.append(connection, case.id, replace(entry, id=_free(entry.id, used)))
            return cases.summary(connection, case.id)

    # Quotes

    def keep(
        self,
        case: str,
        quote: Quoted,
        *,
        question: str | CaseQuestion = "",
        state: State | None = None,
        note: str = "",
        tags: Sequence[str] = (),
    ) -> KeptQuote:
        """Keep a quote at the end of a case, and its question with the case; return it.

        The same quote of the same question is kept once. Raises NotFoundError for an unknown case.
        """
        if len(quote.text) > LONGEST_QUOTE:
            raise CaseworkError(f"A quote may have {LONGEST_QUOTE:,} characters. Keep less of it.")
        if isinstance(question, str):
            question = CaseQuestion(question=question, state=state, created=now())
        question = replace(question, question=checked_question(question.question))
        entry = KeptQuote(
            id=cases.new_id(),
            quote=quote,
            question=question.question,
            state=question.state,
            created=now(),
            note=checked_note(note),
            tags=checked_tags(tags),
        )
        with self._database.writing() as connection:
            case_id = cases.named(connection, case)
            if question.question:
                cases.note_question(connection, case_id, question)
            known = quotes.same(connection, case_id, quote, entry.question)
            if known is None:
                quotes.append(connection, case_id, entry)
            entry, _ = quotes.read(connection, known or entry.id)
        return self._with_condition(entry)

    def quote(self, id: str) -> tuple[KeptQuote, CaseSummary]:
        """Return a kept quote with its condition, and its case. Raises NotFoundError."""
        with self._database.reading() as connection:
            entry, case_id = quotes.read(connection, id)
            case = cases.summary(connection, case_id)
            _, position = quotes.position_of(connection, id)
        citation = replace(entry.quote.citation, number=position + 1)
        entry = replace(entry, quote=replace(entry.quote, citation=citation))
        return self._with_condition(entry), case

    def annotate(
        self, quote_id: str, *, note: str | None = None, tags: Sequence[str] | None = None
    ) -> None:
        """Set a quote's note or tags. Raises NotFoundError."""
        text = None if note is None else checked_note(note)
        checked = None if tags is None else checked_tags(tags)
        with self._database.writing() as connection:
            quotes.change(connection, quote_id, note=text, tags=checked)

    def move(self, quote_id: str, *, case: str | None = None, position: int | None = None) -> None:
        """Move a quote within its case or to another, to a position from 0 or to the end.

        Its question goes with it. Raises NotFoundError.
        """
        with self._database.writing() as connection:
            entry, here = quotes.read(connection, quote_id)
            there = here if case is None else cases.named(connection, case)
            if there != here and entry.question:
                question = cases.question_in(connection, here, entry.question)
                cases.note_question(connection, there, question)
            quotes.place(connection, quote_id, there, position)

    def position_of(self, quote_id: str) -> tuple[str, int]:
        """Return a quote's case, by id, and its position there from 0. Raises NotFoundError."""
        with self._database.reading() as connection:
            return quotes.position_of(connection, quote_id)

    def delete_quote(self, quote_id: str) -> None:
        """Move a quote to the bin. Raises NotFoundError."""
        with self._database.writing() as connection:
            bin.delete(connection, "quote", quote_id)

    def restore_quote(self, quote_id: str) -> None:
        """Take a quote back out of the bin, to its old place. Raises NotFoundError."""
        with self._database.writing() as connection:
            bin.restore(connection, "quote", quote_id)

    def count_quotes_of(self, document_ids: Collection[str]) -> int:
        """Return how many quotes in cases are of these documents."""
        if self._database.is_empty:
            return 0
        with self._database.reading() as connection:
            return quotes.count_of_documents(connection, document_ids)

    # The bin

    def bin(self) -> list[Deletion]:
        """Return what was deleted and can be restored, deleted last first."""
        with self._database.reading() as connection:
            return bin.contents(connection)

    def empty_bin(self) -> int:
        """Drop what is in the bin for good; return how much it was."""
        with self._database.writing() as connection:
            return bin.empty(connection)

    def _with_condition(self, entry: KeptQuote) -> KeptQuote:
        with self._view() as view:
            return with_conditions(view, [entry])[0]


def _numbered(entries: Sequence[KeptQuote]) -> tuple[KeptQuote, ...]:
    """Return quotes whose citations count from 1, in their order."""
    return tuple(
        replace(
            entry,
            quote=replace(entry.quote, citation=replace(entry.quote.citation, number=number)),
        )
        for number, entry in enumerate(entries, start=1)
    )


def _ids(connection: apsw.Connection) -> set[str]:
    rows = select(connection, "SELECT id FROM cases UNION SELECT id FROM quotes")
    return {str(id) for (id,) in rows}


def _free(id: str, used: set[str]) -> str:
    """Return an id that is not used yet, the one given if possible, and note it as used."""
    free = cases.new_id() if id in used else id
    used.add(free)
    return free
