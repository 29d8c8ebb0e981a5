"""What programs send and get, whichever way they ask: one set of shapes for all interfaces.

An answer is the very object of `quoth ask --json`. The text below each field is its description
in the schemas of REST and MCP.
"""

import json
from dataclasses import asdict, dataclass
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from rag.answers import Answer, Citation, Hit, Quoted, Why
from rag.ids import document_id
from rag.query.syntax import LONGEST_TYPED
from rag.text.encodings import encodable
from ui.jobs.upload_states import State, Upload
from vector_store.records import Counts, DenseSearch, DocumentInfo, UnreadFile

MOST_PASSAGES = 100
MOST_QUESTIONS = 32
MOST_LISTED = 200
MOST_NEIGHBOURS = 20

_DOCUMENTED: dict[str, Any] = {"use_attribute_docstrings": True}

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
PassageName = Annotated[
    str, Field(pattern=r"^[0-9a-f]{24}-[0-9a-f]{12}-[0-9]{1,18}-[0-9]{1,18}$", max_length=80)
]
Around = Annotated[int, Field(ge=0, le=MOST_NEIGHBOURS)]


class Wanted(BaseModel):
    """What a call is given; a field that is not known is refused."""

    model_config = ConfigDict(use_attribute_docstrings=True, extra="forbid")


class Scoped(Wanted):
    """How many passages are wanted, and of which documents."""

    k: Annotated[int, Field(ge=1, le=MOST_PASSAGES)] = 5
    """How many passages at most."""
    where: Annotated[list[Pattern], Field(max_length=50)] = []
    """Search only these: a document's name, a folder, or a pattern such as "*.md"; any of them."""


class SearchWanted(Scoped):
    """What to look for."""

    question: QuestionText
    """What to find passages for. "exact phrase", -word, document:name, folder:name, type:md,
    after:2024-05 and before:2025 in it are kept to, 32 of them at most. Of a long text only the
    beginning is searched for; `truncated_at` then tells how much."""


class AnswerWanted(SearchWanted):
    """A question, and the one before it if it leans on that."""

    earlier: Annotated[str, Field(max_length=LONGEST_TYPED)] = ""
    """The question before, for one such as "And in Qom?"."""


class AnswersWanted(Scoped):
    """Several questions at once."""

    questions: Annotated[list[QuestionText], Field(min_length=1, max_length=MOST_QUESTIONS)]
    """Each is asked by itself; signs as in a single question."""


class PassageWanted(Wanted):
    """A passage, and how much of what stands around it."""

    id: PassageName
    """As a citation tells it."""
    around: Around = 1
    """How many passages before it and after it to read as well."""


class DocumentsWanted(Wanted):
    """Which documents to list."""

    find: Annotated[str, Field(max_length=200)] = ""
    """Only documents with this in their name."""
    limit: Annotated[int, Field(ge=1, le=MOST_LISTED)] = 50
    """How many at most."""
    cursor: Annotated[str, Field(max_length=8_000, pattern=r"^[-_=0-9A-Za-z]*$")] = ""
    """`next` of the list before, to go on from there; empty for the first."""


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage that was found, word for word as it stands in its document."""

    text: str
    score: float
    """Orders the passages of one question, and means no more."""
    confidence: float
    """The estimated probability, 0 to 1, that it answers the question."""
    citation: Citation
    headings: tuple[str, ...]
    """The headings it stands under, outermost first."""
    why: Why

    @classmethod
    def of(cls, hit: Hit, number: int) -> "FoundPassage":
        """Return a hit as programs get it, by its number among those found."""
        found = Quoted.of(hit.passage, number)
        return cls(
            found.text, hit.score, hit.confidence, found.citation, found.headings, Why.of(hit)
        )


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The best passages for a question, answering or not."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    question: str
    passages: tuple[FoundPassage, ...]
    """Best first."""
    truncated_at: int | None = None
    """How many characters of a long question were searched for; null when all of them were."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, ready for JSON; no path of this machine is in it."""
        passages = [{**asdict(one), "citation": one.citation.to_dict()} for one in self.passages]
        return {
            "question": self.question,
            "passages": passages,
            "truncated_at": self.truncated_at,
        }


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers to several questions, in the order asked."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    answers: tuple[Answer, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, ready for JSON."""
        return {"answers": [answer.to_dict() for answer in self.answers]}


@dataclass(frozen=True, slots=True)
class PassageRead(Quoted):
    """A passage and its neighbours: the schema of `rag.PassageInContext.to_dict()`."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    before: tuple[Quoted, ...] = ()
    """What stands before it, in reading order."""
    after: tuple[Quoted, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """A document as lists show it."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    id: str
    """Names it in requests, as a citation's `document_id` does."""
    name: str
    """Its path within the folder that was indexed."""
    title: str
    sha256: str
    """Digest of the file's bytes as they were read."""
    passages: int
    """How many passages it was split into."""
    language: str
    """ISO 639-1; empty when not known."""
    also: tuple[str, ...]
    """The names of other files with the same bytes."""

    @classmethod
    def of(cls, info: DocumentInfo) -> "DocumentEntry":
        """Return a document as lists show it."""
        return cls(
            document_id(info.path),
            encodable(info.name),
            encodable(info.title),
            info.sha256,
            info.passages,
            info.language,
            tuple(encodable(copy.name) for copy in info.copies),
        )


@dataclass(frozen=True, slots=True)
class Documents:
    """A part of the list of documents."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    documents: tuple[DocumentEntry, ...]
    """By name."""
    total: int
    """How many there are in all of those asked for."""
    next: str | None
    """The `cursor` of the next part; null at the end."""


@dataclass(frozen=True, slots=True)
class DocumentText:
    """A document and its text, in whose code points every citation of it counts."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    document: DocumentEntry
    text: str


@dataclass(frozen=True, slots=True)
class FileAdded:
    """A file that was sent, and what became of it."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    file: int
    """Names it in requests."""
    name: str
    state: State
    """waiting, reading and deferred (the disk refused; it is tried again) pass; done, unchanged,
    refused and cancelled stay."""
    reason: str
    """Why it was refused or deferred; empty otherwise."""

    @classmethod
    def of(cls, file: Upload) -> "FileAdded":
        """Return it as programs get it."""
        return cls(file.id, file.name, file.state, file.reason)


@dataclass(frozen=True, slots=True)
class FilesAdded:
    """The files that were sent lately."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    files: tuple[FileAdded, ...]
    """First sent first."""
    waiting: int
    """How many are still to be read."""


@dataclass(frozen=True, slots=True)
class DocumentNamed:
    """A document that was removed or restored."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that was offered and could not be read."""

    name: str
    reason: str

    @classmethod
    def of(cls, file: UnreadFile) -> "Unread":
        """Return it as programs get it."""
        return cls(file.name, file.reason)


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """What is searched, and how. The documents themselves have a list of their own."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    version: str
    """Of Quoth."""
    ready: bool
    """Whether the model is loaded, so that a question is answered at once."""
    model: str
    runtime: str | None
    """What ran the model when the documents were indexed; null before."""
    counts: Counts
    waiting: int
    """Files that were sent and are still to be read."""
    unknown_languages: dict[str, int]
    """Documents in each language that the model does not know, by ISO 639-1 code."""
    unread: tuple[Unread, ...]
    """The first hundred."""
    dense_search: DenseSearch


def schema_of(record: type) -> dict[str, Any]:
    """Return the JSON Schema of what a record's `to_dict` gives."""
    schema = TypeAdapter(record).json_schema(mode="serialization")
    without_paths(schema["$defs"])
    return schema


def without_paths(definitions: dict[str, Any]) -> None:
    """Take a citation's path out of schemas, as `Citation.to_dict` does."""
    citation = definitions.get("Citation")
    if citation is not None:
        del citation["properties"]["path"]
        citation["required"].remove("path")


def to_json(told: dict[str, Any]) -> bytes:
    """Return plain values as JSON; a lone surrogate, which UTF-8 cannot hold, shows as "?"."""
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def faults(error: ValidationError) -> str:
    """Return what is wrong with what a call was given, in a sentence."""
    told = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
    return f"The arguments are not as described. {'; '.join(told)}."
