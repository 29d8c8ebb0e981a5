"""Questions that lean on the one before ("And in Qom?", "Who pays for it?"), without a model.

Whether a question leans is told by its wording alone: how it begins, how little it says, and
words that stand for something said before. What it then needs are the words of the earlier
question, but for those that it puts others in place of. Nothing is carried out of sight: the
answer names the words (`Answer.carried`), and a person can take them away.
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
# "it" that stands for nothing: the weather, the time, a clause that follows.
_EXPLETIVE = regex.compile(
    r"\b(?:is|was|does|did|will|has|can|could|would)\s+it\s+(?:\w+\s+){0,2}?(?:that|to|rain|snow"
    r"|raining|snowing|take|possible|true|mean)\b|\bit\s+(?:is|was|takes?)\b.*\b(?:to|that)\b"
    r"|\bthis\s+(?:year|month|week|morning|evening|library|document)\b"
    r"|\bthese\s+days\b|\b(?:each|one)\s+an?other\b|\b(?:no|any|some|every)\s*one\b"
    r"|\b(?:can|could|should|does|do|may|must)\s+one\b|\bone\s+(?:of|can|should|does|do|who|day|year)\b",
    regex.IGNORECASE,
)
# What a pronoun further on may stand for: a subject, a name, something named with an article.
_ANTECEDENT = regex.compile(
    r"\b(?:do|does|did|is|are|was|were|have|has|can|will)\s+"
    r"(?!(?:it|they|them|its|their|he|she|his|her|this|these|those)\b)\w+"
    r"|(?<=\w\W+)\p{Lu}\w+|\b(?:the|an?)\s+\w+",
)
_ASKED_FOR = regex.compile(r"\b(?i:which|whose|how\s+many)\s+\w+\s")
"""What a possessive further on belongs to: "Which cities help their neighbours?"."""
_ELLIPSIS = regex.compile(
    r"^\W*(?:and\s+|but\s+)?(?:(?:in|at|on|from|to|for|with|without|by|of|since|until|under"
    r"|between|according\s+to)\s+\S+(?:\s\S+){0,2}"
    r"|(?:why|when|where|who|how|which|whom|whose|how\s+(?:many|much|long|often|far|old|so)"
    r"|(?:by|to|for|with|from|of)\s+whom|since\s+when|what\s+for|which\s+\w+)(?:\s+not|\s+exactly)?"
    r"|(?:pourquoi|quand|où|comment|qui|combien|por\s+qué|cuándo|dónde|cómo|quién|cuánto)"
    r"|(?:لماذا|متى|أين|كيف|من|چرا|کی|کجا|چگونه|למה|מתי|איפה|איך|מי))\W*$",
    regex.IGNORECASE,
)
_NAMED_PLACE = regex.compile(
    r"\b(?P<before>in|at|of|from|to|for|with|by|does|do|did|has|have|is|are)\s+"
    r"(?:the\s+)?(?P<name>\p{Lu}\w*(?:\s+\p{Lu}\w*)*)"
)
_NAME = regex.compile(r"(?<=\w\W+)\p{Lu}\w*(?:\s+\p{Lu}\w*)*")
_PLACES = frozenset({"in", "at"})
_PARTICLE = 2
"""Letters; shorter words in other languages than English are prepositions and the like."""
_SHORT = 2
"""Words about the subject; a question that begins with "and" and has more says it all itself."""


@dataclass(frozen=True, slots=True)
class Followed:
    """The answer to a question that may lean on the one before, both ways when it does."""

    answer: Answer
    """What is shown; `answer.carried` names the words it was searched with."""
    other: Answer | None
    """The same question asked the other way; None when nothing could be carried."""


def leans(question: str) -> bool:
    """Tell whether a question's wording stands on something said before it."""
    content = {token.forms[0] for token in analyzer.tokens(question) if not token.stop}
    told = sum(len(term) > _PARTICLE for term in content)
    if _OPENERS.match(question) and told <= _SHORT:
        return True
    if _ABOUT.match(question) or _ELLIPSIS.match(question):
        return True
    rest = _EXPLETIVE.sub(" ", question)
    if _THAT.search(rest):
        return True
    if any(not _ANTECEDENT.search(rest[: it.start()]) for it in _BACKWARD.finditer(rest)):
        return True
    return any(
        not (_ANTECEDENT.search(rest[: its.start()]) or _ASKED_FOR.search(rest[: its.start()]))
        for its in _POSSESSIVE.finditer(rest)
    )


def carried_words(question: str, earlier: Search) -> tuple[str, ...]:
    """Return the words of an earlier search that a question needs, none when it does not lean.

    They are the ones that say what was asked about, but for a name that the question puts
    another in place of: "And in Qom?" takes the place of "in Basra".
    """
    if max(len(question), len(earlier.wording)) > LONGEST_QUESTION or not leans(question):
        return ()  # a page of text says itself what it is about
    said = set(analyzer.terms(question))
    dropped = {
        term for name in _replaced(question, earlier.wording) for term in analyzer.terms(name)
    }
    words: dict[str, str] = {}
    for token in analyzer.tokens(earlier.wording):
        if not token.stop and token.forms[0] not in said | dropped:
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
    """Answer a question in the light of an earlier one, asking with and without its words.

    With `carry`, those words are carried, whatever the wording. The answer with them is the one
    shown, unless only the one without answers. `timeout` holds for both together. Raises as
    `Library.ask` does.
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


def _replaced(question: str, earlier: str) -> list[str]:
    """Return the names in an earlier question that a name in this one stands in place of."""
    new = _NAME.search(question)
    if not new:
        return []
    placed = {found["name"]: found["before"].lower() for found in _NAMED_PLACE.finditer(question)}
    before = placed.get(new.group())
    old = {found["name"]: found["before"].lower() for found in _NAMED_PLACE.finditer(earlier)}
    if before in _PLACES:
        return [name for name, word in old.items() if word in _PLACES] or list(old)[:1]
    if before is not None:
        return [name for name, word in old.items() if word == before]
    return list(old)[:1] or _NAME.findall(earlier)[:1]
