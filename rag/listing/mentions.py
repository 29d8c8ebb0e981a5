"""Every mention of a text: all passages that hold it word for word, not the best of them.

The lexical index names the passages with all of its words; each is then compared, in the order in
which they are listed, so that the first page costs what it shows. Orders by date or meaning compare
all of them first.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

import numpy as np
import regex
from numpy.typing import NDArray

from rag import deadlines
from rag.errors import QuestionError
from rag.listing.cursors import decoded, encoded, listed
from rag.listing.records import Mention, Mentions, Order, day_of
from rag.query.exact.identifier import Identifier
from rag.query.exact.literal_text import Located, plain
from rag.query.exact.mentions import literal
from rag.query.query import languages_of
from rag.query.scope import Scope
from rag.retrieval.candidates import passages_of
from rag.retrieval.exact.occurrences import rarest_words
from vector_store.analysis import analyzer
from vector_store.base import StoreView
from vector_store.records import Passage

MOST_SORTED = 20_000
"""Mentions that are sorted by date or by meaning; there is no limit by document."""
LONGEST_TEXT = 200
_MOST_SPANS = 100
"""Places that are told of one passage."""

Spans = tuple[tuple[int, int], ...]
Embed = Callable[[str], NDArray[np.float32]]
"""Returns the vector of a question, shape (dimensions,)."""


@dataclass(frozen=True, slots=True)
class MentionQuery:
    """What is listed, and in which order."""

    text: str
    order: Order
    near: str
    """What the order by meaning compares with; the text itself if empty."""

    @classmethod
    def checked(cls, text: str, order: Order, near: str) -> "MentionQuery":
        """Return what is listed. Raises QuestionError for a text that cannot be looked for."""
        text = " ".join(text.split())
        if not any(map(str.isalnum, text)):
            raise QuestionError("Give a word, a name or a phrase to list the mentions of.")
        if len(text) > LONGEST_TEXT:
            raise QuestionError(
                f"The text has {len(text):,} characters, and mentions are listed of at most "
                f"{LONGEST_TEXT}. Give a shorter phrase of it."
            )
        return cls(text, order, near.strip() or text)


@dataclass(frozen=True, slots=True)
class _Match:
    passage: Passage
    spans: Spans


@dataclass(frozen=True, slots=True)
class _Key:
    """A mention that is to be sorted, without its text."""

    passage: int
    document: int
    day: date | None
    spans: Spans


def mentions(
    view: StoreView,
    query: MentionQuery,
    within: Scope,
    limit: int,
    cursor: str,
    embed: Embed,
    *,
    count: bool = False,
) -> Mentions:
    """Return up to `limit` mentions from a cursor on, the first ones for an empty cursor.

    With `count`, all are compared and the counts are exact; otherwise those compared so far are
    counted. Raises QuestionError, DeadlineExceededError, CancelledWorkError.
    """
    name = listed("mentions", query.text, query.order, query.near, _documents(within))
    if query.order == "document":
        return _streamed(view, query, within, limit, (name, cursor), count=count)
    edition = view.edition()
    [start] = decoded(cursor, name, edition, (0,)) if cursor else [0]
    keys = _sorted(view, query, within, embed)
    part = keys[start : start + limit]
    passages = {one.id: one for one in passages_of(view, [key.passage for key in part])}
    end = start + len(part)
    return Mentions(
        query.text,
        query.order,
        tuple(
            Mention.of(passages[key.passage], key.spans, number)
            for number, key in enumerate(part, start=start + 1)
        ),
        len(keys),
        len({key.document for key in keys}),
        True,
        within.searched,
        encoded(name, edition, end) if end < len(keys) else None,
    )


def every_mention(
    view: StoreView, query: MentionQuery, within: Scope, embed: Embed
) -> Iterator[Mention]:
    """Yield all mentions in order, the earliest as soon as it is compared.

    Raises as `mentions` does.
    """
    if query.order == "document":
        ids = candidates_for(view, query.text, within.documents)
        for number, one in enumerate(_holding(view, literal(query.text), ids), start=1):
            yield Mention.of(one.passage, one.spans, number)
        return
    keys = _sorted(view, query, within, embed)
    passages = passages_of(view, [key.passage for key in keys])
    for number, (key, passage) in enumerate(zip(keys, passages, strict=True), start=1):
        yield Mention.of(passage, key.spans, number)


def _documents(within: Scope) -> list[int] | None:
    return None if within.documents is None else sorted(within.documents)


def _streamed(
    view: StoreView,
    query: MentionQuery,
    within: Scope,
    limit: int,
    place: tuple[str, str],
    *,
    count: bool,
) -> Mentions:
    """Return a part in the order of documents, of which only what is listed need be compared."""
    name, cursor = place
    edition = view.edition()
    before, documents, last, after = (
        decoded(cursor, name, edition, (0, 0, 0, 0)) if cursor else (0, 0, 0, 0)
    )
    ids = candidates_for(view, query.text, within.documents)
    start = ids.index(after) + 1 if after in ids else 0
    matches = _holding(view, literal(query.text), ids[start:], previous=after if start else None)
    part: list[Mention] = []
    total, at = before, after
    here = before, documents, last
    for one in matches:
        total += 1
        if one.passage.document.id != last:
            documents, last = documents + 1, one.passage.document.id
        if len(part) < limit:
            part.append(Mention.of(one.passage, one.spans, total))
            at, here = one.passage.id, (total, documents, last)
        elif not count:
            break
    else:
        # Nothing is left to compare: the counts are exact, and the list may have ended before.
        goes_on = bool(part) and total > before + len(part)
        return Mentions(
            query.text, query.order, tuple(part), total, documents, True, within.searched,
            encoded(name, edition, *here, at) if goes_on else None,
        )  # fmt: skip
    total, documents, last = here
    return Mentions(
        query.text, query.order, tuple(part), total, documents, False, within.searched,
        encoded(name, edition, total, documents, last, at),
    )  # fmt: skip


def _sorted(view: StoreView, query: MentionQuery, within: Scope, embed: Embed) -> list[_Key]:
    """Return all mentions in the order query. Raises QuestionError where there are too many."""
    ids = candidates_for(view, query.text, within.documents)
    matches = _holding(view, literal(query.text), ids)
    keys = [
        _Key(one.passage.id, one.passage.document.id, day_of(one.passage.document), one.spans)
        for one in islice(matches, MOST_SORTED + 1)
    ]
    if len(keys) > MOST_SORTED:
        raise QuestionError(
            f"More than {MOST_SORTED:,} passages mention {query.text!r}: too many to sort. List "
            "them by document, or name some documents."
        )
    if query.order == "meaning":
        near = view.similarities(embed(query.near), [key.passage for key in keys])
        return sorted(keys, key=lambda key: -near.get(key.passage, -1.0))
    latest = query.order == "newest"
    dated = [key for key in keys if key.day is not None]
    dated.sort(key=lambda key: key.day or date.min, reverse=latest)
    return [*dated, *(key for key in keys if key.day is None)]


def candidates_for(view: StoreView, text: str, documents: Collection[int] | None) -> list[int]:
    """Return all passages that may hold a text, by document and place.

    They hold every word of it, or of an identifier that has several spellings the rarest of one.
    """
    deadlines.check()
    spellings = literal(text).spellings
    if len(spellings) > 1:
        rarest = rarest_words(view, spellings)
        words = [rarest] if rarest else []
    else:
        _, languages = languages_of(spellings[0], view)
        tokens = analyzer.tokens(spellings[0], languages)
        words = list(dict.fromkeys(token.forms for token in tokens))
    return view.holding(words, documents) if words else []


def _holding(
    view: StoreView, sought: Identifier, ids: Sequence[int], previous: int | None = None
) -> Iterator[_Match]:
    """Yield the passages among `ids` that hold a text, and where.

    What stands above a passage counts for the first of those below it only. `previous` is the id
    of the passage before the first, where the list goes on from there.
    """
    above = frozenset[str]()
    document = 0
    if previous is not None:
        for passage in view.passages([previous]):
            above, document = _lines_with(sought, passage), passage.document.id
    for passage in passages_of(view, ids):
        spans = spans_of(sought, passage.text)
        lines = _lines_with(sought, passage)
        known = above if passage.document.id == document else frozenset()
        above, document = lines, passage.document.id
        if spans or lines - known:
            yield _Match(passage, spans)


def _lines_with(sought: Identifier, passage: Passage) -> frozenset[str]:
    return frozenset(line for line in passage.context if sought.stands_in(plain(line)))


def spans_of(sought: Identifier, text: str) -> Spans:
    """Return where an identifier stands in a text, in its code points, in order."""
    spelt = plain(text)
    if not sought.stands_in(spelt):
        return ()
    if text.isascii() and len(spelt) == len(text):
        return tuple(match.span() for match in islice(_matches(sought, spelt), _MOST_SPANS))
    located = Located(text)
    matches = islice(_matches(sought, located.plain), _MOST_SPANS)
    return tuple(located.span(*match.span()) for match in matches)


def _matches(sought: Identifier, spelt: str) -> Iterator["regex.Match[str]"]:
    return (match for match in sought.pattern.finditer(spelt) if match.end() > match.start())
