"""Records as plain values for JSON, and back: what the database, exports and programs hold."""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from rag.answers import Answer, Citation, Quoted
from rag.casework.records import CaseQuestion, KeptQuote, SearchMade, Values
from rag.errors import QuestionError
from rag.query.syntax import parse


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def moment_text(moment: datetime) -> str:
    """Return a moment in ISO 8601, in UTC, which sorts by time."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def moment_of(text: str) -> datetime:
    """Return the moment of such a text. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def quote_of(values: Mapping[str, Any]) -> Quoted:
    """Return the quote of `Quoted.to_dict()`; its path on this machine is not known.

    Raises ValidationError of pydantic.
    """
    citation = {**values["citation"], "path": ""}
    quote: Quoted = _adapter(Quoted).validate_python({**values, "citation": citation})
    return quote


def kept_quote_values(entry: KeptQuote) -> Values:
    """Return a kept quote as plain values, without its condition where that is unknown."""
    values: Values = {
        "id": entry.id,
        "question": entry.question,
        "state": entry.state,
        "created": moment_text(entry.created),
        "note": entry.note,
        "tags": list(entry.tags),
        "quote": entry.quote.to_dict(),
    }
    if entry.condition is not None:
        values["condition"] = asdict(entry.condition)
    return values


def question_values(question: CaseQuestion) -> Values:
    """Return a question of a case as plain values."""
    return {
        "question": question.question,
        "state": question.state,
        "created": moment_text(question.created),
        "search": None if question.search is None else asdict(question.search),
        "nearest": [quote.to_dict() for quote in question.nearest],
    }


def question_of(values: Mapping[str, Any]) -> CaseQuestion:
    """Return the question of `question_values`. Raises ValueError or pydantic's ValidationError."""
    search = values["search"]
    return CaseQuestion(
        question=values["question"],
        state=values["state"],
        created=moment_of(values["created"]),
        search=None if search is None else _adapter(SearchMade).validate_python(search),
        nearest=tuple(map(quote_of, values["nearest"])),
    )


def answer_values(answer: Answer) -> Values:
    """Return an answer as plain values from which the page can draw it again."""
    return {**answer.to_dict(), "holding": sorted(answer.holding)}


def answer_of(values: Mapping[str, Any]) -> Answer | None:
    """Return the answer of `answer_values`; None for values of a version that had other ones.

    The paths on this machine are replaced by the documents' ids, which tell documents apart.
    """
    known = {field.name for field in fields(Answer)}
    own = {name: value for name, value in values.items() if name in known}
    try:
        own["passages"] = [
            {**one, "citation": {**one["citation"], "path": one["citation"]["document_id"]}}
            for one in values["passages"]
        ]
        answer: Answer = _adapter(Answer).validate_python(own)
        search = parse(answer.question).with_carried(answer.carried)
    except (ValidationError, QuestionError, KeyError, TypeError):
        return None
    return replace(answer, search=search)


@cache
def _adapter(record: type) -> TypeAdapter[Any]:
    return TypeAdapter(record)


def sources_of(answer: Answer) -> set[tuple[str, str]]:
    """Return the documents that an answer quotes, by id, each with its file's digest."""
    citations: list[Citation] = [passage.citation for passage in answer.passages]
    return {(citation.document_id, citation.sha256) for citation in citations}
