"""Cited documents as bibliography entries, in BibTeX and CSL-JSON."""

from collections.abc import Sequence
from typing import Any

import regex

from rag.answers import Citation
from rag.text.plurals import plural

_BIBTEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def bibtex(citations: Sequence[Citation]) -> str:
    """Return one BibTeX entry per document, with the cited paragraphs and the file's digest."""
    entries = []
    for key, group in _by_document(citations).items():
        first = group[0]
        fields = {
            "title": f"{{{_tex(first.title)}}}",
            "howpublished": _tex(first.document),
            "pages": _pages(group),
            "note": _tex(_note(group)),
        }
        lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
        entries.append(f"@misc{{{key},\n" + ",\n".join(lines) + "\n}\n")
    return "\n".join(entries)


def csl(citations: Sequence[Citation]) -> list[dict[str, Any]]:
    """Return one item per document, in the JSON format of the Citation Style Language."""
    items: list[dict[str, Any]] = []
    for key, group in _by_document(citations).items():
        first = group[0]
        item: dict[str, Any] = {
            "id": key,
            "type": "document",
            "title": first.title,
            "archive_location": first.document,
            "note": _note(group),
        }
        if pages := _pages(group):
            item["page"] = pages
        items.append(item)
    return items


def _by_document(citations: Sequence[Citation]) -> dict[str, list[Citation]]:
    """Return citations grouped by a key for their document, in the order first cited."""
    keys: dict[tuple[str, str], str] = {}
    groups: dict[str, list[Citation]] = {}
    for citation in citations:
        identity = (citation.path, citation.sha256)
        if identity not in keys:
            stem = regex.sub(r"[^A-Za-z0-9]+", "-", citation.title).strip("-")[:40]
            keys[identity] = f"{stem or 'document'}-{citation.sha256[:8]}"
        groups.setdefault(keys[identity], []).append(citation)
    return groups


def _pages(citations: Sequence[Citation]) -> str:
    pages = {citation.page for citation in citations if citation.page is not None}
    return ", ".join(map(str, sorted(pages)))


def _note(citations: Sequence[Citation]) -> str:
    """Return the places of citations without a page, their paragraphs, and the file's digest."""
    places = dict.fromkeys(one.place for one in citations if one.place and one.page is None)
    return "; ".join([*places, _paragraphs(citations), f"sha256 {citations[0].sha256}"])


def _paragraphs(citations: Sequence[Citation]) -> str:
    numbers = sorted({citation.paragraph for citation in citations})
    return f"{plural(len(numbers), 'paragraph')} {', '.join(map(str, numbers))}"


def _tex(text: str) -> str:
    return "".join(_BIBTEX.get(char, char) for char in " ".join(text.split()))
