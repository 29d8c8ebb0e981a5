"""Follow-up questions ("And in Qom?", "Who pays for it?"), understood by rules, without a model.

A question's wording alone decides whether it is a follow-up: how it begins, how little it says,
and pronouns that refer to something before. A follow-up is searched for with the words of the
previous question, except those that it replaces. The answer lists these words
(`Answer.carried`), so that a person can remove them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import regex

from rag.answers import Answer
from rag.deadlines import Deadline, within
from rag.library import Library
from rag.query.syntax import LONGEST_QUESTION, Search, checked
from vector_store.analysis import analyzer

_OPENERS = regex.compile(
    r"""^\W*(?:
      (?:and|but|or|also|plus|then|so)\b(?!\W*(?:so|far)\b)
    | (?:et|mais|ou)\b | qu['’]en\s+est-il | y\b | pero\b | qué\s+(?:tal|hay)\b
    | و(?=\p{Arabic}) | و\s | ماذا\s+عن | چطور | ו(?=\p{Hebrew}) | ומה\s+(?:עם|לגבי)
    )""",
    regex.VERBOSE | regex.IGNORECASE,
)
_ABOUT = regex.compile(r"^\W*(?:and\s+)?(?:what|how)\s+(?:about|of|if)\b", regex.IGNORECASE)
_BACKWARD = regex.compile(
    r"""\b(?:
      it|them|they|he|she|him|these|those|this|ones?|else|the\s+same|such\s+an?
    | the\s+(?:latter|former|other|others) | any\s+others? | another | thereof
    | celui-ci|celle-ci|ceux-ci|eux|cela | ello|ellos|ellas|eso
    )\b""",
    regex.VERBOSE | regex.IGNORECASE,
)
_POSSESSIVE = regex.compile(r"\b(?:its|their|theirs|his|her|hers)\b", regex.IGNORECASE)
_THAT = regex.compile(
    r"\b(?:is|was|does|did|about|of|for|with|by|from|in|to|after|before|do|at|on|like)\s+that\b"
    r"|\b(?:there|then)\W*$",
    regex.IGNORECASE,
)
# "it" that refers to nothing before: the weather, the time, a clause that follows.
_EXPLETIVE = regex.compile(
    r"\b(?:is|was|does|did|will|has|can|could|would)\s+it\s+(?:\w+\s+){0,2}?(?:that|to|rain|snow"
    r"|raining|snowing|take|possible|true|mean)\b|\bit\s+(?:is|was|takes?)\b.*\b(?:to|that)\b"
    r"|\bthis\s+(?:year|month|week|morning|evening|library|document)\b"
    r"|\bthese\s+days\b|\b(?:each|one)\s+an?other\b|\b(?:no|any|some|every)\s*one\b"
    r"|\b(?:can|could|should|does|do|may|must)\s+one\b|\bone\s+(?:of|can|should|does|do|who|day|year)\b",
    regex.IGNORECASE,
)
# What a later pronoun may refer to: a subject, a name, a noun with an article.
_ANTECEDENT = regex.compile(
    r"\b(?:do|does|did|is|are|was|were|have|has|can|will)\s+"
    r"(?!(?:it|they|them|its|their|he|she|his|her|this|these|those)\b)\w+"
    r"|(?<=\w\W+)\p{Lu}\w+|\b(?:the|an?)\s+\w+",
)
_INTERROGATIVE = regex.compile(r"\b(?i:which|whose|how\s+many)\s+\w+\s")
"""What a later possessive may refer to: "Which cities help their neighbours?"."""
_ELLIPSIS = regex.compile(
    r"^\W*(?:and\s+|but\s+)?(?:(?:in|at|on|from|to|for|with|without|by|of|since|until|under"
    r"|between|according\s+to)\s+\S+(?:\s\S+){0,2}"
    r"|(?:why|when|where|who|how|which|whom|whose|how\s+(?:many|much|long|often|far|old|so)"
    r"|(?:by|to|for|with|from|of)\s+whom|since\s+when|what\s+for|which\s+\w+)(?:\s+not|\s+exactly)?"
    r"|(?:pourquoi|quand|où|comment|qui|combien|por\s+qué|cuándo|dónde|cómo|quién|cuánto)"
    r"|(?:لماذا|متى|أين|كيف|من|چرا|کی|کجا|چگونه|למה|מתי|איפה|איך|מי))\W*$",
    regex.IGNORECASE,
)
_PREPOSITION_AND_NAME = regex.compile(
    r"\b(?P<preposition>in|at|of|from|to|for|with|by|does|do|did|has|have|is|are)\s+"
    r"(?:the\s+)?(?P<name>\p{Lu}\w*(?:\s+\p{Lu}\w*)*)"
)
_NAME = regex.compile(r"(?<=\w\W+)\p{Lu}\w*(?:\s+\p{Lu}\w*)*")
_OF_PLACE = frozenset({"in", "at"})
"""Prepositions of place."""
_LONGEST_PARTICLE = 2
"""Letters; words of other languages that are no longer are prepositions and the like."""
_MOST_CONTENT_WORDS = 2
"""A question that begins with "and" and has more content words is complete by itself."""


@dataclass(frozen=True, slots=True)
class Followed:
    """The answer to a question that may be a follow-up; if it is, both with and without context."""

    answer: Answer
    """The one to show; `answer.carried` lists the words of the previous question it used."""
    other: Answer | None
    """The same question with or without those words; None when there were none to use."""


def leans(question: str) -> bool:
    """Tell whether a question's wording refers to something before it."""
    terms = {token.forms[0] for token in analyzer.tokens(question) if not token.stop}
    content_words = sum(len(term) > _LONGEST_PARTICLE for term in terms)
    if _OPENERS.match(question) and content_words <= _MOST_CONTENT_WORDS:
        return True
    if _ABOUT.match(question) or _ELLIPSIS.match(question):
        return True
    rest = _EXPLETIVE.sub(" ", question)
    if _THAT.search(rest):
        return True
    before_pronouns = (rest[: pronoun.start()] for pronoun in _BACKWARD.finditer(rest))
    if not all(map(_ANTECEDENT.search, before_pronouns)):
        return True
    before_possessives = (rest[: word.start()] for word in _POSSESSIVE.finditer(rest))
    return not all(
        _ANTECEDENT.search(before) or _INTERROGATIVE.search(before) for before in before_possessives
    )


def carried_words(question: str, earlier: Search) -> tuple[str, ...]:
    """Return the words of the previous search that a follow-up needs; none for other questions.

    They are its content words, except names that the question replaces: "And in Qom?" replaces
    "in Basra".
    """
    if max(len(question), len(earlier.wording)) > LONGEST_QUESTION or not leans(question):
        return ()  # a page of text needs no context
    names = _replaced_names(question, earlier.wording)
    dropped = {term for text in (question, *names) for term in analyzer.terms(text)}
    words: dict[str, str] = {}
    for token in analyzer.tokens(earlier.wording):
        if not token.stop and token.forms[0] not in dropped:
            words.setdefault(token.forms[0], earlier.wording[token.start : token.end])
    return tuple(words.values())


def follow(
    library: Library,
    question: str,
    earlier: Search | None,
    *,
    carry: Sequence[str] | None = None,
    k: int = 5,
    where: str | Sequence[str] = (),
    timeout: float | None = None,
) -> Followed:
    """Answer a question that may be a follow-up, with and without words of the previous question.

    `carry` sets these words, whatever the wording. The answer with them is the one to show, unless
    only the answer without them is positive. `timeout` covers both searches. Raises the errors of
    `Library.ask`.
    """
    with within(Deadline(timeout)):
        return _follow(library, checked(question, k), earlier, carry, k, where)


def _follow(
    library: Library,
    search: Search,
    earlier: Search | None,
    carry: Sequence[str] | None,
    k: int,
    where: str | Sequence[str],
) -> Followed:
    words = tuple(carry) if carry is not None else ()
    if carry is None and earlier is not None:
        words = carried_words(search.words, earlier)
    if not words:
        return Followed(library.ask(search, k=k, where=where), None)
    both = [search, search.with_carried(words)]
    alone, together = library.ask_many(both, k=k, where=where)
    if alone.answered and not together.answered:
        return Followed(alone, together)
    return Followed(together, alone)


def _replaced_names(question: str, earlier: str) -> list[str]:
    """Return the names in the previous question that the first name in this one replaces."""
    new = _NAME.search(question)
    if not new:
        return []
    preposition = _prepositions(question).get(new.group())
    old = _prepositions(earlier)
    if preposition in _OF_PLACE:
        return [name for name, word in old.items() if word in _OF_PLACE] or list(old)[:1]
    if preposition is not None:
        return [name for name, word in old.items() if word == preposition]
    return list(old)[:1] or _NAME.findall(earlier)[:1]


def _prepositions(text: str) -> dict[str, str]:
    """Return the preposition or auxiliary verb before each name that has one."""
    matches = _PREPOSITION_AND_NAME.finditer(text)
    return {match["name"]: match["preposition"].lower() for match in matches}
