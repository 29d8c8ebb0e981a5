"""Responses of REST and MCP about cases and conversations.

The text below a field is its description in the schemas.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from rag.answers import Answer, Quoted, State
from rag.casework.encoding import moment_text
from rag.casework.records import (
    CaseSummary,
    Condition,
    Conversation,
    ConversationSummary,
    SearchMade,
    Values,
)

_DOCUMENTED: dict[str, Any] = {"use_attribute_docstrings": True}


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """A case in a list."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    id: str
    name: str
    created: str
    """When it was made, in ISO 8601."""
    quotes: int
    """How many quotes it holds."""

    @classmethod
    def of(cls, case: CaseSummary) -> "CaseEntry":
        """Return the entry of a case."""
        return cls(case.id, case.name, moment_text(case.created), case.quotes)


@dataclass(frozen=True, slots=True)
class CaseList:
    """All cases."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    cases: tuple[CaseEntry, ...]
    """That made last first."""


@dataclass(frozen=True, slots=True)
class QuoteKept:
    """A quote in a case: its words, place and digest are those of when it was kept."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    id: str
    """Identifies it in requests and in links."""
    question: str
    """The question that led to it; empty when there was none."""
    state: State | None
    """Of the answer that showed it."""
    created: str
    """When it was kept, in ISO 8601."""
    note: str
    tags: tuple[str, ...]
    quote: Quoted
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class QuestionOfCase:
    """A question that led to quotes of a case, or to none."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    question: str
    state: State | None
    created: str
    """When it was asked, in ISO 8601."""
    search: SearchMade | None
    """How it was searched for, where that is known."""
    nearest: tuple[Quoted, ...]
    """The nearest passages, where nothing was found."""


@dataclass(frozen=True, slots=True)
class CaseRead:
    """A case: the object that its export as JSON holds, with the condition of each quote."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    format: str
    version: int
    id: str
    name: str
    note: str
    created: str
    questions: tuple[QuestionOfCase, ...]
    quotes: tuple[QuoteKept, ...]
    """In the order of the person's own."""


@dataclass(frozen=True, slots=True)
class QuoteInCase:
    """A kept quote, and its case."""

    case: CaseEntry
    kept: QuoteKept


@dataclass(frozen=True, slots=True)
class RecordChanged:
    """A case, quote or conversation that was changed, deleted or restored."""

    id: str


@dataclass(frozen=True, slots=True)
class ConversationEntry:
    """A conversation in a list."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    id: str
    title: str
    """As it was named, or else its first question."""
    created: str
    changed: str
    """When its last question was asked, in ISO 8601."""
    turns: int
    """How many questions it has."""

    @classmethod
    def of(cls, summary: ConversationSummary) -> "ConversationEntry":
        """Return the entry of a conversation."""
        return cls(
            summary.id,
            summary.title,
            moment_text(summary.created),
            moment_text(summary.changed),
            summary.turns,
        )


@dataclass(frozen=True, slots=True)
class ConversationList:
    """The conversations of the chat page."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    conversations: tuple[ConversationEntry, ...]
    """That used last first."""


@dataclass(frozen=True, slots=True)
class TurnRead:
    """A question of a conversation, and the answer that was given."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    id: str
    question: str
    created: str
    """When it was asked, in ISO 8601."""
    answer: Answer | None
    """Null when it is no longer stored, since a document that it quotes has changed."""


@dataclass(frozen=True, slots=True)
class ConversationRead:
    """A conversation with the answers that were given."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    id: str
    title: str
    created: str
    changed: str
    turns: tuple[TurnRead, ...]


def conversation_values(conversation: Conversation) -> Values:
    """Return a conversation as plain values."""
    return {
        "id": conversation.id,
        "title": conversation.title,
        "created": moment_text(conversation.created),
        "changed": moment_text(conversation.changed),
        "turns": [
            {
                "id": turn.id,
                "question": turn.question,
                "created": moment_text(turn.created),
                "answer": None if turn.answer is None else turn.answer.to_dict(),
            }
            for turn in conversation.turns
        ],
    }
