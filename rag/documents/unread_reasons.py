"""Files that could not be read, grouped by reason: what a report and a list of them show first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import regex

from vector_store.records import UnreadFile

_DETAIL = regex.compile(r"\s*(?:\(.*|:\s.*|;\s.*|, at line .*)$", regex.DOTALL)
"""What a reason says of one file alone: a parser's message, the part that is damaged, advice."""


@dataclass(frozen=True, slots=True)
class UnreadGroup:
    """Files that could not be read for one reason."""

    reason: str
    files: tuple[UnreadFile, ...]
    """In the order given."""


def by_reason(files: Iterable[UnreadFile]) -> Sequence[UnreadGroup]:
    """Return files grouped by reason, the largest group first."""
    groups: dict[str, list[UnreadFile]] = {}
    for file in files:
        groups.setdefault(general(file.reason), []).append(file)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return [UnreadGroup(reason, tuple(of_reason)) for reason, of_reason in ordered]


def general(reason: str) -> str:
    """Return a reason without what concerns one file alone."""
    return _DETAIL.sub("", reason) or reason
