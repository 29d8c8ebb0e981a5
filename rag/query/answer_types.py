"""What kind of answer an English question asks for, and whether a sentence holds one.

Plain rules in the manner of the TREC question answering tracks (Voorhees, 2001): "when" wants a
date, "how many" a number, "who" a name. A question of no known kind, or in another language,
is judged without them.
"""

from enum import Enum, auto

import regex


class AnswerType(Enum):
    """The kinds told apart."""

    DATE = auto()
    NUMBER = auto()
    NAME = auto()
    """A person or a place: a capitalised word."""
    REASON = auto()


# The first that is found anywhere in the question decides.
_ASKED = (
    (
        AnswerType.DATE,
        r"when|what (?:year|date|day|month|time|century)|which (?:year|day|month|century)"
        r"|how (?:long|old)",
    ),
    (
        AnswerType.NUMBER,
        r"how (?:many|much|far|tall|high|large|big|often|fast)"
        r"|what (?:number|percent|percentage|population)",
    ),
    (AnswerType.NAME, r"who|whom|whose"),
    (
        AnswerType.NAME,
        r"where|what (?:city|country|state|place|region|county)"
        r"|which (?:city|country|state|place)",
    ),
    (AnswerType.REASON, r"why"),
)
_QUESTIONS = tuple((kind, regex.compile(rf"\b(?:{words})\b", regex.I)) for kind, words in _ASKED)

_DATE = regex.compile(
    r"\b(?:1\d{3}|20\d\d|January|February|March|April|June|July|August|September|October"
    r"|November|December|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|century|today|yesterday"
    r"|years?|month|week|o'clock|[ap]\.?m)\b",
    regex.I,
)
_NUMBER = regex.compile(
    r"\b(?:\d[\d,.]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen"
    r"|hundred|thousand|million|billion|percent|half|several|once|twice)\b",
    regex.I,
)
_REASON = regex.compile(
    r"\b(?:because|since|so that|due to|in order to|therefore|result|caused?|as a|to)\b", regex.I
)
_CAPITALISED = regex.compile(r"(?<!^)(?<![.!?]\s)\b\p{Lu}[\w'-]+")


def sought(question: str) -> AnswerType | None:
    """Return the kind of answer a question asks for, or None when its wording does not tell."""
    return next((kind for kind, pattern in _QUESTIONS if pattern.search(question)), None)


def holds(kind: AnswerType, sentence: str, asked_about: frozenset[str]) -> bool:
    """Tell whether a sentence holds an answer of this kind.

    A name counts only when it is not one of the question's own words, `asked_about` in lower
    case: those cannot be the answer.
    """
    match kind:
        case AnswerType.DATE:
            return _DATE.search(sentence) is not None
        case AnswerType.NUMBER:
            return _NUMBER.search(sentence) is not None
        case AnswerType.REASON:
            return _REASON.search(sentence) is not None
        case AnswerType.NAME:
            names = (match.group().lower() for match in _CAPITALISED.finditer(sentence))
            return any(name not in asked_about for name in names)
