"""A case as one JSON file, complete: another library makes the same case of it."""

import json
from typing import Any

from pydantic import ValidationError

from rag.answers import State
from rag.casework.bounds import (
    LARGEST_IMPORT,
    LONGEST_QUOTE,
    MOST_QUESTIONS,
    MOST_QUOTES,
    checked_name,
    checked_note,
    checked_question,
    checked_tags,
)
from rag.casework.encoding import (
    kept_quote_values,
    moment_of,
    moment_text,
    question_of,
    question_values,
    quote_of,
)
from rag.casework.records import Case, CaseQuestion, KeptQuote, Values
from rag.errors import CaseworkError

_FORMAT = "quoth-case"
_VERSION = 1
_STATES: tuple[State | None, ...] = ("answered", "may_answer", "not_found", None)


def case_values(case: Case) -> Values:
    """Return a case as plain values, with all that is known of its quotes."""
    return {
        "format": _FORMAT,
        "version": _VERSION,
        "id": case.id,
        "name": case.name,
        "note": case.note,
        "created": moment_text(case.created),
        "questions": [question_values(question) for question in case.questions],
        "quotes": [kept_quote_values(entry) for entry in case.quotes],
    }


def case_as_json(case: Case) -> bytes:
    """Return a case as a JSON file in UTF-8, which `case_from_json` reads."""
    return json.dumps(case_values(case), ensure_ascii=True, indent=1).encode()


def case_from_json(data: bytes) -> Case:
    """Return the case of a file. Raises CaseworkError when it is not one, or exceeds the bounds."""
    if len(data) > LARGEST_IMPORT:
        raise CaseworkError(f"A case to import may have {LARGEST_IMPORT >> 20} MiB.")
    try:
        values = json.loads(data)
        if values["format"] != _FORMAT:
            raise CaseworkError(_not_a_case("its format is another"))
        if values["version"] != _VERSION:
            raise CaseworkError(
                f"This case was exported by a newer version of Quoth ({values['version']}). "
                "Upgrade Quoth, and import it again."
            )
        return _case_of(values)
    except RecursionError as error:
        raise CaseworkError(_not_a_case("it is nested too deeply")) from error
    except (KeyError, TypeError, AttributeError, ValueError, ValidationError) as error:
        raise CaseworkError(_not_a_case(f"{type(error).__name__}: {str(error)[:200]}")) from error


def _not_a_case(reason: str) -> str:
    return (
        f"This file is not a case that Quoth exported as JSON ({reason}). To export one: "
        "quoth cases export NAME --format json"
    )


def _case_of(values: dict[str, Any]) -> Case:
    questions, quotes = values["questions"], values["quotes"]
    if len(questions) > MOST_QUESTIONS or len(quotes) > MOST_QUOTES:
        raise CaseworkError(
            f"A case may have {MOST_QUOTES:,} quotes and {MOST_QUESTIONS:,} questions."
        )
    return Case(
        id=_id(values["id"]),
        name=checked_name(values["name"]),
        note=checked_note(values["note"]),
        created=moment_of(values["created"]),
        questions=tuple(map(_question, questions)),
        quotes=tuple(map(_quote, quotes)),
    )


def _question(values: dict[str, Any]) -> CaseQuestion:
    text = checked_question(values["question"])
    return question_of({**values, "question": text, "state": _state(values["state"])})


def _quote(values: dict[str, Any]) -> KeptQuote:
    quote = quote_of(values["quote"])
    if len(quote.text) > LONGEST_QUOTE:
        raise CaseworkError(f"A quote may have {LONGEST_QUOTE:,} characters.")
    return KeptQuote(
        id=_id(values["id"]),
        quote=quote,
        question=checked_question(values["question"]),
        state=_state(values["state"]),
        created=moment_of(values["created"]),
        note=checked_note(values["note"]),
        tags=checked_tags(values["tags"]),
    )


def _state(value: object) -> State | None:
    for state in _STATES:
        if value == state:
            return state
    raise ValueError(f"no state is {str(value)[:40]!r}")


def _id(value: object) -> str:
    """Return an id as this version makes them. Raises ValueError."""
    text = str(value)
    if not (8 <= len(text) <= 64 and text.isascii() and text.isalnum()):
        raise ValueError(f"no id is {text[:40]!r}")
    return text
