"""The records of lists: mentions of a text, passages that may answer, questions in a table."""

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, ClassVar, Literal

from rag.answers import Citation, CitedPassage, Quoted, State
from rag.query.scope import Searched, date_of
from vector_store.records import DocumentInfo, Passage

Order = Literal["document", "date", "newest", "meaning"]
"""By document and place; by the document's date, the earliest or the latest first; or by nearness
in meaning, the nearest first."""

_DOCUMENTED: dict[str, Any] = {"use_attribute_docstrings": True}


def day_of(info: DocumentInfo) -> date | None:
    """Return the day of a document: a mail's own, or when its file last changed."""
    return date_of(info.path, info.fields)


@dataclass(frozen=True, slots=True)
class Mention:
    """A passage that holds a text word for word."""

    text: str
    """The passage, word for word as in its document."""
    citation: Citation
    spans: tuple[tuple[int, int], ...]
    """Where it holds the text, in code points of the passage; empty if only what stands above it
    does: a heading, the names of columns, or a mail's fields."""
    headings: tuple[str, ...]
    """The headings above it, outermost first."""
    columns: str
    """The names of the columns, in one line, if it is a table's row."""
    fields: dict[str, str]
    """The document's sender, recipients, date and subject, if it is a mail."""
    date: str | None
    """The day of its document, such as 2024-05-31: a mail's own, or when its file last changed."""

    @classmethod
    def of(cls, passage: Passage, spans: tuple[tuple[int, int], ...], number: int) -> "Mention":
        """Return a passage as the mention of a number, from 1."""
        quote, day = Quoted.of(passage, number), day_of(passage.document)
        return cls(
            quote.text,
            quote.citation,
            spans,
            quote.headings,
            quote.columns,
            quote.fields,
            day.isoformat() if day else None,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON, without the path on this machine."""
        return {**asdict(self), "citation": self.citation.to_dict()}


@dataclass(frozen=True, slots=True)
class Mentions:
    """A part of the list of all passages that hold a text word for word."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    of: str
    """The text that they hold."""
    order: Order
    mentions: tuple[Mention, ...]
    """Numbered on from the part before."""
    count: int
    """How many passages hold it: all of them if `complete`, otherwise at least so many."""
    documents: int
    """How many documents those are from."""
    complete: bool
    """Whether every passage that may hold it was compared, so that the counts are exact."""
    searched: Searched
    next: str | None
    """The `cursor` of the next part; null at the end of the list."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON, without paths on this machine."""
        return {**asdict(self), "mentions": [one.to_dict() for one in self.mentions]}


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerList:
    """Passages for a question beyond the best few, and how many of those read may answer it."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    question: str
    passages: tuple[CitedPassage, ...]
    """Likeliest first. No part lists a passage that an earlier one has."""
    may_answer: int
    """How many of the passages read so far answer or may: at least so many do in all documents."""
    documents: int
    """How many documents those are from."""
    read: int
    """How many passages were read so far."""
    threshold: float
    """The least probability of a passage that may answer."""
    searched: Searched
    dates: dict[str, str] = field(default_factory=dict)
    """The days of the documents of `passages`, such as 2024-05-31, by `document_id`."""
    complete: bool = False
    """Whether every passage was read, so that the counts are exact."""
    next: str | None = None
    """The `cursor` of the next part; null at the end."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON, without paths on this machine."""
        passages = [
            {**asdict(passage), "citation": passage.citation.to_dict()} for passage in self.passages
        ]
        return {**asdict(self), "passages": passages}


@dataclass(frozen=True, slots=True)
class TableRow:
    """A question of many, with its best answer in short."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    question: str
    state: State | None
    """None when the question was refused."""
    confidence: float
    """The estimated probability, 0 to 1, that the first passage answers."""
    quote: str
    """The passage that answers or may, word for word; empty when none was found."""
    citation: Citation | None
    """The place of the quote."""
    suggestion: str
    """The question with misspelt names corrected; empty if none seems to be misspelt."""
    error: str
    """Why the question was refused; otherwise empty."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON, without paths on this machine."""
        citation = None if self.citation is None else self.citation.to_dict()
        return {**asdict(self), "citation": citation}
