"""What kind of answer an English question asks for, and whether a sentence holds one.

Plain rules in the manner of the TREC question answering tracks (Voorhees, 2001): "when" wants a
date, "how many" a number, "who" a name. A question of no known kind, or in another language,
is judged without them.
"""

from enum import Enum

import regex


class AnswerType(Enum):
    """The kinds told apart."""

    DATE = "date"
    NUMBER = "number"
    NAME = "name"
    """A person or a place: a capitalised word."""
    REASON = "reason"
    EMAIL_ADDRESS = "e-mail address"
    WEB_ADDRESS = "web address"
    PHONE_NUMBER = "phone number"


FORMAL = frozenset({AnswerType.EMAIL_ADDRESS, AnswerType.WEB_ADDRESS, AnswerType.PHONE_NUMBER})
"""Those that are told by their form alone: a sentence that holds one seldom names its kind."""

_WHAT_IS = r"(?:what|which)(?:['’]s| is| are)\b[^?]{0,60}"
# The first that is found anywhere in the question decides.
_ASKED = (
    (AnswerType.EMAIL_ADDRESS, rf"e-?mail[\s-]address(?:es)?|(?<={_WHAT_IS})e-?mails?"),
    (AnswerType.WEB_ADDRESS, rf"web address|url|(?<={_WHAT_IS})(?:web ?site|home ?page)"),
    (AnswerType.PHONE_NUMBER, r"(?:(?:tele)?phone|fax|mobile|hotline) numbers?"),
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
_EMAIL_ADDRESS = regex.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w")
_WEB_ADDRESS = regex.compile(
    r"https?://\S+|\bwww\.\S+|(?<![\w@.-])[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|gov|edu|info)\b"
)
_PHONE_NUMBER = regex.compile(r"(?<![\w.,-])[+(]?\d(?:[\s()./-]{0,2}\d){5,14}(?![\w,-])")
_FORMS = {
    AnswerType.DATE: _DATE,
    AnswerType.NUMBER: _NUMBER,
    AnswerType.REASON: _REASON,
    AnswerType.EMAIL_ADDRESS: _EMAIL_ADDRESS,
    AnswerType.WEB_ADDRESS: _WEB_ADDRESS,
    AnswerType.PHONE_NUMBER: _PHONE_NUMBER,
}
_CAPITALISED = regex.compile(r"(?<!^)(?<![.!?]\s)\b\p{Lu}[\w'-]+")


def sought(question: str) -> AnswerType | None:
    """Return the kind of answer a question asks for, or None when its wording does not tell."""
    return next((kind for kind, pattern in _QUESTIONS if pattern.search(question)), None)


def naming_words(kind: AnswerType, question: str) -> str:
    """Return the words by which a question names the kind of answer it asks for."""
    match = dict(_QUESTIONS)[kind].search(question)
    return match.group() if match else ""


def holds(kind: AnswerType, sentence: str, asked_about: frozenset[str]) -> bool:
    """Tell whether a sentence holds an answer of this kind.

    A name counts only when it is not one of the question's own words, `asked_about` in lower
    case: those cannot be the answer.
    """
    if kind is AnswerType.NAME:
        names = (match.group().lower() for match in _CAPITALISED.finditer(sentence))
        return any(name not in asked_about for name in names)
    return _FORMS[kind].search(sentence) is not None
