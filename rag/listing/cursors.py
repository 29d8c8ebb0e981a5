"""Cursors: where a list goes on, as a text that names the list and the state of the documents."""

import binascii
import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from rag.errors import QuestionError


class ListChangedError(QuestionError):
    """The documents have changed since a list was begun; the page has its own wording for this."""


LONGEST = 60_000
"""Letters of a cursor: one of a list of answers names the documents counted so far."""


def listed(*of_what: object) -> str:
    """Return a short name of a list, by all that decides what is in it."""
    return hashlib.sha256(json.dumps(of_what, default=str).encode()).hexdigest()[:12]


def encoded(name: str, edition: str, *place: object) -> str:
    """Return a cursor for a place in the list of a name, in the edition of a store."""
    values = json.dumps([name, edition, *place], separators=(",", ":"))
    return urlsafe_b64encode(values.encode()).decode().rstrip("=")


def decoded(cursor: str, name: str, edition: str, like: tuple[object, ...]) -> list[Any]:
    """Return the place that a cursor names: as many values as `like`, each of the same type.

    Lists hold whole numbers. Raises QuestionError for a cursor of another list, and when the
    documents have changed since.
    """
    try:
        padded = cursor[:LONGEST] + "=" * (-len(cursor) % 4)
        place: list[Any]
        of, at, *place = json.loads(urlsafe_b64decode(padded.encode("ascii")))
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise QuestionError(_INVALID) from error
    if of != name or len(place) != len(like) or not all(map(_is_like, place, like)):
        raise QuestionError(_INVALID)
    if at != edition:
        raise ListChangedError(
            "The documents have changed since this list was begun. Begin it again: leave out the "
            "cursor."
        )
    return place


_INVALID = (
    "Invalid cursor. Use the `next` of the previous response, with the same text, order and "
    "documents."
)


def _is_like(value: object, like: object) -> bool:
    if isinstance(like, list):
        return isinstance(value, list) and all(type(one) is int and one >= 0 for one in value)
    if isinstance(like, float):
        return isinstance(value, float | int) and 0 <= value <= 1
    return type(value) is type(like) and (not isinstance(value, int) or 0 <= value < 2**53)
