"""Public ids of documents and passages, which reveal no path on this machine.

A passage's id encodes its document, the digest of the file and the span, so that an id kept for a
year refers to that exact text or to nothing.
"""

import re
from dataclasses import dataclass

from rag.errors import NotFoundError
from vector_store.document_ids import DIGITS, document_id

__all__ = ["DIGITS", "PassageId", "document_id", "passage_id"]

_DIGEST_DIGITS = 12
"""How many digits of the file's digest are in a passage's id."""
_PASSAGE = re.compile(
    rf"([0-9a-f]{{{DIGITS}}})-([0-9a-f]{{{_DIGEST_DIGITS}}})-([0-9]{{1,18}})-([0-9]{{1,18}})"
)


def passage_id(path: str, sha256: str, start: int, end: int) -> str:
    """Return the id of the span `[start, end)` of a document whose file has this digest."""
    return f"{document_id(path)}-{sha256[:_DIGEST_DIGITS]}-{start}-{end}"


@dataclass(frozen=True, slots=True)
class PassageId:
    """The parts of a passage's id."""

    document: str
    """The document's id."""
    sha256: str
    """The first digits of the file's digest."""
    start: int
    end: int

    @classmethod
    def parse(cls, text: str) -> "PassageId":
        """Parse an id that `passage_id` returned. Raises NotFoundError for any other text."""
        match = _PASSAGE.fullmatch(text)
        if match is None:
            raise NotFoundError(
                f"{text[:80]!r} is not the id of a passage. Take it from an answer's citation."
            )
        document, sha256, start, end = match.groups()
        return cls(document, sha256, int(start), int(end))
