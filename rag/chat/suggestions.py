"""What the documents can be asked about, in their own words: names and phrases that stand in them.

Nothing here claims anything: a suggestion is a phrase quoted from a passage, and only one that is
answered when it is asked for is offered.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import regex

from rag import deadlines
from rag.answers import CitedPassage
from rag.library import Library
from rag.query.syntax import Search
from vector_store.analysis import analyzer

_MOST_TRIED = 8
_MOST_CANDIDATES = 40
_MOST_DOCUMENTS = 3
_MOST_PASSAGES = 8
_READ = 500
"""Code points of a passage that are compared with its phrases."""
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
    """Return up to `most` phrases that can be asked about, from passages near a question.

    The first documents of the library are looked at as well. Those phrases come first that mean
    most nearly what their passages do. Raises as `Library.ask` does.
    """
    found: list[Topic] = []
    for topic in _by_meaning(library, _candidates(library, near)):
        deadlines.check()
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
    found += [run for run in _GOVERNED.findall(text) if _content_words(run) > 1]
    found += _pairs(text)
    return [phrase for phrase in found if 3 <= len(phrase) <= _LONGEST]


def _content_words(text: str) -> int:
    return len({token.forms for token in analyzer.tokens(text) if not token.stop})


def _candidates(library: Library, near: Sequence[CitedPassage]) -> dict[Topic, str]:
    """Return phrases of the passages near and of the first ones, each with its passage's text."""
    held = [(passage.text, passage.citation.document) for passage in near]
    for info in library.documents()[:_MOST_DOCUMENTS]:
        passages = library.contents(info.path).passages[:_MOST_PASSAGES]
        held += [(passage.text, info.name) for passage in passages]
    found: dict[str, tuple[Topic, str]] = {}
    for text, document in held:
        deadlines.check()
        for phrase in phrases(text):
            key = " ".join(analyzer.terms(phrase))
            found.setdefault(key, (Topic(phrase, document), text[:_READ]))
    return dict(list(found.values())[:_MOST_CANDIDATES])


def _by_meaning(library: Library, candidates: dict[Topic, str]) -> list[Topic]:
    """Return phrases, first those nearest to their own passage and to all together."""
    if not candidates:
        return []
    texts = list(dict.fromkeys(candidates.values()))
    vectors = library.embedder.embed_documents([*(one.phrase for one in candidates), *texts])
    named, read = vectors[: len(candidates)], vectors[len(candidates) :]
    own = read[[texts.index(text) for text in candidates.values()]]
    scores = (named * own).sum(axis=1) + named @ read.mean(axis=0)
    order = sorted(zip(-scores, range(len(candidates)), candidates, strict=True))
    return [topic for *_, topic in order[:_MOST_TRIED]]


def _pairs(text: str) -> list[str]:
    """Return neighbouring words that stand in a passage more than once, the longest first."""
    tokens = analyzer.tokens(text)
    places: dict[str, str] = {}
    counted: Counter[str] = Counter()
    for one, two in pairwise(tokens):
        between = text[one.end : two.start]
        if one.stop or two.stop or not between.isspace() or "\n" in between:
            continue
        key = f"{one.forms[0]} {two.forms[0]}"
        counted[key] += 1
        places.setdefault(key, text[one.start : two.end])
    repeated = [places[key] for key, count in counted.items() if count > 1]
    return sorted(repeated, key=len, reverse=True)
