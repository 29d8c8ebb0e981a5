"""The things a store keeps and gives back, as frozen records.

All offsets count Unicode code points (Python `str` indices), half-open: `[start, end)`.
Nothing here knows how a file is read or how a text is embedded.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""Embeddings, float32, one row each, every row of Euclidean length 1."""
Ids = NDArray[np.int64]
"""Ids of passages or documents, one for each row."""
Batch = tuple[Ids, Ids, Vectors]
"""Passage ids, document ids and vectors, one row for each window."""
Fields = tuple[tuple[str, str], ...]
"""What a document says of itself beside its text, by name: "from", "to", "cc", "date" (ISO 8601)
and "subject" of a mail; "title", "author" and "date" in the metadata of another. A name occurs
once."""
_OF_MAILS = frozenset({"from", "to", "cc", "subject"})


@dataclass(frozen=True, slots=True)
class Document:
    """What was read from one file. `path` is its identity within a library."""

    path: str
    name: str
    title: str
    text: str
    sha256: str
    """Hexadecimal digest of the file's bytes (not of `text`)."""
    page_starts: tuple[int, ...] = ()
    """Offset at which each page begins, page 1 first; empty where the format has no pages."""
    reader: str = ""
    """What read the file, with its version; a later one may read the same bytes better."""
    language: str = ""
    """The ISO 639-1 code of the language most of it is in; empty when that is not known."""
    fields: Fields = ()


@dataclass(frozen=True, slots=True)
class Copy:
    """Another file with the same bytes as a document's."""

    path: str
    name: str


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """A kept document without its text."""

    id: int
    path: str
    name: str
    title: str
    sha256: str
    passages: int
    """How many passages it was split into."""
    reader: str = ""
    """As the document's."""
    copies: tuple[Copy, ...] = ()
    """Where else the same file lies, by path."""
    language: str = ""
    """As the document's."""
    fields: Fields = ()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """The unit of citation: a span of a document's text and where it stands."""

    start: int
    end: int
    number: int
    """Counts from 1 within the document."""
    page: int | None = None
    """Where the format has pages; the first is 1."""
    headings: tuple[str, ...] = ()
    """The headings above it, outermost first: context, never part of the quote."""
    place: str = ""
    """Where it stands in its file, as a citation says it: "slide 4"; empty in a plain text."""
    columns: str = ""
    """The names of the columns in one line, of a table's row: context, never part of the quote."""


def context_of(fields: Fields, headings: tuple[str, ...], columns: str) -> tuple[str, ...]:
    """Return what a paragraph is searched by beside its text, outermost first.

    That is the fields of a mail, such as "From: Anna Keller", its headings and its columns. A
    subject is left out, as it is the outermost heading. So are the fields of other documents: who
    wrote a report says nothing of what a paragraph of it says.
    """
    lines = field_lines(field for field in mail_fields(fields) if field[0] != "subject")
    return (*lines, *headings, columns) if columns else (*lines, *headings)


def mail_fields(fields: Fields) -> Fields:
    """Return the fields of a mail, which belong above its quotes; none of another document's."""
    return fields if any(name in _OF_MAILS for name, _ in fields) else ()


def field_lines(fields: Iterable[tuple[str, str]]) -> list[str]:
    """Return fields as lines for people: "From: Anna Keller"."""
    return [f"{name.capitalize()}: {value}" for name, value in fields]


@dataclass(frozen=True, slots=True)
class Window:
    """A span of a paragraph that has a vector of its own, in offsets of the paragraph's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Sentences:
    """A paragraph's sentences, at least one: where each stands in its text, and its vector.

    `vectors` has shape (len(spans), dimensions).
    """

    spans: tuple[Window, ...]
    vectors: Vectors


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddedParagraph:
    """A paragraph with its windows, their vectors and its sentences, ready to be kept.

    `vectors` has shape (len(windows), dimensions).
    """

    paragraph: Paragraph
    windows: tuple[Window, ...]
    vectors: Vectors
    sentences: Sentences


@dataclass(frozen=True, slots=True)
class Passage:
    """A kept paragraph, with its text and the document it stands in."""

    id: int
    document: DocumentInfo
    paragraph: Paragraph
    text: str
    """Equal to the document's `text[paragraph.start:paragraph.end]`."""

    @property
    def context(self) -> tuple[str, ...]:
        """What it is searched by beside its text; see `context_of`."""
        paragraph = self.paragraph
        return context_of(self.document.fields, paragraph.headings, paragraph.columns)


@dataclass(frozen=True, slots=True)
class PassageInPlace:
    """A passage and its neighbours in the document, in reading order."""

    before: tuple[Passage, ...]
    passage: Passage
    after: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """A kept document and its passages, as of one moment."""

    document: Document
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A passage found by one kind of search; a higher score is a better match."""

    passage_id: int
    score: float


@dataclass(frozen=True, slots=True)
class UnreadFile:
    """A file that was offered and could not be read, and why."""

    path: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Quote:
    """A span of a document, and what stood there when it was shown."""

    path: str
    name: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a person said of a question's answer.

    Of a quote: whether it answers. Without one: that nothing shown answers.
    """

    question: str
    quote: Quote | None
    answers: bool


@dataclass(frozen=True, slots=True)
class DenseSearch:
    """How vectors are searched: what picks them, and how much of what is nearest it finds."""

    kind: str
    recall: float
    """Share of the ten nearest vectors found, against comparing all, measured on stored ones."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much a store holds."""

    documents: int
    passages: int
    windows: int
    unread: int
    languages: tuple[str, ...] = ()
    """The known languages of its documents, that of most passages first."""


class Indexable(NamedTuple):
    """A passage as the lexical index takes it."""

    passage: int
    document: int
    text: str
    """Its headings and its own text."""
    language: str
