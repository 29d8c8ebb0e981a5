"""Requests of the page's script about cases and conversations."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from rag.answers import State
from ui.page.schemas import PlaceRequest, QuestionText, Words

RecordId = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{8,64}$")]
"""Of a case, a quote, a conversation or a turn."""
Name = Annotated[str, Field(max_length=1_000)]
Note = Annotated[str, Field(max_length=100_000)]
Position = Annotated[int, Field(ge=0, le=100_000)]


class CaseRequest(BaseModel):
    """A case."""

    case: RecordId


class NewCaseRequest(BaseModel):
    """A case to make; without a name, it is numbered."""

    name: Name = ""


class CaseChangeRequest(CaseRequest):
    """A case's new name or note."""

    name: Name | None = None
    note: Note | None = None


class CaseQuestionRequest(CaseRequest):
    """A question of a case."""

    question: Annotated[str, Field(max_length=10_000)]


class CaseExportRequest(CaseRequest):
    """A case to export, and the format."""

    format: Literal["markdown", "docx", "csv", "bibtex", "csl", "json", "dossier", "dossier-html"]


class KeepRequest(BaseModel):
    """A passage to keep, with the question that it was shown for."""

    case: RecordId | None = None
    """None for the first one, which is made."""
    place: PlaceRequest
    question: QuestionText = ""
    state: State | None = None
    turn: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{0,64}$")] = ""


class AbsentRequest(BaseModel):
    """A question that was not answered, to note in a case, and the words it was asked with."""

    case: RecordId | None = None
    question: QuestionText
    carry: Words = []


class QuoteRequest(BaseModel):
    """A kept quote."""

    quote: RecordId


class AnnotationRequest(QuoteRequest):
    """A quote's new note or tags."""

    note: Note | None = None
    tags: Annotated[list[Name], Field(max_length=200)] | None = None


class MoveRequest(QuoteRequest):
    """Where to move a quote: up or down by a number of places, or to the end of another case."""

    case: RecordId | None = None
    step: Annotated[int, Field(ge=-1, le=1)] = 0
    position: Position | None = None
    """Of an undone move: where it was, from 0."""


class ConversationRequest(BaseModel):
    """A conversation."""

    conversation: RecordId


class TitleRequest(ConversationRequest):
    """A conversation's new title."""

    title: Name
