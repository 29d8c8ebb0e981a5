"""The identifiers of a question: what it names by a number, a code or an address.

Years, ordinals, ages, small plain numbers and the like name nothing, and neither do words such as
"covid-19": passages without them answer as well.
"""

import regex

from rag.query.exact.codes import codes, emails
from rag.query.exact.dates import dates
from rag.query.exact.identifier import Identifier
from rag.query.exact.literal_text import plain, readable
from rag.query.exact.numbered import numbered
from rag.query.exact.numbers import numbers

MOST = 16
"""Identifiers of a question that are looked for; a longer list is a document."""
_MAY_HOLD = regex.compile(r"[\p{N}@]")
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


def is_only(question: str, identifiers: tuple[Identifier, ...]) -> bool:
    """Tell whether a question is identifiers and nothing else."""
    left = readable(question)
    for identifier in identifiers:
        left = left.replace(identifier.text, " ")
    return bool(identifiers) and _LEFT.search(left) is None
