"""Requests of lists, the same for REST and MCP; see `ui.api.requests`."""

from typing import Annotated

from pydantic import Field, StrictBool

from rag.listing.listed_library import MOST_ROUND
from rag.listing.mentions import LONGEST_TEXT
from rag.listing.more import MOST_READ
from rag.listing.records import Order
from ui.api.requests import Pattern, QuestionText, ScopedRequest, StrictRequest

MOST_LISTED = 200

ListCursor = Annotated[str, Field(max_length=60_000, pattern=r"^[-_0-9A-Za-z]*$")]
Patterns = Annotated[list[Pattern], Field(max_length=50, default_factory=list)]
MentionText = Annotated[
    str,
    Field(min_length=1, max_length=LONGEST_TEXT, pattern=r"\S", examples=["clean water"]),
]


class MentionsFileRequest(StrictRequest):
    """A text whose mentions are listed."""

    text: MentionText
    """A phrase or a name. Case, line breaks and kinds of dashes do not matter; accents do."""
    order: Order = "document"
    """By document and place; by the document's date, earliest ("date") or newest first; or by
    nearness in meaning. All but the first are for at most 20,000 mentions."""
    near: Annotated[str, Field(max_length=2_000)] = ""
    """What the order by meaning compares with; the text itself if empty."""
    where: Patterns
    """Only documents that match one of these: a name, a folder, or a pattern such as "*.md"."""


class MentionsRequest(MentionsFileRequest):
    """A part of the list of the mentions of a text."""

    limit: Annotated[int, Field(ge=1, le=MOST_LISTED)] = 50
    """The greatest number of mentions."""
    cursor: ListCursor = ""
    """`next` of the previous response; empty for the first part."""
    count: StrictBool = False
    """Compare every passage, so that `count` and `documents` are exact."""


class AllAnswersRequest(StrictRequest):
    """A question, all answers to which are listed."""

    question: QuestionText
    """With the syntax of a single question."""
    where: Patterns
    """Only documents that match one of these: a name, a folder, or a pattern such as "*.md"."""
    most_read: Annotated[int, Field(ge=1, le=MOST_READ)] = 200
    """The greatest number of passages to read."""


class MoreRequest(ScopedRequest):
    """The passages for a question after the best `k`, which `ask` returns."""

    question: QuestionText
    """With the syntax of a single question."""
    size: Annotated[int, Field(ge=1, le=MOST_ROUND)] = 20
    """How many passages to read and return."""
    cursor: ListCursor = ""
    """`next` of the previous response; empty for the first part."""
