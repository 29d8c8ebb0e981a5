"""The records that questions return: passages quoted word for word, each with its citation.

`Answer.to_dict()` is the JSON object of the command line and of every other interface.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, ClassVar, Literal

from rag.ids import document_id, passage_id
from rag.query.scope import Searched
from rag.query.syntax import Search
from vector_store.records import Passage, field_lines, mail_fields


@dataclass(frozen=True, slots=True)
class Ranked:
    """A passage's rank, from 1, and score in one kind of search."""

    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that a search returned. Scores compare hits of one question only."""

    passage: Passage
    score: float
    confidence: float
    """The estimated probability, 0 to 1, that it answers the question."""
    answer: tuple[int, int]
    """The sentence that most likely holds the answer: a span of the passage's text."""
    exact: tuple[int, int] | None
    """Where the answer itself most likely stands in the passage's text; None if not known."""
    cosine: float
    """The similarity of the question and the passage's nearest window."""
    dense: Ranked | None
    """By cosine; None when it was not among the candidates."""
    lexical: Ranked | None
    """By BM25; None when it shares no term with the question or was not among the candidates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """The place of a quote. `start` and `end` count code points of the document's text."""

    id: str
    """The passage's id, which `Library.passage` takes."""
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
    """The place within the file, such as "page 3" or "slide 4"; empty for plain text."""
    also: tuple[str, ...] = ()
    """The names of other files with the same bytes."""

    @classmethod
    def of(cls, passage: Passage, number: int) -> "Citation":
        """Return the citation of a passage that is shown under this number."""
        document, paragraph = passage.document, passage.paragraph
        start, end = paragraph.start, paragraph.end
        return cls(
            id=passage_id(document.path, document.sha256, start, end),
            number=number,
            document_id=document_id(document.path),
            document=document.name,
            title=document.title,
            page=paragraph.page,
            paragraph=paragraph.number,
            start=start,
            end=end,
            sha256=document.sha256,
            path=document.path,
            place=paragraph.place,
            also=tuple(copy.name for copy in document.copies),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the fields that may leave this machine: all but the path."""
        fields = asdict(self)
        del fields["path"]
        return fields

    def __str__(self) -> str:
        """Return the citation for people: "[1] report.pdf, page 3, paragraph 8"."""
        page = "" if self.page is None else f"page {self.page}"
        place = f", {self.place or page}" if self.place or page else ""
        also = f" (also {', '.join(self.also)})" if self.also else ""
        return f"[{self.number}] {self.document}{place}, paragraph {self.paragraph}{also}"


@dataclass(frozen=True, slots=True)
class Quoted:
    """The text of a passage, with its citation."""

    text: str
    citation: Citation
    headings: tuple[str, ...] = ()
    """The headings above the passage, outermost first."""
    columns: str = ""
    """The names of the columns, in one line, if it is a table's row."""
    fields: dict[str, str] = field(default_factory=dict)
    """A mail's sender, recipients, date and subject; another document's title, author and date."""

    @classmethod
    def of(cls, passage: Passage, number: int) -> "Quoted":
        """Return the quote of a passage that is shown under this number."""
        return cls(
            passage.text,
            Citation.of(passage, number),
            passage.paragraph.headings,
            passage.paragraph.columns,
            dict(passage.document.fields),
        )

    @property
    def lines_above(self) -> tuple[str, ...]:
        """A mail's fields ("From: Anna Keller") and the columns, as shown above the text."""
        return _lines_above(self.fields, self.columns)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON, without the path on this machine."""
        return {**asdict(self), "citation": self.citation.to_dict()}


@dataclass(frozen=True, slots=True)
class Highlight:
    """A span of a quote, in code points of its text.

    Its kind is "answer", the sentence that most likely answers; "exact", where in that sentence the
    answer itself most likely stands, if the model tells; or "term", a word of the question.
    """

    start: int
    end: int
    kind: Literal["answer", "exact", "term"]


@dataclass(frozen=True, slots=True)
class Why:
    """The searches that returned a passage: its rank, from 1, and its score in each."""

    dense_rank: int | None
    dense_score: float | None
    """Cosine."""
    lexical_rank: int | None
    lexical_score: float | None
    """BM25."""

    @classmethod
    def of(cls, hit: Hit) -> "Why":
        """Return the searches that returned a hit."""
        dense, lexical = hit.dense, hit.lexical
        return cls(
            dense_rank=dense.rank if dense else None,
            dense_score=round(hit.cosine, 4),
            lexical_rank=lexical.rank if lexical else None,
            lexical_score=round(lexical.score, 4) if lexical else None,
        )


def _lines_above(fields: dict[str, str], columns: str) -> tuple[str, ...]:
    lines = field_lines(mail_fields(tuple(fields.items())))
    return (*lines, columns) if columns else tuple(lines)


def percent(probability: float) -> str:
    """Return a probability as a percentage, at most 99%: no answer is certain."""
    return f"{min(round(probability * 100), 99)}%"


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedPassage:
    """A quote: `text` equals the document's `text[citation.start:citation.end]`."""

    text: str
    score: float
    """The estimated probability, 0 to 1, that this passage answers the question."""
    citation: Citation
    headings: tuple[str, ...]
    """The headings above the passage, outermost first."""
    highlights: tuple[Highlight, ...]
    why: Why
    columns: str = ""
    """The names of the columns, in one line, if it is a table's row."""
    fields: dict[str, str] = field(default_factory=dict)
    """A mail's sender, recipients, date and subject; another document's title, author and date."""

    @property
    def lines_above(self) -> tuple[str, ...]:
        """A mail's fields ("From: Anna Keller") and the columns, as shown above the text."""
        return _lines_above(self.fields, self.columns)


@dataclass(frozen=True, slots=True)
class UnknownLanguage:
    """The question's language, which the model does not know: only its words were searched for."""

    code: str
    """ISO 639-1; empty when only the script is known to be foreign to the model."""
    name: str
    """In English."""
    model: str


State = Literal["answered", "may_answer", "not_found"]
"""Whether the documents answer: likely, possibly (read it), or not as far as was searched."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that a question is about or asks for, and that was looked for in vain."""

    kind: Literal["identifier", "words", "answer_type"]
    """A number or name that must be there word for word; words of the question; the kind of thing
    that would answer, such as a date."""
    text: str
    """As the question has it ("SF-7777"), or the kind of answer ("date")."""
    where: Literal["documents", "passages"]
    """It stands in no document that was searched, or in none of the passages shown."""


_NOWHERE = {"documents": "no document", "passages": "none of the nearest passages"}
"""By `Missing.where`."""


def missing_sentences(missing: Sequence[Missing]) -> list[str]:
    """Return what is missing in English, a sentence for each thing; words share theirs."""
    sentences = []
    for where, nowhere in _NOWHERE.items():
        lacking = [one for one in missing if one.where == where]
        words = [one.text for one in lacking if one.kind == "words"]
        for one in lacking:
            if one.kind == "identifier":
                sentences.append(f"{one.text} stands in {nowhere}.")
            elif one.kind == "answer_type":
                article = "an" if one.text.startswith(("a", "e", "i", "o")) else "a"
                sentences.append(f"{nowhere.capitalize()} holds {article} {one.text}.")
        if words:
            sentences.append(f"Words that stand in {nowhere}: {', '.join(words)}.")
    return sentences


def _without_inner_fields(schema: dict[str, Any]) -> None:
    """Leave what `Answer.to_dict` leaves out of schemas as well: programs get what it returns."""
    for name in ("holding", "search"):
        schema["properties"].pop(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to a question, or "not in your documents" with the nearest misses."""

    # Schemas made from this record describe each field by the docstring below it.
    __pydantic_config__: ClassVar[dict[str, Any]] = {
        "use_attribute_docstrings": True,
        "json_schema_extra": _without_inner_fields,
    }

    question: str
    answered: bool
    """Whether `state` is "answered" or "may_answer"."""
    confidence: float
    """The estimated probability, 0 to 1, that the first passage answers the question."""
    passages: tuple[CitedPassage, ...]
    """Best first; when not answered, the nearest misses."""
    searched: Searched
    carried: tuple[str, ...] = ()
    """Words of the previous question that were searched for as well."""
    unknown_language: UnknownLanguage | None = None
    truncated_at: int | None = None
    """How many characters of a long question were searched for; null when all of them were."""
    state: State = "not_found"
    missing: tuple[Missing, ...] = ()
    """What the question needs and the passages or documents lack, as far as it is known."""
    threshold: float = 0.15
    """The least probability of a passage that may answer: 0.15, or what `quoth calibrate` set."""
    suggestion: str = ""
    """The question with misspelt names and words as the documents spell them; empty if none is."""
    holding: frozenset[int] = field(default=frozenset(), repr=False, compare=False)
    """The numbers of passages that hold every rare word of the question; not part of `to_dict`."""
    search: Search | None = field(default=None, repr=False, compare=False)
    """The question as it was parsed; not part of `to_dict`."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON, without paths on this machine."""
        passages = [
            {**asdict(passage), "citation": passage.citation.to_dict()} for passage in self.passages
        ]
        fields = asdict(replace(self, search=None))
        del fields["search"], fields["holding"]
        return {**fields, "passages": passages}
