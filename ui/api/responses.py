"""Responses of REST, MCP and gradio_client, the same for all three.

An answer is the object that `quoth ask --json` prints. The text below a field is its description
in the schemas of REST and MCP.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from pydantic import TypeAdapter

from rag.answers import Answer, Citation, Hit, Quoted, Why
from rag.documents.listing import ListedDocument
from rag.ids import document_id
from rag.marking.marks import ReviewStatus
from rag.text.encodings import encodable
from ui.jobs.upload_states import State, Upload
from vector_store.records import Counts, DenseSearch, UnreadFile

_DOCUMENTED: dict[str, Any] = {"use_attribute_docstrings": True}


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage that matches a search, word for word as in its document."""

    text: str
    score: float
    """Orders the passages of one question; it has no other meaning."""
    confidence: float
    """Estimated probability, 0 to 1, that it answers the question."""
    citation: Citation
    headings: tuple[str, ...]
    """The headings above it, outermost first."""
    columns: str
    """The names of the columns, in one line, if it is a table's row."""
    fields: dict[str, str]
    """A mail's sender, recipients, date and subject; another document's title, author and date."""
    why: Why

    @classmethod
    def of(cls, hit: Hit, number: int) -> "FoundPassage":
        """Return the hit at a rank, from 1."""
        quote = Quoted.of(hit.passage, number)
        return cls(
            quote.text,
            hit.score,
            hit.confidence,
            quote.citation,
            quote.headings,
            quote.columns,
            quote.fields,
            Why.of(hit),
        )


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The best passages for a question, whether they answer it or not."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    question: str
    passages: tuple[FoundPassage, ...]
    """Best first."""
    truncated_at: int | None = None
    """How many characters of a long question were searched for; null when all of them were."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, ready for JSON, without any path of this machine."""
        passages = [
            {**asdict(passage), "citation": passage.citation.to_dict()} for passage in self.passages
        ]
        return {
            "question": self.question,
            "passages": passages,
            "truncated_at": self.truncated_at,
        }


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers to several questions, in their order."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class PassageRead(Quoted):
    """A passage and its neighbours: the schema of `rag.PassageInContext.to_dict()`."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    before: tuple[Quoted, ...] = ()
    """The passages before it, in reading order."""
    after: tuple[Quoted, ...] = ()
    """The passages after it, in reading order."""


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """A document in a list."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    id: str
    """Identifies it in requests; equals a citation's `document_id`."""
    name: str
    """Its path, relative to the folder that was indexed."""
    title: str
    sha256: str
    """Digest of the file's bytes when it was read."""
    passages: int
    """The number of passages it was split into."""
    language: str
    """ISO 639-1 code; empty when unknown."""
    also: tuple[str, ...]
    """Names of other files with the same bytes."""
    fields: dict[str, str]
    """A mail's sender, recipients, date and subject; another document's title, author and date."""
    type: str
    """Its file's suffix in lower case, without the dot."""
    author: str
    """Its author, or a mail's sender; empty when not stated."""
    date: str
    """The date it states itself, else the day its file was last changed; ISO 8601."""
    modified: str
    """The day its file was last changed; ISO 8601, empty when not known."""
    size: int | None
    """Bytes of its file; null when not known."""
    status: ReviewStatus
    """How far a person has come with it."""
    tags: tuple[str, ...]
    """A person's tags."""

    @classmethod
    def of(cls, listed: ListedDocument) -> "DocumentEntry":
        """Return the entry of a document."""
        info = listed.info
        return cls(
            document_id(info.path),
            encodable(info.name),
            encodable(info.title),
            info.sha256,
            info.passages,
            info.language,
            tuple(encodable(copy.name) for copy in info.copies),
            {name: encodable(value) for name, value in info.fields},
            encodable(listed.type),
            encodable(listed.author),
            listed.date,
            listed.modified,
            listed.size,
            listed.mark.status,
            listed.mark.tags,
        )


@dataclass(frozen=True, slots=True)
class Documents:
    """A part of the list of documents."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    documents: tuple[DocumentEntry, ...]
    """In the order asked for, which is by name."""
    total: int
    """The number of all documents that match `find` and `filter`."""
    next: str | None
    """The `cursor` of the next part; null at the end of the list."""


@dataclass(frozen=True, slots=True)
class DocumentText:
    """A document and its text. Citations count in code points of this text."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    document: DocumentEntry
    text: str


@dataclass(frozen=True, slots=True)
class FileAdded:
    """An uploaded file and its state."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    file: int
    """Identifies it in requests."""
    name: str
    state: State
    """waiting, reading and deferred (the disk refused it; another attempt follows) are temporary;
    done, unchanged, refused and cancelled are final."""
    reason: str
    """Why it was refused or deferred; otherwise empty."""

    @classmethod
    def of(cls, file: Upload) -> "FileAdded":
        """Return the record of an upload."""
        return cls(file.id, file.name, file.state, file.reason)


@dataclass(frozen=True, slots=True)
class FilesAdded:
    """Recent uploads."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    files: tuple[FileAdded, ...]
    """Oldest first."""
    waiting: int
    """How many are still to be read."""


@dataclass(frozen=True, slots=True)
class DocumentMarked:
    """A document's status and tags."""

    id: str
    status: ReviewStatus
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DocumentNamed:
    """A document that was removed or restored."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that could not be read."""

    name: str
    reason: str

    @classmethod
    def of(cls, file: UnreadFile) -> "Unread":
        """Return the record of an unread file."""
        return cls(file.name, file.reason)


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """The library and how it is searched; /documents lists the documents."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    version: str
    """The version of Quoth."""
    ready: bool
    """Whether the model is loaded, so that questions are answered at once."""
    model: str
    runtime: str | None
    """What ran the model when the documents were indexed; null before the first."""
    counts: Counts
    waiting: int
    """Uploaded files still to be read."""
    unknown_languages: dict[str, int]
    """Number of documents in each language that the model does not know, by ISO 639-1 code."""
    unread: tuple[Unread, ...]
    """The first hundred."""
    dense_search: DenseSearch


def schema_of(record: type) -> dict[str, Any]:
    """Return the JSON Schema of a record as it is sent."""
    schema = TypeAdapter(record).json_schema(mode="serialization")
    without_paths(schema["$defs"])
    return schema


def without_paths(definitions: dict[str, Any]) -> None:
    """Remove a citation's path from schemas, as `Citation.to_dict` removes it."""
    citation = definitions.get("Citation")
    if citation is not None:
        del citation["properties"]["path"]
        citation["required"].remove("path")


def to_json(values: dict[str, Any]) -> bytes:
    """Return plain values as JSON, with "?" for lone surrogates, which UTF-8 cannot encode."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")
