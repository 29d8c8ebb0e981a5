"""Conversations: the questions of a person with the answers that were given."""

import json
from contextlib import suppress
from datetime import datetime

import apsw

from rag.answers import Answer
from rag.casework import bin
from rag.casework.bounds import MOST_CONVERSATIONS, MOST_TURNS, checked_name
from rag.casework.cases import new_id
from rag.casework.database import CaseworkDatabase, select, select_count, select_one
from rag.casework.encoding import (
    answer_of,
    answer_values,
    moment_of,
    moment_text,
    now,
    sources_of,
)
from rag.casework.records import Conversation, ConversationSummary, Turn
from rag.errors import CaseworkError, NotFoundError
from rag.text.encodings import encodable
from vector_store.base import StoreView

_LONGEST_ANSWER = 4_000_000
"""Characters of an answer's JSON; a larger one is asked for again when reopened."""
_SUMMARIES = """
SELECT id, title, created, changed,
  (SELECT question FROM turns WHERE conversation_id = conversations.id ORDER BY number LIMIT 1),
  (SELECT count(*) FROM turns WHERE conversation_id = conversations.id)
FROM conversations WHERE deleted IS NULL
"""


class Conversations:
    """The conversations of one library. Any call raises as `CaseworkDatabase.writing` does."""

    def __init__(self, database: CaseworkDatabase) -> None:
        """Keep conversations in a database."""
        self._database = database

    def summaries(self, find: str = "") -> list[ConversationSummary]:
        """Return the conversations, that used last first.

        With `find`, only those with this text in their title or in one of their questions.
        """
        folded = find.casefold().strip()
        with self._database.reading() as connection:
            rows = select(connection, f"{_SUMMARIES} ORDER BY changed DESC, rowid DESC")
            texts = _texts(connection) if folded else {}
        return [
            _summary(*row)
            for row in rows
            if not folded or folded in row[1].casefold() or folded in texts.get(row[0], "")
        ]

    def read(self, id: str) -> Conversation:
        """Return a conversation with its turns. Raises NotFoundError."""
        with self._database.reading() as connection:
            row = select_one(connection, f"{_SUMMARIES} AND id = ?", (id,))
            if row is None:
                raise _no_conversation(id)
            rows = select(
                connection,
                "SELECT id, question, carry, content, created FROM turns "
                "WHERE conversation_id = ? ORDER BY number",
                (id,),
            )
            turns = tuple(_turn(*columns) for columns in rows)
        summary = _summary(*row)
        return Conversation(
            id=id,
            title=summary.title,
            created=summary.created,
            changed=summary.changed,
            turns=turns,
        )

    def turn(self, id: str) -> Turn:
        """Return one turn. Raises NotFoundError."""
        with self._database.reading() as connection:
            row = select_one(
                connection,
                "SELECT id, question, carry, content, created FROM turns WHERE id = ?",
                (id,),
            )
            if row is None:
                raise NotFoundError("This question is in no conversation any more. Ask it again.")
            return _turn(*row)

    def add(
        self,
        id: str | None,
        answer: Answer,
        other: Answer | None = None,
        *,
        carry: tuple[str, ...] | None = None,
        instead: str | None = None,
    ) -> tuple[str, str]:
        """Store an answer at the end of a conversation, or in place of the turn `instead`.

        Without an id, or with one that is unknown, a conversation is begun. Returns the ids of
        conversation and turn. Raises CaseworkError when the conversation is full.
        """
        moment = moment_text(now())
        values = {"answer": answer_values(answer), "other": other and answer_values(other)}
        content = json.dumps(values)
        if len(content) > _LONGEST_ANSWER:
            content = ""
        question, carried = encodable(answer.question), json.dumps(carry)
        with self._database.writing() as connection:
            conversation = _begun(connection, id, moment)
            row = select_one(
                connection,
                "SELECT number, id FROM turns WHERE id = ? AND conversation_id = ?",
                (instead, conversation),
            )
            turn_id = new_id() if row is None else str(row[1])
            if row is None:
                number = _appended(
                    connection, (turn_id, conversation, question, carried, content, moment)
                )
            else:
                number = int(row[0])
                connection.execute(
                    "UPDATE turns SET question = ?, carry = ?, content = ?, created = ? "
                    "WHERE number = ?",
                    (question, carried, content, moment, number),
                )
            _note_sources(connection, number, [answer, *filter(None, [other])] if content else [])
            connection.execute(
                "UPDATE conversations SET changed = ? WHERE id = ?", (moment, conversation)
            )
        return conversation, turn_id

    def rename(self, id: str, title: str) -> None:
        """Give a conversation a title. Raises NotFoundError, CaseworkError."""
        line = checked_name(title)
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE conversations SET title = ? WHERE id = ? AND deleted IS NULL", (line, id)
            )
            if not connection.changes():
                raise _no_conversation(id)

    def delete(self, id: str) -> None:
        """Move a conversation to the bin. Raises NotFoundError."""
        with self._database.writing() as connection:
            bin.delete(connection, "conversation", id)

    def restore(self, id: str) -> None:
        """Take a conversation back out of the bin. Raises NotFoundError."""
        with self._database.writing() as connection:
            bin.restore(connection, "conversation", id)

    def forget_all(self) -> int:
        """Drop all conversations for good, those in the bin included; return how many."""
        with self._database.writing() as connection:
            count = select_count(connection, "SELECT count(*) FROM conversations")
            connection.execute("DELETE FROM conversations")
        return count

    def forget_changed(self, view: StoreView) -> int:
        """Forget answers that quote documents which a view lacks, or holds with other bytes.

        Their questions stay. So nothing is left of a document that was removed or replaced.
        Returns how many answers were forgotten.
        """
        if self._database.is_empty:
            return 0
        with self._database.reading() as connection:
            sources = select(connection, "SELECT DISTINCT document_id, sha256 FROM sources")
        stale = [source for source in sources if not _is_current(view, *source)]
        if not stale:
            return 0
        with self._database.writing() as connection:
            turns = {
                row
                for source in stale
                for row in select(
                    connection,
                    "SELECT turn FROM sources WHERE document_id = ? AND sha256 = ?",
                    source,
                )
            }
            connection.executemany("UPDATE turns SET content = '' WHERE number = ?", turns)
            connection.executemany("DELETE FROM sources WHERE turn = ?", turns)
        return len(turns)


def _is_current(view: StoreView, document_id: str, sha256: str) -> bool:
    with suppress(KeyError):
        return view.document(document_id).sha256 == sha256
    return False


def _texts(connection: apsw.Connection) -> dict[str, str]:
    """Return the questions of each conversation in one text, folded."""
    texts: dict[str, str] = {}
    for id, question in select(
        connection, "SELECT conversation_id, question FROM turns ORDER BY number"
    ):
        texts[id] = f"{texts.get(id, '')}\n{question.casefold()}"
    return texts


def _summary(
    id: str, title: str, created: str, changed: str, first: str | None, turns: int
) -> ConversationSummary:
    return ConversationSummary(
        id=id,
        title=title or first or "",
        created=moment_of(created),
        changed=moment_of(changed),
        turns=turns,
    )


def _turn(id: str, question: str, carry: str, content: str, created: str) -> Turn:
    moment: datetime = moment_of(created)
    values = json.loads(content) if content else {}
    answer, other = (
        answer_of(values[name]) if values.get(name) else None for name in ("answer", "other")
    )
    words = json.loads(carry)
    return Turn(
        id=id,
        question=question,
        created=moment,
        answer=answer,
        other=other,
        carry=None if words is None else tuple(words),
    )


def _no_conversation(id: str) -> NotFoundError:
    return NotFoundError(f"No conversation has the id {id[:40]!r}: it was deleted, or never was.")


def _begun(connection: apsw.Connection, id: str | None, moment: str) -> str:
    """Return the id of a conversation that exists: the one given, or a new one."""
    row = select_one(
        connection, "SELECT id FROM conversations WHERE id = ? AND deleted IS NULL", (id,)
    )
    if row is not None:
        return str(row[0])
    begun = new_id()
    connection.execute(
        "INSERT INTO conversations VALUES (?, '', ?, ?, NULL)", (begun, moment, moment)
    )
    connection.execute(
        "DELETE FROM conversations WHERE id IN (SELECT id FROM conversations "
        "WHERE deleted IS NULL ORDER BY changed DESC, rowid DESC LIMIT -1 OFFSET ?)",
        (MOST_CONVERSATIONS,),
    )
    return begun


def _appended(connection: apsw.Connection, columns: tuple[str, ...]) -> int:
    count = select_count(
        connection, "SELECT count(*) FROM turns WHERE conversation_id = ?", (columns[1],)
    )
    if count >= MOST_TURNS:
        raise CaseworkError(f"A conversation may have {MOST_TURNS} questions. Begin a new one.")
    connection.execute(
        "INSERT INTO turns (id, conversation_id, question, carry, content, created) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        columns,
    )
    return connection.last_insert_rowid()


def _note_sources(connection: apsw.Connection, turn: int, answers: list[Answer]) -> None:
    connection.execute("DELETE FROM sources WHERE turn = ?", (turn,))
    sources = {source for answer in answers for source in sources_of(answer)}
    connection.executemany(
        "INSERT INTO sources VALUES (?, ?, ?)", [(turn, *source) for source in sorted(sources)]
    )
