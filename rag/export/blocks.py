"""What a document to export is made of, whatever its format: headings, texts, items, quotes."""

from dataclasses import dataclass
from typing import Literal

from rag.answers import Quoted


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph of an exported document."""

    kind: Literal["title", "heading", "text", "item", "above", "quote", "citation", "digest"]
    """`above` is a line that belongs to the quote below it; `digest` follows a citation."""
    text: str


def quote_blocks(quote: Quoted) -> list[Block]:
    """Return a quote word for word with the lines above it, its citation, digest and span."""
    citation = quote.citation
    span = f"characters {citation.start} to {citation.end}"
    return [
        *(Block("above", line) for line in quote.lines_above),
        Block("quote", quote.text),
        Block("citation", str(citation)),
        Block("digest", f"sha256 {citation.sha256}, {span}"),
    ]
