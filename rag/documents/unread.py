"""The files that could not be read, grouped by the reason."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from vector_store.records import UnreadFile

_PARTICULARS = re.compile(r"\d[\d,.]*|\([^)]*\)|\"[^\"]*\"")
"""What differs between the same reasons of two files."""


@dataclass(frozen=True, slots=True)
class UnreadGroup:
    """Files that could not be read for one reason."""

    reason: str
    """That of the first file; another's may differ in a number."""
    files: tuple[UnreadFile, ...]


def groups_of(files: Sequence[UnreadFile]) -> list[UnreadGroup]:
    """Return files grouped by reason, the largest group first, files in their order."""
    groups: dict[str, list[UnreadFile]] = {}
    for file in files:
        groups.setdefault(_PARTICULARS.sub("#", file.reason), []).append(file)
    by_size = sorted(groups.values(), key=lambda group: (-len(group), group[0].reason))
    return [UnreadGroup(group[0].reason, tuple(group)) for group in by_size]


def as_csv(files: Sequence[UnreadFile]) -> bytes:
    """Return files and reasons as CSV with a byte-order mark, grouped by reason."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("file", "reason"))
    for group in groups_of(files):
        writer.writerows((safe_cell(file.name), safe_cell(file.reason)) for file in group.files)
    return out.getvalue().encode("utf-8-sig", "replace")


def safe_cell(text: str) -> str:
    """Return a cell that no spreadsheet program takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
