"""Requests of REST and MCP about cases and conversations.

The text below a field is its description in the schemas.
"""

from typing import Annotated, Literal

from pydantic import Field

from rag.casework.bounds import (
    LONGEST_NAME,
    LONGEST_NOTE,
    LONGEST_QUESTION,
    LONGEST_TAG,
    MOST_TAGS,
)
from ui.api.requests import CitationId, QuestionText, StrictRequest

RecordId = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{8,64}$")]
CaseName = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME, pattern=r"\S")]
Note = Annotated[str, Field(max_length=LONGEST_NOTE)]
Tags = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=LONGEST_TAG, pattern=r"^[^,]*$")], ...],
    Field(max_length=MOST_TAGS),
]
CaseFormatName = Literal[
    "markdown", "docx", "csv", "bibtex", "csl", "json", "dossier", "dossier-html"
]


class NoArguments(StrictRequest):
    """A call without arguments."""


class NewCaseRequest(StrictRequest):
    """A case to make."""

    name: CaseName
    note: Note = ""
    """What the case is about."""


class CaseChangeRequest(StrictRequest):
    """A case's new name or note; what is left out stays."""

    name: CaseName | None = None
    note: Note | None = None


class CaseReadRequest(StrictRequest):
    """A case."""

    case: CaseName
    """Its id, or its name if no other case has it."""


class KeepRequest(StrictRequest):
    """A passage to keep."""

    passage: CitationId
    """The `id` of a citation."""
    question: Annotated[str, Field(max_length=LONGEST_QUESTION)] = ""
    """The question that led to it."""
    note: Note = ""
    tags: Tags = ()


class KeepInCaseRequest(KeepRequest):
    """A passage to keep, and the case."""

    case: CaseName
    """The case's id, or its name if no other case has it."""


class AbsenceRequest(StrictRequest):
    """A question that the documents do not answer, which is searched for again."""

    question: QuestionText


class QuoteChangeRequest(StrictRequest):
    """What to change of a kept quote; what is left out stays."""

    note: Note | None = None
    tags: Tags | None = None
    case: RecordId | None = None
    """The case to move it to."""
    position: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """Its new number in its case."""


class TitleRequest(StrictRequest):
    """A conversation's new title."""

    title: CaseName
