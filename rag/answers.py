"""What comes back from a question: passages quoted word for word, each with its citation.

`Answer.to_dict()` is the JSON object of the command line and of every other interface.
"""

from dataclasses import asdict, dataclass, field, replace
from typing import Any, ClassVar, Literal

from rag.ids import document_id, passage_id
from rag.models.registry import multilingual
from rag.query.scope import Searched
from rag.query.syntax import Search
from vector_store.records import Passage


@dataclass(frozen=True, slots=True)
class Ranked:
    """Where one kind of search put a passage: its rank from 1 and its score."""

    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found for a question. `score` orders hits of one question and means no more."""

    passage: Passage
    score: float
    confidence: float
    """The estimated probability, 0 to 1, that it answers the question."""
    answer: tuple[int, int]
    """The sentence that most likely holds the answer: a span of the passage's text."""
    cosine: float
    """The similarity of the question and the passage's nearest window."""
    dense: Ranked | None
    """By cosine; None when it was not among the candidates."""
    lexical: Ranked | None
    """By BM25; None when it holds none of the question's terms or was not a candidate."""


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a quote stands. `start` and `end` count code points of the document's text."""

    id: str
    """The passage's, by which `Library.passage` finds it again."""
    number: int
    """From 1, in the order shown."""
    document_id: str
    document: str
    """The document's name: its path within the folder that was indexed."""
    title: str
    page: int | None
    paragraph: int
    start: int
    end: int
    sha256: str
    """Digest of the file's bytes as they were read."""
    path: str
    place: str = ""
    """Where in its file, as people say it: "page 3", "slide 4"; empty in a plain text."""
    also: tuple[str, ...] = ()
    """The names of other files with the same bytes."""

    @classmethod
    def of(cls, passage: Passage, number: int) -> "Citation":
        """Return the citation of a passage, by its number among those shown."""
        document, paragraph = passage.document, passage.paragraph
        span = (paragraph.start, paragraph.end)
        return cls(
            passage_id(document.path, document.sha256, *span),
            number,
            document_id(document.path),
            document.name,
            document.title,
            paragraph.page,
            paragraph.number,
            *span,
            document.sha256,
            document.path,
            paragraph.place,
            tuple(copy.name for copy in document.copies),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return its fields for other people: without the path on this machine."""
        fields = asdict(self)
        del fields["path"]
        return fields

    def __str__(self) -> str:
        """Return the citation as people write it."""
        page = "" if self.page is None else f"page {self.page}"
        place = f", {self.place or page}" if self.place or page else ""
        also = f" (also {', '.join(self.also)})" if self.also else ""
        return f"[{self.number}] {self.document}{place}, paragraph {self.paragraph}{also}"


@dataclass(frozen=True, slots=True)
class Quoted:
    """A passage's words and where they stand."""

    text: str
    citation: Citation
    headings: tuple[str, ...] = ()
    """The headings it stands under, outermost first."""

    @classmethod
    def of(cls, passage: Passage, number: int) -> "Quoted":
        """Return a kept passage as a quote with this number."""
        return cls(passage.text, Citation.of(passage, number), passage.paragraph.headings)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, ready for JSON."""
        return {**asdict(self), "citation": self.citation.to_dict()}


@dataclass(frozen=True, slots=True)
class Highlight:
    """A span of a quote, in code points of its text: the answer sentence or a matched term."""

    start: int
    end: int
    kind: Literal["answer", "term"]


@dataclass(frozen=True, slots=True)
class Why:
    """Which searches found a passage: ranks from 1, cosine, BM25."""

    dense_rank: int | None
    dense_score: float | None
    lexical_rank: int | None
    lexical_score: float | None

    @classmethod
    def of(cls, hit: Hit) -> "Why":
        """Return which searches found a hit."""
        dense, lexical = hit.dense, hit.lexical
        return cls(
            dense.rank if dense else None,
            round(hit.cosine, 4),
            lexical.rank if lexical else None,
            round(lexical.score, 4) if lexical else None,
        )


def percent(probability: float) -> str:
    """Return a probability as people read it, never 100%: nothing here is certain."""
    return f"{min(round(probability * 100), 99)}%"


@dataclass(frozen=True, slots=True)
class CitedPassage:
    """A quote: `text` equals the document's `text[citation.start:citation.end]`."""

    text: str
    score: float
    """The estimated probability, 0 to 1, that this passage answers the question."""
    citation: Citation
    headings: tuple[str, ...]
    """The headings it stands under, outermost first."""
    highlights: tuple[Highlight, ...]
    why: Why


@dataclass(frozen=True, slots=True)
class UnknownLanguage:
    """Why a question was searched for by its words alone: the model does not know its language."""

    code: str
    """ISO 639-1; empty when only its script is known to be foreign to the model."""
    name: str
    """In English."""
    model: str

    def __str__(self) -> str:
        """Return what a person should know of it, and do."""
        told = (
            f"The model {self.model} does not know {self.name}: only the question's own words "
            "were searched for, not its meaning."
        )
        if self.model == multilingual():
            return told
        return f"{told} A multilingual model may know it: quoth switch {multilingual()}"


def _without_search(schema: dict[str, Any]) -> None:
    """Leave `Answer.search` out of schemas: programs get what `Answer.to_dict` returns."""
    schema["properties"].pop("search")


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question, or "not in your documents" with the nearest misses."""

    # Schemas that are made of this record tell each field as the text below it does.
    __pydantic_config__: ClassVar[dict[str, Any]] = {
        "use_attribute_docstrings": True,
        "json_schema_extra": _without_search,
    }

    question: str
    answered: bool
    confidence: float
    """The estimated probability, 0 to 1, that the first passage answers the question."""
    passages: tuple[CitedPassage, ...]
    """Best first; when not answered, the nearest misses."""
    searched: Searched
    carried: tuple[str, ...] = ()
    """Words of earlier questions that were searched for as well."""
    unknown_language: UnknownLanguage | None = None
    truncated_at: int | None = None
    """How many characters of a long question were searched for; null when all of them were."""
    search: Search | None = field(default=None, repr=False, compare=False)
    """The question as it was parsed; not part of `to_dict`."""

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as plain values, ready for JSON; no path of this machine is in it."""
        passages = [
            {**asdict(passage), "citation": passage.citation.to_dict()} for passage in self.passages
        ]
        fields = asdict(replace(self, search=None))
        del fields["search"]
        return {**fields, "passages": passages}
