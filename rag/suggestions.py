"""What the documents can be asked about, in their own words: names and phrases that stand in them.

Nothing here claims anything: a suggestion is a phrase quoted from a passage, and only one that is
answered when it is asked for is offered.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest

import regex

from rag.answers import CitedPassage
from rag.library import Library
from rag.syntax import Search
from vector_store import analysis

_MOST_TRIED = 12
_MOST_DOCUMENTS = 3
_MOST_PASSAGES = 6
_LONGEST = 48
"""Code points; a longer phrase reads as a sentence."""

_NAME = regex.compile(
    r"(?<=[\p{Ll},;]\s)(?:\p{Lu}[\p{L}\p{M}’'-]+)"
    r"(?:\s(?:of|the|de|la|du|des|al|for)(?=\s\p{Lu})|\s\p{Lu}[\p{L}\p{M}’'-]+){1,4}"
)
# Words between an article or a preposition and the end of what it governs: mostly nouns.
_GOVERNED = regex.compile(
    r"(?<=\b(?:the|an?|of|in|for|through|with|by|as|via|including|joint)\s)"
    r"(?!(?:both|their|most|other|such|many|several|some|these|those|various)\s)"
    r"(?:(?!\p{L}*ly\b)\p{Ll}[\p{Ll}’'-]{3,}\s){1,2}(?!\p{L}*(?:ed|ly)\b)\p{Ll}[\p{Ll}’'-]{2,}"
    r"(?=[,.;:]|\s(?:of|in|and|or|from|for|on|between|to)\b)"
)
_QUOTED = regex.compile(r"(?<=[“«„])[\p{L}\p{N}][^“”«»„\n]{2,46}[\p{L}\p{N}](?=[”»“])")


@dataclass(frozen=True, slots=True)
class Topic:
    """A phrase that stands in a document, word for word."""

    phrase: str
    document: str
    """The name of a document that holds it."""


def topics(library: Library, near: Sequence[CitedPassage], most: int = 3) -> list[Topic]:
    """Return up to `most` phrases that passages near a question hold and can be asked about.

    When those offer none, the first documents of the library are looked at. Raises as
    `Library.ask` does.
    """
    found: list[Topic] = []
    seen: set[str] = set()
    for topic in _candidates(library, near):
        key = " ".join(analysis.terms(topic.phrase))
        if key in seen or len(seen) >= _MOST_TRIED:
            continue
        seen.add(key)
        asked = Search(topic.phrase, topic.phrase, phrases=(topic.phrase,))
        if library.ask(asked, k=1).answered:
            found.append(topic)
            if len(found) == most:
                break
    return found


def phrases(text: str) -> list[str]:
    """Return the quoted words, names, noun phrases and repeated pairs in a passage."""
    found = _QUOTED.findall(text)
    found += [" ".join(name.split()) for name in _NAME.findall(text)]
    found += [run for run in _GOVERNED.findall(text) if len(analysis.content_terms(run)) > 1]
    found += _pairs(text)
    return [phrase for phrase in found if 3 <= len(phrase) <= _LONGEST]


def _candidates(library: Library, near: Sequence[CitedPassage]) -> Iterator[Topic]:
    yield from _in_turn(
        [Topic(phrase, held.citation.document) for phrase in phrases(held.text)] for held in near
    )
    for info in library.documents()[:_MOST_DOCUMENTS]:
        passages = library.contents(info.path).passages[:_MOST_PASSAGES]
        yield from _in_turn(
            [Topic(phrase, info.name) for phrase in phrases(held.text)] for held in passages
        )


def _in_turn(lists: Iterable[list[Topic]]) -> Iterator[Topic]:
    """Give the first of each list, then the second of each, and so on."""
    for row in zip_longest(*lists):
        yield from (topic for topic in row if topic is not None)


def _pairs(text: str) -> list[str]:
    """Return neighbouring words that stand in a passage more than once, the longest first."""
    tokens = analysis.tokens(text)
    places: dict[str, str] = {}
    counted: Counter[str] = Counter()
    for one, two in pairwise(tokens):
        between = text[one.end : two.start]
        if one.stop or two.stop or not between.isspace() or "\n" in between:
            continue
        key = f"{one.term} {two.term}"
        counted[key] += 1
        places.setdefault(key, text[one.start : two.end])
    repeated = [places[key] for key, count in counted.items() if count > 1]
    return sorted(repeated, key=len, reverse=True)
