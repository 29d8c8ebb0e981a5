"""Quotes as files that other programs read, each with its full citation and its source's digest.

Every quote stands in them word for word. Paths on this machine are left out: what is exported is
meant to be shown to others.
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
    """A question and the passages kept of its answer; none when the documents do not answer."""

    question: str
    quotes: tuple[Quoted, ...]


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: how it is named, served and written."""

    suffix: str
    media_type: str
    write: Callable[[Sequence[QuotedQuestion]], bytes]


def as_json(asked: Sequence[QuotedQuestion]) -> bytes:
    """Return questions and quotes as a JSON array."""
    rows = [
        {
            "question": one.question,
            "quotes": [quote.to_dict() for quote in one.quotes],
        }
        for one in asked
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2).encode("utf-8", "replace")


def as_csv(asked: Sequence[QuotedQuestion]) -> bytes:
    """Return one row a quote, as spreadsheets read it.

    A cell that a spreadsheet would run as a formula gets an apostrophe before it.
    """
    out = io.StringIO()
    rows = csv.writer(out)
    places = ("document", "title", "page", "paragraph", "start", "end", "sha256")
    rows.writerow(("question", "number", "quote", *places))
    for one in asked:
        for number, quote in enumerate(one.quotes, start=1):
            fields = quote.citation.to_dict()
            cells = (one.question, number, quote.text, *(fields[name] for name in places))
            rows.writerow([_inert(cell) for cell in cells])
    return out.getvalue().encode("utf-8-sig", "replace")


def as_markdown(asked: Sequence[QuotedQuestion]) -> bytes:
    """Return questions as headings and quotes as block quotes; signs in them are escaped."""
    parts = []
    for one in asked:
        parts.append(f"## {_escaped(' '.join(one.question.split()))}")
        if not one.quotes:
            parts.append("Not in the documents.")
        for quote in one.quotes:
            lines = _escaped(quote.text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
            parts.append("\n".join(f"> {line}".rstrip() for line in lines))
            parts.append(
                f"{_escaped(str(quote.citation))}  \n`sha256 {quote.citation.sha256}`, "
                f"characters {quote.citation.start} to {quote.citation.end}"
            )
    return ("\n\n".join(parts) + "\n").encode("utf-8", "replace")


def as_bibtex(asked: Sequence[QuotedQuestion]) -> bytes:
    """Return one BibTeX entry a document that is quoted."""
    return bibliography.bibtex(_citations(asked)).encode("utf-8", "replace")


def as_csl(asked: Sequence[QuotedQuestion]) -> bytes:
    """Return one CSL-JSON item a document that is quoted, as reference managers read it."""
    items = bibliography.csl(_citations(asked))
    return json.dumps(items, ensure_ascii=False, indent=2).encode("utf-8", "replace")


def as_docx(asked: Sequence[QuotedQuestion]) -> bytes:
    """Return a Word document."""
    from rag.export.docx import docx  # loads python-docx

    return docx([(one.question, [(q.text, q.citation) for q in one.quotes]) for one in asked])


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


def _citations(asked: Sequence[QuotedQuestion]) -> list[Citation]:
    return [quote.citation for one in asked for quote in one.quotes]


def _inert(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _escaped(text: str) -> str:
    signs: str = _MARKDOWN.sub(lambda sign: "\\" + sign.group(), text)
    begun: str = _MARKDOWN_START.sub(_begun, signs)
    return begun


def _begun(found: "regex.Match[str]") -> str:
    sign: str = found["sign"]
    space: str = "" if found["space"].strip("\n") else found["space"]
    return f"{space}{sign}\\" if sign.isdigit() else f"{space}\\{sign}"
