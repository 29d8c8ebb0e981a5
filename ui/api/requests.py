"""Requests of REST, MCP and gradio_client, the same for all three.

The text below a field is its description in the schemas of REST and MCP.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rag.documents.listing import Order
from rag.marking.marks import ReviewStatus
from rag.query.syntax import LONGEST_TYPED

MOST_PASSAGES = 100
MOST_QUESTIONS = 32
MOST_LISTED = 200
MOST_NEIGHBOURS = 20

QuestionText = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_TYPED,
        pattern=r"\S",
        examples=["Which university offers scholarships?"],
    ),
]
Pattern = Annotated[str, Field(min_length=1, max_length=1_000)]
DocumentId = Annotated[str, Field(pattern=r"^[0-9a-f]{24}$")]
CitationId = Annotated[
    str, Field(pattern=r"^[0-9a-f]{24}-[0-9a-f]{12}-[0-9]{1,18}-[0-9]{1,18}$", max_length=80)
]
Tags = Annotated[list[Annotated[str, Field(min_length=1, max_length=60)]], Field(max_length=50)]
Around = Annotated[int, Field(ge=0, le=MOST_NEIGHBOURS)]


class StrictRequest(BaseModel):
    """Arguments of a call; unknown fields are refused."""

    model_config = ConfigDict(use_attribute_docstrings=True, extra="forbid")


class ScopedRequest(StrictRequest):
    """How many passages to return, and from which documents."""

    k: Annotated[int, Field(ge=1, le=MOST_PASSAGES)] = 5
    """The greatest number of passages."""
    where: Annotated[list[Pattern], Field(max_length=50)] = []
    """Search only documents that match one of these: a name, a folder, or a pattern such as
    "*.md"."""


class SearchRequest(ScopedRequest):
    """A question or subject to find passages for."""

    question: QuestionText
    """May contain "exact phrase", -word, document:name, folder:name, type:md, author:name,
    status:relevant, tag:word, after:2024-05 and before:2025, 32 of them at most. Only the
    beginning of a long text is searched for; `truncated_at` then says how much."""


class AnswerRequest(SearchRequest):
    """A question, with the previous one if it is a follow-up."""

    earlier: Annotated[str, Field(max_length=LONGEST_TYPED)] = ""
    """The previous question, for a follow-up such as "And in Qom?"."""


class BatchRequest(ScopedRequest):
    """Several questions in one request."""

    questions: Annotated[list[QuestionText], Field(min_length=1, max_length=MOST_QUESTIONS)]
    """Each is answered independently, with the syntax of a single question."""


class PassageRequest(StrictRequest):
    """A passage, and how much of its context."""

    id: CitationId
    """The `id` of a citation."""
    around: Around = 1
    """How many passages to return on either side of it."""


class DocumentsRequest(StrictRequest):
    """A part of the list of documents."""

    find: Annotated[str, Field(max_length=200)] = ""
    """Only documents with each of these words in their name, title, author or sender."""
    limit: Annotated[int, Field(ge=1, le=MOST_LISTED)] = 50
    """The greatest number of documents."""
    cursor: Annotated[str, Field(max_length=8_000, pattern=r"^[-_=0-9A-Za-z]*$")] = ""
    """`next` of the previous response; empty for the first part."""
    filter: Annotated[str, Field(max_length=2_000)] = ""
    """Only documents that match these, as in a question: "type:pdf status:unseen after:2019"."""
    order: Order = "name"
    """By name, date (its own, else its file's), size, type or language."""
    reverse: bool = False
    """Whether the last comes first."""


class MarkRequest(StrictRequest):
    """What to change of a document's status and tags."""

    status: ReviewStatus | None = None
    """How far a person has come with it; null leaves it."""
    add_tags: Tags = []
    remove_tags: Tags = []


def faults(error: ValidationError) -> str:
    """Return a sentence that names each invalid argument of a call."""
    details = (f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
    return f"The arguments do not match the schema. {'; '.join(details)}."
