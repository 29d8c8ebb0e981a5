"""The records of a person's own work: cases with their quotes, and conversations."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from rag.answers import Answer, Missing, Quoted, State
from rag.query.scope import Searched


@dataclass(frozen=True, slots=True)
class Condition:
    """What has become of a quote's document since the quote was kept."""

    state: Literal["unchanged", "changed", "gone"]
    """changed: its file has other bytes now, or is read otherwise; gone: it was removed."""
    words_remain: bool
    """Whether the library holds the words of the quote in that document, character for character.
    """
    document_id: str = ""
    """The document that the quote can be opened in; empty when it is gone."""
    sha256: str = ""
    """The digest of that document's file."""
    start: int = 0
    """Where the passage with the words begins in its text; 0 when they are not there."""
    end: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptQuote:
    """A quote in a case. Its words, place and digest stay as they were when it was kept."""

    id: str
    """Identifies it in links and requests; it stays the same when the quote is moved."""
    quote: Quoted
    """In a case, `citation.number` counts its quotes from 1, in their order."""
    question: str
    """The question that led to it; empty when there was none."""
    state: State | None
    """Of the answer that showed it; None when there was none."""
    created: datetime
    """When it was kept, in UTC."""
    note: str = ""
    tags: tuple[str, ...] = ()
    condition: Condition | None = None
    """None where it was not looked up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchMade:
    """How a question of a case was searched for: what a report of its outcome needs."""

    searched: Searched
    missing: tuple[Missing, ...] = ()
    carried: tuple[str, ...] = ()
    """Words of the previous question that were searched for as well."""
    quoth: str = ""
    """The version of Quoth."""
    model: str = ""
    documents_digest: str = ""
    """SHA-256 of the sorted digests of all documents, as in a report that nothing was found."""
    unread: tuple[tuple[str, str], ...] = ()
    """The names of files that could not be read, each with the reason; the first hundred."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseQuestion:
    """A question that led to quotes of a case, or to none."""

    question: str
    state: State | None
    created: datetime
    """When it was asked, in UTC."""
    search: SearchMade | None = None
    """None when only its quotes are known."""
    nearest: tuple[Quoted, ...] = ()
    """Of a question whose answer was not found: the nearest passages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSummary:
    """A case in a list."""

    id: str
    name: str
    created: datetime
    quotes: int
    """How many quotes it holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A named set of quotes in an order of the person's own, with the questions behind them."""

    id: str
    name: str
    note: str
    created: datetime
    questions: tuple[CaseQuestion, ...] = ()
    """In the order in which they were asked."""
    quotes: tuple[KeptQuote, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """A case, quote or conversation in the bin."""

    kind: Literal["case", "quote", "conversation"]
    id: str
    name: str
    """The case's or conversation's name, or how the quote begins."""
    deleted: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A question of a conversation with the answer that was given."""

    id: str
    question: str
    created: datetime
    """When it was asked, in UTC."""
    answer: Answer | None
    """None when it was forgotten, since a document that it quotes has changed or was removed, or
    when another version of Quoth stored it in a form that this one does not read."""
    other: Answer | None = None
    """The answer with or without words of the question before, as in `rag.Followed`."""
    carry: tuple[str, ...] | None = None
    """The words of the question before that the person chose; None when the wording decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationSummary:
    """A conversation in a list."""

    id: str
    title: str
    """As it was named, or else its first question."""
    created: datetime
    changed: datetime
    """When its last question was asked, or it was renamed."""
    turns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Questions and the answers that were given, in their order."""

    id: str
    title: str
    created: datetime
    changed: datetime
    turns: tuple[Turn, ...] = field(default=())


Values = dict[str, Any]
"""Plain values, ready for JSON."""
