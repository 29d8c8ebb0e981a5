"""Requests of the page's script for lists."""

from typing import Annotated

from pydantic import BaseModel, Field

from rag.listing.mentions import LONGEST_TEXT
from rag.listing.records import Order
from ui.page.schemas import QuestionText, Words

Cursor = Annotated[str, Field(max_length=60_000, pattern=r"^[-_0-9A-Za-z]*$")]


class MorePageRequest(BaseModel):
    """The passages after those that an answer shows."""

    question: QuestionText
    carry: Words = []
    """The words of the previous question that the answer used."""
    cursor: Cursor = ""


class MentionsPageRequest(BaseModel):
    """A part of the list of the mentions of a text."""

    text: Annotated[str, Field(max_length=LONGEST_TEXT)]
    order: Order = "document"
    near: QuestionText = ""
    """The question that the order by meaning compares with."""
    cursor: Cursor = ""


class RowRequest(BaseModel):
    """A question of a list."""

    question: QuestionText
