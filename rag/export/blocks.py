"""What a document to export is made of, whatever its format: headings, texts, items, quotes."""

from dataclasses import dataclass
from typing import Literal

from rag.answers import Quoted
from vector_store.records import field_lines


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph of an exported document."""

    kind: Literal[
        "title", "heading", "text", "item", "above", "quote", "citation", "digest", "note"
    ]
    """`above` is a line that belongs to the quote below it; `digest` follows a citation, and
    `note` is what a person wrote about the quote above."""
    text: str


def quote_blocks(quote: Quoted) -> list[Block]:
    """Return a quote word for word with the lines above it, its citation, digest and span."""
    citation = quote.citation
    span = f"characters {citation.start} to {citation.end}"
    return [
        *(Block("above", line) for line in lines_above(quote)),
        Block("quote", quote.text),
        Block("citation", str(citation)),
        Block("digest", f"sha256 {citation.sha256}, {span}"),
    ]


def lines_above(quote: Quoted) -> list[str]:
    """Return the headings above a quote in one line, its document's fields, and its columns.

    Those of all documents, not of mails alone as on the page: who reads an export may have nothing
    else that says who wrote a document, and when.
    """
    lines = (heading_trail(quote), *field_lines(quote.fields.items()), quote.columns)
    return [line for line in lines if line]


def heading_trail(quote: Quoted) -> str:
    """Return the headings above a quote, outermost first; a subject is among the fields."""
    subject = quote.fields.get("subject")
    return " › ".join(heading for heading in quote.headings if heading != subject)
