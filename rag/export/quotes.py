"""Exporting quotes, each verbatim with its full citation and the digest of its source.

Paths on this machine are left out, because exports are meant for others.
"""

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from rag.answers import Quoted, State
from rag.export import bibliography
from rag.export.blocks import Block, heading_trail, quote_blocks
from rag.export.markdown import markdown

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class AnnotatedQuote(Quoted):
    """A quote with what a person added to it."""

    note: str = ""
    tags: tuple[str, ...] = ()
    accessed: date | None = None
    """When it was kept; None for today."""
    remark: str = ""
    """What has become of its document since; empty if nothing has."""


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


def numbered(questions: Sequence[QuotedQuestion]) -> list[QuotedQuestion]:
    """Return questions whose quotes are numbered from 1 through all of them."""
    number = 0
    through = []
    for question in questions:
        quotes = []
        for quote in question.quotes:
            number += 1
            quotes.append(replace(quote, citation=replace(quote.citation, number=number)))
        through.append(replace(question, quotes=tuple(quotes)))
    return through


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
    added = ("headings", "author", "accessed", "note", "tags", "remark")
    writer.writerow(("question", "state", "number", "quote", *columns, "columns", *names, *added))
    for question in questions:
        for quote in question.quotes:
            cited = quote.citation.to_dict()
            cells = (
                question.question,
                question.state or "",
                quote.citation.number,
                quote.text,
                *(cited[name] for name in columns),
                quote.columns,
                *(quote.fields.get(name, "") for name in names),
                heading_trail(quote),
                quote.fields.get("author", ""),
                *_added_cells(quote),
            )
            writer.writerow([inert(cell) for cell in cells])
    return out.getvalue().encode("utf-8-sig", "replace")


def _added_cells(quote: Quoted) -> tuple[str, ...]:
    """Return when a quote was kept, its note, its tags, and what has become of its document."""
    if not isinstance(quote, AnnotatedQuote):
        return (date.today().isoformat(), "", "", "")
    accessed = (quote.accessed or date.today()).isoformat()
    return accessed, quote.note, ", ".join(quote.tags), quote.remark


def as_markdown(questions: Sequence[QuotedQuestion]) -> bytes:
    """Return questions as headings and quotes as block quotes, with Markdown's signs escaped."""
    return markdown(question_blocks(questions))


def as_bibtex(questions: Sequence[QuotedQuestion]) -> bytes:
    """Return one BibTeX entry per quoted document."""
    return bibliography.bibtex(_sources(questions)).encode("utf-8", "replace")


def as_csl(questions: Sequence[QuotedQuestion]) -> bytes:
    """Return one CSL-JSON item per quoted document, for reference managers."""
    items = bibliography.csl(_sources(questions))
    return json.dumps(items, ensure_ascii=False, indent=2).encode("utf-8", "replace")


def as_docx(questions: Sequence[QuotedQuestion]) -> bytes:
    """Return a Word document."""
    from rag.export.docx import docx  # loads python-docx

    return docx(question_blocks(questions))


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


def question_blocks(questions: Sequence[QuotedQuestion]) -> list[Block]:
    """Return questions as headings, each with the state of its answer and its quotes."""
    blocks = []
    for question in questions:
        if question.question:
            blocks.append(Block("heading", question.question))
        if sentence := _sentence(question):
            blocks.append(Block("text", sentence))
        for quote in question.quotes:
            blocks += [*quote_blocks(quote), *_annotation_blocks(quote)]
    return blocks


def _annotation_blocks(quote: Quoted) -> list[Block]:
    if not isinstance(quote, AnnotatedQuote):
        return []
    tags = f"Tags: {', '.join(quote.tags)}" if quote.tags else ""
    note = f"Note: {quote.note}" if quote.note else ""
    return [Block("note", text) for text in (quote.remark, note, tags) if text]


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


def _sources(questions: Sequence[QuotedQuestion]) -> list[bibliography.Source]:
    return [
        bibliography.Source(
            quote.citation,
            quote.fields,
            quote.accessed if isinstance(quote, AnnotatedQuote) else None,
        )
        for question in questions
        for quote in question.quotes
    ]


def inert(cell: object) -> object:
    """Return a cell with an apostrophe before it if a spreadsheet would run it as a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
