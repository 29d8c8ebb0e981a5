"""A person's marks on a document: its status, and tags."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from rag.errors import QuestionError

ReviewStatus = Literal["unseen", "read", "relevant", "irrelevant"]
"""How far a person has come with a document."""
STATUSES: tuple[ReviewStatus, ...] = get_args(ReviewStatus)
LONGEST_TAG = 60
MOST_TAGS = 50
"""Of one document."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The status and the tags of a document."""

    status: ReviewStatus = "unseen"
    tags: tuple[str, ...] = ()
    """Sorted."""


NO_MARK = Mark()
"""That of a document which nobody has opened or tagged."""

Marks = Mapping[str, Mark]
"""The marks of documents by their id; one that is missing has `NO_MARK`."""
LoadMarks = Callable[[], Marks]
"""Loads the marks once they are needed."""


def no_marks() -> Marks:
    """Return the marks of a library in which nothing is marked."""
    return {}


def checked_status(text: str) -> ReviewStatus:
    """Return a status by its name. Raises QuestionError for any other text."""
    for status in STATUSES:
        if status == text.strip().casefold():
            return status
    raise QuestionError(f"{text[:80]!r} is no status. Write one of: {', '.join(STATUSES)}.")


def checked_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Return tags in NFC with single spaces, sorted, each once.

    Raises QuestionError for an empty or too long one, and for more than `MOST_TAGS`.
    """
    clean: dict[str, str] = {}
    for tag in tags:
        text = " ".join(unicodedata.normalize("NFC", tag).replace('"', " ").split())
        if not text or len(text) > LONGEST_TAG:
            raise QuestionError(
                f"{tag[:80]!r} is no tag. A tag has 1 to {LONGEST_TAG} characters, none of them "
                "a quotation mark."
            )
        clean.setdefault(text.casefold(), text)
    if len(clean) > MOST_TAGS:
        raise QuestionError(f"A document can have {MOST_TAGS} tags, not {len(clean)}.")
    return tuple(sorted(clean.values(), key=str.casefold))
