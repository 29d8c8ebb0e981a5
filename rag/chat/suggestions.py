"""Suggested topics: names and phrases quoted from the documents.

Only a phrase that the library answers when it is searched for is suggested.
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
_PASSAGE_LENGTH = 500
"""Code points of a passage that are compared with its phrases."""
_LONGEST_PHRASE = 48
"""Code points; a longer phrase reads as a sentence."""

_NAME = regex.compile(
    r"(?<=[\p{Ll},;]\s)(?:\p{Lu}[\p{L}\p{M}’'-]+)"
    r"(?:\s(?:of|the|de|la|du|des|al|for)(?=\s\p{Lu})|\s\p{Lu}[\p{L}\p{M}’'-]+){1,4}"
)
# Words between an article or preposition and the end of its phrase: mostly nouns.
_GOVERNED = regex.compile(
    r"(?<=\b(?:the|an?|of|in|for|through|with|by|as|via|including|joint)\s)"
    r"(?!(?:both|their|most|other|such|many|several|some|these|those|various)\s)"
    r"(?:(?!\p{L}*ly\b)\p{Ll}[\p{Ll}’'-]{3,}\s){1,2}(?!\p{L}*(?:ed|ly)\b)\p{Ll}[\p{Ll}’'-]{2,}"
    r"(?=[,.;:]|\s(?:of|in|and|or|from|for|on|between|to)\b)"
)
_QUOTED = regex.compile(r"(?<=[“«„])[\p{L}\p{N}][^“”«»„\n]{2,46}[\p{L}\p{N}](?=[”»“])")


@dataclass(frozen=True, slots=True)
class Topic:
    """A phrase that occurs in a document, word for word."""

    phrase: str
    document: str
    """The name of a document that contains it."""


def topics(library: Library, near: Sequence[CitedPassage], most: int = 3) -> list[Topic]:
    """Return up to `most` topics from passages near a question and from the first documents.

    The phrases closest in meaning to their passages come first. Raises the errors of
    `Library.ask`.
    """
    answered: list[Topic] = []
    for topic in _by_similarity(library, _candidates(library, near)):
        deadlines.check()
        search = Search(topic.phrase, topic.phrase, phrases=(topic.phrase,))
        if library.ask(search, k=1).answered:
            answered.append(topic)
            if len(answered) == most:
                break
    return answered


def phrases(text: str) -> list[str]:
    """Return the quoted words, names, noun phrases and repeated word pairs in a passage."""
    candidates = _QUOTED.findall(text)
    candidates += [" ".join(name.split()) for name in _NAME.findall(text)]
    candidates += [run for run in _GOVERNED.findall(text) if _content_words(run) > 1]
    candidates += _repeated_pairs(text)
    return [phrase for phrase in candidates if 3 <= len(phrase) <= _LONGEST_PHRASE]


def _content_words(text: str) -> int:
    return len({token.forms for token in analyzer.tokens(text) if not token.stop})


def _candidates(library: Library, near: Sequence[CitedPassage]) -> dict[Topic, str]:
    """Return the topics of the near and of the first passages, each with its passage's text."""
    texts = [(passage.text, passage.citation.document) for passage in near]
    for info in library.documents()[:_MOST_DOCUMENTS]:
        passages = library.contents(info.path).passages[:_MOST_PASSAGES]
        texts += [(passage.text, info.name) for passage in passages]
    candidates: dict[str, tuple[Topic, str]] = {}
    for text, document in texts:
        deadlines.check()
        for phrase in phrases(text):
            terms = " ".join(analyzer.terms(phrase))
            candidates.setdefault(terms, (Topic(phrase, document), text[:_PASSAGE_LENGTH]))
    return dict(list(candidates.values())[:_MOST_CANDIDATES])


def _by_similarity(library: Library, candidates: dict[Topic, str]) -> list[Topic]:
    """Return the topics most similar to their own passage and to all passages, best first."""
    if not candidates:
        return []
    texts = list(dict.fromkeys(candidates.values()))
    vectors = library.embedder.embed_documents([*(topic.phrase for topic in candidates), *texts])
    phrase_vectors, text_vectors = vectors[: len(candidates)], vectors[len(candidates) :]
    own = text_vectors[[texts.index(text) for text in candidates.values()]]
    scores = (phrase_vectors * own).sum(axis=1) + phrase_vectors @ text_vectors.mean(axis=0)
    order = sorted(zip(-scores, range(len(candidates)), candidates, strict=True))
    return [topic for *_, topic in order[:_MOST_TRIED]]


def _repeated_pairs(text: str) -> list[str]:
    """Return pairs of adjacent words that occur in a passage more than once, the longest first."""
    first_occurrence: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for left, right in pairwise(analyzer.tokens(text)):
        between = text[left.end : right.start]
        if left.stop or right.stop or not between.isspace() or "\n" in between:
            continue
        terms = f"{left.forms[0]} {right.forms[0]}"
        counts[terms] += 1
        first_occurrence.setdefault(terms, text[left.start : right.end])
    repeated = [first_occurrence[terms] for terms, count in counts.items() if count > 1]
    return sorted(repeated, key=len, reverse=True)
