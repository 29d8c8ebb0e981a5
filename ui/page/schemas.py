"""Requests of the page's script."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from rag.answers import State
from rag.marking.marks import MOST_TAGS, ReviewStatus
from rag.query.syntax import LONGEST_QUESTION
from ui import quote_export
from ui.documents.marking import MarkChange

QuestionText = Annotated[str, Field(max_length=LONGEST_QUESTION + 200)]
Words = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=40)]
DocumentId = Annotated[str, Field(pattern=r"^[0-9a-f]{24}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{0,64}$")]
Tags = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=MOST_TAGS)]
Offset = Annotated[int, Field(ge=0)]
PageNumber = Annotated[int, Field(ge=1)]
FileCount = Annotated[int, Field(ge=0, le=1_000_000)]
PLACES = r"^(?:[0-9]{1,12}-[0-9]{1,12}(?:,|$))*$"
"""Spans in an address: "20-31,40-44"."""


class QuestionRequest(BaseModel):
    """A question, and the previous one."""

    question: QuestionText
    earlier: QuestionText = ""
    earlier_carried: Words = []
    carry: Words | None = None
    """Words to carry over; None to decide by the wording."""
    conversation: Annotated[str, Field(max_length=64)] | None = None
    """The conversation that the answer is stored in; None begins one."""
    instead: Annotated[str, Field(max_length=64)] | None = None
    """The turn whose place the answer takes."""


class DocumentRequest(BaseModel):
    """A document to open, at a passage or at its beginning."""

    key: DocumentId
    start: Offset | None = None
    end: Offset = 0
    sha256: Digest = ""
    marks: Annotated[str, Field(max_length=8_000)] = ""


class VersionRequest(BaseModel):
    """A document, as it was when its file had this digest."""

    key: DocumentId
    sha256: Digest


class TextRequest(DocumentRequest):
    """A part of a long document to show, around a place or a page, with the cited passage."""

    near: Offset | None = None
    page: PageNumber | None = None


class SheetRequest(VersionRequest):
    """A page of a PDF to draw, and the `[start, end)` to locate on it."""

    page: PageNumber
    places: Annotated[list[tuple[Offset, Offset]], Field(max_length=100)] = []


class FindRequest(VersionRequest):
    """A text to find in a document."""

    query: Annotated[str, Field(max_length=200)]


class ParagraphRequest(BaseModel):
    """A paragraph of a document, by its number from 1."""

    key: DocumentId
    number: int


class PlaceRequest(BaseModel):
    """The place of a passage: its document and its span."""

    key: DocumentId
    start: Offset
    end: Offset
    sha256: Digest = ""

    def place(self) -> quote_export.Place:
        """Return the place."""
        return quote_export.Place(self.key, self.sha256, self.start, self.end)


class JudgementRequest(BaseModel):
    """Whether a passage answers the question that it was shown for, or that nothing answers it."""

    question: QuestionText
    place: PlaceRequest | None = None
    """None: what is said is that the documents do not answer."""
    answers: bool | None
    """None takes back what was said."""


class QuotesRequest(BaseModel):
    """A question and its passages to export."""

    question: QuestionText
    places: Annotated[list[PlaceRequest], Field(max_length=100)] = []
    state: State | None = None
    """Of the answer that showed them; None when it is not known."""


class ExportRequest(BaseModel):
    """Questions to export, and the format."""

    format: Literal["markdown", "docx", "csv", "bibtex", "csl", "json"]
    questions: Annotated[list[QuotesRequest], Field(max_length=500)]


class ReportRequest(BaseModel):
    """A question that was not answered, to report, and the words that it was asked with."""

    format: Literal["markdown", "docx"]
    question: QuestionText
    carry: Words = []


class KeyRequest(BaseModel):
    """A document, by its id."""

    key: DocumentId


class MarkRequest(BaseModel):
    """A document whose status or tags change."""

    key: DocumentId
    status: ReviewStatus | None = None
    add_tags: Tags = []
    remove_tags: Tags = []

    def change(self) -> MarkChange:
        """Return the change."""
        return MarkChange(self.status, tuple(self.add_tags), tuple(self.remove_tags))


class AddingRequest(BaseModel):
    """Files that the page will send, and those among them that it will not send after all."""

    chosen: FileCount = 0
    refused: FileCount = 0
    cancelled: FileCount = 0
    unsent: FileCount = 0


class CancelRequest(BaseModel):
    """An upload to cancel; without a number, all of them."""

    file: int | None = None
