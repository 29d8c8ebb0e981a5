"""Exporting quotes, each verbatim with its full citation and the digest of its source.

Paths on this machine are left out, because exports are meant for others.
"""

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import regex

from rag.answers import Citation, Quoted
from rag.export import bibliography

_MARKDOWN = regex.compile(r"[\\`*_{}\[\]<>#|~$&!]")
_MARKDOWN_START = regex.compile(r"^(?P<space>\s*)(?P<sign>[-+=]|\p{Nd}+(?=[.)]))", regex.MULTILINE)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class QuotedQuestion:
    """A question and the quotes to export for it; none when the documents do not answer."""

    question: str
    quotes: tuple[Quoted, ...]


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
    columns = ("document", "title", "page", "paragraph", "start", "end", "sha256")
    names = ("from", "to", "cc", "date", "subject")
    writer.writerow(("question", "number", "quote", *columns, "columns", *names))
    for question in questions:
        for number, quote in enumerate(question.quotes, start=1):
            cited = quote.citation.to_dict()
            cells = (
                question.question,
                number,
                quote.text,
                *(cited[name] for name in columns),
                quote.columns,
                *(quote.fields.get(name, "") for name in names),
            )
            writer.writerow([_inert(cell) for cell in cells])
    return out.getvalue().encode("utf-8-sig", "replace")


def as_markdown(questions: Sequence[QuotedQuestion]) -> bytes:
    """Return questions as headings and quotes as block quotes, with Markdown's signs escaped."""
    parts = []
    for question in questions:
        parts.append(f"## {_escaped(' '.join(question.question.split()))}")
        if not question.quotes:
            parts.append("Not in the documents.")
        for quote in question.quotes:
            parts.extend(_escaped(line) for line in quote.lines_above)
            lines = _escaped(quote.text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
            parts.append("\n".join(f"> {line}".rstrip() for line in lines))
            parts.append(
                f"{_escaped(str(quote.citation))}  \n`sha256 {quote.citation.sha256}`, "
                f"characters {quote.citation.start} to {quote.citation.end}"
            )
    return ("\n\n".join(parts) + "\n").encode("utf-8", "replace")


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

    return docx([(question.question, question.quotes) for question in questions])


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


def _citations(questions: Sequence[QuotedQuestion]) -> list[Citation]:
    return [quote.citation for question in questions for quote in question.quotes]


def _inert(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _escaped(text: str) -> str:
    inline: str = _MARKDOWN.sub(lambda sign: "\\" + sign.group(), text)
    escaped: str = _MARKDOWN_START.sub(_escaped_start, inline)
    return escaped


def _escaped_start(match: "regex.Match[str]") -> str:
    """Escape a sign or number that begins a line, and drop the spaces that indent it."""
    sign: str = match["sign"]
    space: str = "" if match["space"].strip("\n") else match["space"]
    return f"{space}{sign}\\" if sign.isdigit() else f"{space}\\{sign}"
