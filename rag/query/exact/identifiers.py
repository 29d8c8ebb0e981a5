"""The identifiers of a question: what it names by a number, a code or an address.

Years, ordinals, ages and small plain numbers are not identifiers. Words such as "covid-19" are,
but passages with them are only preferred: others may answer as well.
"""

import regex

from rag.query.exact.codes import codes, emails
from rag.query.exact.dates import dates
from rag.query.exact.identifier import Identifier
from rag.query.exact.literal_text import plain, readable
from rag.query.exact.numbered import numbered
from rag.query.exact.numbers import numbers
from vector_store.analysis.stop_words import STOP_WORDS

MOST = 16
"""Identifiers of a question that are looked for; a longer list is a document."""
_MAY_HOLD = regex.compile(r"[\p{N}@]")
ASKING_WORDS = frozenset(
    """
    say says said state states stated mean means happen happens happened know known tell find show
    read reads look looks go give gives gave get gets got write writes wrote written stand stands
    receive receives received    belong belongs own owns hold holds call called use used please
    sagt steht bedeutet heißt geschah passiert passierte wurde zeig zeige finde
    dit signifie contient passé montre trouve
    dice significa contiene pasó muestra encuentra
    """.split()
).union(*(STOP_WORDS[language] for language in ("en", "de", "fr", "es", "it", "nl", "pt")))
"""Words of a question that ask no particular thing of what it names."""
_LEFT = regex.compile(r"[\p{L}\p{N}]+")


def identifiers_of(question: str) -> tuple[Identifier, ...]:
    """Return the identifiers of a question in their order, at most MOST."""
    if _MAY_HOLD.search(question) is None:
        return ()
    text = readable(question)
    spans: list[tuple[tuple[int, int], Identifier]] = []
    for kind in (emails, dates, numbered, codes, numbers):
        for span, identifier in kind(text):
            start, end = span
            # "clause 2.1" is one thing, not a clause and a number.
            if all(end <= first or last <= start for (first, last), _ in spans):
                spans.append((span, identifier))
    in_order = sorted(spans, key=lambda one: one[0])
    distinct = {plain(identifier.text): identifier for _, identifier in in_order}
    return tuple(distinct.values())[:MOST]


def words_beside(question: str, identifiers: tuple[Identifier, ...]) -> frozenset[str]:
    """Return the words of a question, without case, that are no part of its identifiers."""
    left = readable(question)
    for identifier in identifiers:
        left = left.replace(identifier.text, " ")
    return frozenset(word.casefold() for word in _LEFT.findall(left)) - {"s"}  # of "the F-16s"


def asks_nothing_more(words: frozenset[str]) -> bool:
    """Tell whether a question's other words ask nothing specific about its identifiers.

    "What does clause 2.1 say?" asks nothing specific.
    """
    return words <= ASKING_WORDS
