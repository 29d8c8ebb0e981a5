"""Cases and their questions, as rows of the database."""

import json
import secrets

import apsw

from rag.casework.bounds import MOST_CASES, MOST_QUESTIONS
from rag.casework.database import select, select_count, select_one
from rag.casework.encoding import moment_of, moment_text, now, question_of, question_values
from rag.casework.records import Case, CaseQuestion, CaseSummary
from rag.errors import CaseworkError, NotFoundError

_SUMMARIES = """
SELECT id, name, created,
  (SELECT count(*) FROM quotes WHERE case_id = cases.id AND quotes.deleted IS NULL)
FROM cases WHERE deleted IS NULL
"""


def new_id() -> str:
    """Return an id that no one guesses and none else has."""
    return secrets.token_hex(8)


def summaries(connection: apsw.Connection) -> list[CaseSummary]:
    """Return all cases, that made last first."""
    rows = select(connection, f"{_SUMMARIES} ORDER BY created DESC, rowid DESC")
    return [_summary(*row) for row in rows]


def summary(connection: apsw.Connection, case_id: str) -> CaseSummary:
    """Return one case of the list. Raises NotFoundError."""
    row = select_one(connection, f"{_SUMMARIES} AND id = ?", (case_id,))
    if row is None:
        raise _no_case(case_id)
    return _summary(*row)


def _summary(id: str, name: str, created: str, quotes: int) -> CaseSummary:
    return CaseSummary(id=id, name=name, created=moment_of(created), quotes=quotes)


def _no_case(case_id: str) -> NotFoundError:
    return NotFoundError(
        f"No case has the id or name {case_id[:80]!r}. It was deleted, or never was in this "
        "library. To list the cases: quoth cases list"
    )


def named(connection: apsw.Connection, id_or_name: str) -> str:
    """Return the id of the case with an id or, if only one has it, a name.

    Raises NotFoundError, or CaseworkError where several have the name.
    """
    rows = select(
        connection,
        "SELECT id, id = ?1 FROM cases WHERE deleted IS NULL AND (id = ?1 OR name = ?1) "
        "ORDER BY id = ?1 DESC",
        (id_or_name,),
    )
    if not rows:
        raise _no_case(id_or_name)
    if len(rows) > 1 and not rows[0][1]:
        ids = ", ".join(str(row[0]) for row in rows)
        raise CaseworkError(f"{len(rows)} cases have this name. Give the id of one: {ids}.")
    return str(rows[0][0])


def read(connection: apsw.Connection, case_id: str) -> Case:
    """Return a case with its questions and without its quotes. Raises NotFoundError."""
    row = select_one(
        connection,
        "SELECT id, name, note, created FROM cases WHERE id = ? AND deleted IS NULL",
        (case_id,),
    )
    if row is None:
        raise _no_case(case_id)
    id, name, note, created = row
    contents = select(
        connection, "SELECT content FROM questions WHERE case_id = ? ORDER BY number", (case_id,)
    )
    questions = tuple(question_of(json.loads(content)) for (content,) in contents)
    return Case(id=id, name=name, note=note, created=moment_of(created), questions=questions)


def insert(connection: apsw.Connection, case: Case) -> None:
    """Store a case and its questions, without its quotes. Raises CaseworkError if too many."""
    count = select_count(connection, "SELECT count(*) FROM cases WHERE deleted IS NULL")
    if count >= MOST_CASES:
        raise CaseworkError(f"There are {MOST_CASES} cases already. Delete one that is finished.")
    connection.execute(
        "INSERT INTO cases VALUES (?, ?, ?, ?, NULL)",
        (case.id, case.name, case.note, moment_text(case.created)),
    )
    for question in case.questions:
        note_question(connection, case.id, question)


def change(
    connection: apsw.Connection, case_id: str, *, name: str | None, note: str | None
) -> None:
    """Set a case's name or note, or both. Raises NotFoundError."""
    summary(connection, case_id)
    connection.execute(
        "UPDATE cases SET name = coalesce(?, name), note = coalesce(?, note) WHERE id = ?",
        (name, note, case_id),
    )


def note_question(connection: apsw.Connection, case_id: str, question: CaseQuestion) -> None:
    """Store a question of a case once. What is known of how it was searched for is not lost.

    Raises CaseworkError when the case has too many.
    """
    row = select_one(
        connection,
        "SELECT content FROM questions WHERE case_id = ? AND question = ?",
        (case_id, question.question),
    )
    if row is not None:
        if question.search is not None:
            connection.execute(
                "UPDATE questions SET content = ? WHERE case_id = ? AND question = ?",
                (_content(question), case_id, question.question),
            )
        return
    count = select_count(connection, "SELECT count(*) FROM questions WHERE case_id = ?", (case_id,))
    if count >= MOST_QUESTIONS:
        raise CaseworkError(f"A case may have {MOST_QUESTIONS:,} questions. Make another case.")
    connection.execute(
        "INSERT INTO questions (case_id, question, content) VALUES (?, ?, ?)",
        (case_id, question.question, _content(question)),
    )


def question_in(connection: apsw.Connection, case_id: str, question: str) -> CaseQuestion:
    """Return what a case knows of a question, or that it was just asked."""
    row = select_one(
        connection,
        "SELECT content FROM questions WHERE case_id = ? AND question = ?",
        (case_id, question),
    )
    if row is None:
        return CaseQuestion(question=question, state=None, created=now())
    return question_of(json.loads(row[0]))


def remove_question(connection: apsw.Connection, case_id: str, question: str) -> None:
    """Remove a question from a case; its quotes stay. Raises NotFoundError."""
    connection.execute(
        "DELETE FROM questions WHERE case_id = ? AND question = ?", (case_id, question)
    )
    if not connection.changes():
        raise NotFoundError("The case has no such question.")


def _content(question: CaseQuestion) -> str:
    return json.dumps(question_values(question))
