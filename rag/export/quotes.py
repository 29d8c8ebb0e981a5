"""Exporting quotes, each verbatim with its full citation and the digest of its source.

Paths on this machine are left out, because exports are meant for others.
"""

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.answers import Citation, Quoted, State
from rag.export import bibliography
from rag.export.blocks import Block, quote_blocks
from rag.export.markdown import markdown

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class QuotedQuestion:
    """A question and the quotes to export for it; none when the documents do not answer."""

    question: str
    quotes: tuple[Quoted, ...]
    state: State | None = None
    """Whether the documents answer; None when that is not known."""


@dataclass(frozen=True, slots=True)
class Format:
    """A file format: its suffix, its media type and the function that writes it."""

    suffix: str
    media_type: str
    write: Callable[[Sequence[QuotedQuestion]], bytes]


def as_json(questions: Sequence[QuotedQuestion]) -> bytes:
    """Return questions and quotes as a JSON array."""
    rows = [
        {
            "question": question.question,
            "state": question.state,
            "quotes": [quote.to_dict() for quote in question.quotes],
        }
        for question in questions
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2).encode("utf-8", "replace")


def as_csv(questions: Sequence[QuotedQuestion]) -> bytes:
    """Return a spreadsheet with one row per quote.

    A cell that would run as a formula is prefixed with an apostrophe.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    columns = ("document", "title", "page", "place", "paragraph", "start", "end", "sha256")
    names = ("from", "to", "cc", "date", "subject")
    writer.writerow(("question", "state", "number", "quote", *columns, "columns", *names))
    for question in questions:
        for number, quote in enumerate(question.quotes, start=1):
            cited = quote.citation.to_dict()
            cells = (
                question.question,
                question.state or "",
                number,
                quote.text,
                *(cited[name] for name in columns),
                quote.columns,
                *(quote.fields.get(name, "") for name in names),
            )
            writer.writerow([inert(cell) for cell in cells])
    return out.getvalue().encode("utf-8-sig", "replace")


def as_markdown(questions: Sequence[QuotedQuestion]) -> bytes:
    """Return questions as headings and quotes as block quotes, with Markdown's signs escaped."""
    return markdown(_blocks(questions))


def as_bibtex(questions: Sequence[QuotedQuestion]) -> bytes:
    """Return one BibTeX entry per quoted document."""
    return bibliography.bibtex(_citations(questions)).encode("utf-8", "replace")


def as_csl(questions: Sequence[QuotedQuestion]) -> bytes:
    """Return one CSL-JSON item per quoted document, for reference managers."""
    items = bibliography.csl(_citations(questions))
    return json.dumps(items, ensure_ascii=False, indent=2).encode("utf-8", "replace")


def as_docx(questions: Sequence[QuotedQuestion]) -> bytes:
    """Return a Word document."""
    from rag.export.docx import docx  # loads python-docx

    return docx(_blocks(questions))


FORMATS = {
    "markdown": Format("md", "text/markdown; charset=utf-8", as_markdown),
    "docx": Format(
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        as_docx,
    ),
    "csv": Format("csv", "text/csv; charset=utf-8", as_csv),
    "bibtex": Format("bib", "application/x-bibtex; charset=utf-8", as_bibtex),
    "csl": Format("csl.json", "application/vnd.citationstyles.csl+json", as_csl),
    "json": Format("json", "application/json", as_json),
}


def _blocks(questions: Sequence[QuotedQuestion]) -> list[Block]:
    blocks = []
    for question in questions:
        blocks.append(Block("heading", question.question))
        if sentence := _sentence(question):
            blocks.append(Block("text", sentence))
        for quote in question.quotes:
            blocks += quote_blocks(quote)
    return blocks


def _sentence(question: QuotedQuestion) -> str:
    """Return what is said of a question's answer above its quotes; empty if nothing is known."""
    if question.state == "not_found":
        nearest = " Of the nearest passages:" if question.quotes else ""
        return f"Not found in the documents.{nearest}"
    if question.state is None:
        return "" if question.quotes else "Not found in the documents."
    if not question.quotes:
        return "The passages shown are no longer in the documents."
    return "Answered:" if question.state == "answered" else "May answer, read it:"


def _citations(questions: Sequence[QuotedQuestion]) -> list[Citation]:
    return [quote.citation for question in questions for quote in question.quotes]


def inert(cell: object) -> object:
    """Return a cell with an apostrophe before it if a spreadsheet would run it as a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
