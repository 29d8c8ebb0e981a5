"""The files that could not be read, grouped by the reason."""

from collections.abc import Iterable
from dataclasses import dataclass

import regex

from vector_store.records import UnreadFile

_DETAIL = regex.compile(r"\s*(?:\(.*|:\s.*|;\s.*)$", regex.DOTALL)
"""What a reason says of one file alone: a parser's message, the part that is damaged, advice."""
_NUMBER = regex.compile(r"\d[\d,.]*")


@dataclass(frozen=True, slots=True)
class UnreadGroup:
    """Files that could not be read for one reason."""

    reason: str
    """Without details. It is that of the first file: another's may differ in a number."""
    files: tuple[UnreadFile, ...]


def groups_of(files: Iterable[UnreadFile]) -> list[UnreadGroup]:
    """Return files grouped by reason, the largest group first, files in their order."""
    groups: dict[str, list[UnreadFile]] = {}
    for file in files:
        groups.setdefault(_NUMBER.sub("#", without_details(file.reason)), []).append(file)
    unordered = [
        UnreadGroup(without_details(group[0].reason), tuple(group)) for group in groups.values()
    ]
    return sorted(unordered, key=lambda group: (-len(group.files), group.reason))


def without_details(reason: str) -> str:
    """Return a reason without what concerns one file alone."""
    return _DETAIL.sub("", reason) or reason
