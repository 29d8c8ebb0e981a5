"""Suggested topics for a question without an answer: names and phrases quoted from the documents.

They are of passages that have to do with the question, by its words or by its meaning, and each
says something else than the others. Only a phrase that the library answers when it is searched for
is suggested; of a question that has to do with nothing in the documents, none.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import regex

from rag import deadlines
from rag.answers import CitedPassage
from rag.library import Library
from rag.query.exact.identifiers import ASKING_WORDS
from rag.query.query import languages_of
from rag.query.syntax import Search
from vector_store.analysis import analyzer

_MOST_TRIED = 8
_MOST_CANDIDATES = 40
_RELATED = 0.4
"""From here on a passage is near a question, on the scale on which an answer typically has 1."""
_SHARED_WORDS = 2
"""So many words of a question make a passage related to it; one is enough if it is rare."""
_RARE_SHARE, _RARE_COUNT = 0.05, 3
"""A word in no more of all passages than this share, or than this number, is rare."""
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


def topics(
    library: Library, question: str, near: Sequence[CitedPassage], most: int = 3
) -> list[Topic]:
    """Return up to `most` topics of the passages `near` a question that have to do with it.

    The phrases closest in meaning to the question come first. Raises the errors of `Library.ask`.
    """
    related = _related(library, question, near)
    answered: list[Topic] = []
    for topic in _by_similarity(library, question, _candidates(related)):
        deadlines.check()
        if any(_overlap(topic.phrase, other.phrase) for other in answered):
            continue
        search = Search(topic.phrase, topic.phrase, phrases=(topic.phrase,))
        if library.ask(search, k=1).answered:
            answered.append(topic)
            if len(answered) == most:
                break
    return answered


def _related(library: Library, question: str, near: Sequence[CitedPassage]) -> list[CitedPassage]:
    """Return the passages that share words with a question, or are near it in meaning."""
    if not near:
        return []
    scale = library.embedder.source
    span = scale.related - scale.unrelated
    with library.store.view() as view:
        _, languages = languages_of(question, view)
        tokens = analyzer.tokens(question, languages)
        words = {one.forms for one in tokens if not one.stop and one.word not in ASKING_WORDS}
        idf = view.idf(list(words)) if words else {}
        passages = view.counts().passages
    rare = min(passages, max(_RARE_COUNT, _RARE_SHARE * passages))
    rare_from = math.log(1 + (passages - rare + 0.5) / (rare + 0.5))
    related = []
    for passage in near:
        terms = frozenset(analyzer.terms(f"{passage.text} {' '.join(passage.headings)}", languages))
        shared = [forms for forms in words if not terms.isdisjoint(forms)]
        closeness = ((passage.why.dense_score or 0.0) - scale.unrelated) / span
        if (
            closeness >= _RELATED
            or len(shared) >= _SHARED_WORDS
            or any(idf[forms] >= rare_from for forms in shared)
        ):
            related.append(passage)
    return related


def _overlap(one: str, other: str) -> bool:
    """Tell whether two phrases say much the same: one has most of the words of the other."""
    mine, theirs = set(analyzer.terms(one)), set(analyzer.terms(other))
    return 2 * len(mine & theirs) >= min(len(mine), len(theirs))


def phrases(text: str) -> list[str]:
    """Return the quoted words, names, noun phrases and repeated word pairs in a passage."""
    candidates = _QUOTED.findall(text)
    candidates += [" ".join(name.split()) for name in _NAME.findall(text)]
    candidates += [run for run in _GOVERNED.findall(text) if _content_words(run) > 1]
    candidates += _repeated_pairs(text)
    return [phrase for phrase in candidates if 3 <= len(phrase) <= _LONGEST_PHRASE]


def _content_words(text: str) -> int:
    return len({token.forms for token in analyzer.tokens(text) if not token.stop})


def _candidates(near: Sequence[CitedPassage]) -> list[Topic]:
    """Return the topics of passages, in their order."""
    candidates: dict[str, Topic] = {}
    for passage in near:
        deadlines.check()
        for phrase in phrases(passage.text):
            terms = " ".join(analyzer.terms(phrase))
            candidates.setdefault(terms, Topic(phrase, passage.citation.document))
    return list(candidates.values())[:_MOST_CANDIDATES]


def _by_similarity(library: Library, question: str, candidates: Sequence[Topic]) -> list[Topic]:
    """Return the topics most similar to a question, best first."""
    if not candidates:
        return []
    vectors = library.embedder.embed_documents([topic.phrase for topic in candidates])
    scores = vectors @ library.embedder.embed_query(question)
    order = sorted(zip((-scores).tolist(), range(len(candidates)), candidates, strict=True))
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
