"""Ids by which other programs name documents and passages; they tell nothing of any path.

A passage's id holds what was quoted (which document, which bytes of it, which span), so an id kept
for a year names that very text or nothing.
"""

import re
from dataclasses import dataclass

from rag.errors import NotFoundError
from vector_store.document_ids import DIGITS, document_id

__all__ = ["DIGITS", "PassageId", "document_id", "passage_id"]

_BYTES_SHOWN = 12
"""Digits of a file's digest in a passage's id."""
_PASSAGE = re.compile(
    rf"([0-9a-f]{{{DIGITS}}})-([0-9a-f]{{{_BYTES_SHOWN}}})-([0-9]{{1,18}})-([0-9]{{1,18}})"
)


def passage_id(path: str, sha256: str, start: int, end: int) -> str:
    """Return the id of the span `[start, end)` of a document, as it stands in these bytes."""
    return f"{document_id(path)}-{sha256[:_BYTES_SHOWN]}-{start}-{end}"


@dataclass(frozen=True, slots=True)
class PassageId:
    """What a passage's id says."""

    document: str
    """The document's id."""
    sha256: str
    """The first digits of its digest."""
    start: int
    end: int

    @classmethod
    def parse(cls, text: str) -> "PassageId":
        """Read an id that `passage_id` made. Raises NotFoundError for any other text."""
        found = _PASSAGE.fullmatch(text)
        if found is None:
            raise NotFoundError(
                f"{text[:80]!r} is not the id of a passage. Take it from an answer's citation."
            )
        document, sha256, start, end = found.groups()
        return cls(document, sha256, int(start), int(end))
