"""Cited documents as bibliography entries, in BibTeX and CSL-JSON."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from email.utils import getaddresses
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
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?!\d)")
"""The beginning of a date in ISO 8601."""
_MOST_AUTHORS = 50


@dataclass(frozen=True, slots=True)
class Source:
    """A citation, with what its document says of itself."""

    citation: Citation
    fields: Mapping[str, str]
    """Such as author, from, date and title; see `rag.answers.Quoted.fields`."""
    accessed: date | None = None
    """When it was read; None for today."""


def bibtex(sources: Sequence[Source]) -> str:
    """Return one BibTeX entry per document, with the cited paragraphs and the file's digest."""
    entries = []
    for key, group in _by_document(sources).items():
        citation = group[0].citation
        year, month, _ = (*_date_of(group[0]), 0, 0, 0)[:3]
        # Each name in braces: it is one name, whatever commas and "and" it holds.
        authors = " and ".join(f"{{{_tex(name)}}}" for name in authors_of(group[0].fields))
        fields = {
            "author": authors,
            "title": f"{{{_tex(title_of(group[0]))}}}",
            "year": str(year or ""),
            "month": str(month or ""),
            "howpublished": _tex(citation.document),
            "pages": _pages(group),
            "urldate": _accessed(group).isoformat(),
            "note": _tex(_note(group)),
        }
        lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
        entries.append(f"@misc{{{key},\n" + ",\n".join(lines) + "\n}\n")
    return "\n".join(entries)


def csl(sources: Sequence[Source]) -> list[dict[str, Any]]:
    """Return one item per document, in the JSON format of the Citation Style Language."""
    items: list[dict[str, Any]] = []
    for key, group in _by_document(sources).items():
        first, accessed = group[0], _accessed(group)
        item: dict[str, Any] = {
            "id": key,
            "type": "personal_communication" if "from" in first.fields else "document",
            "title": title_of(first),
            "archive_location": first.citation.document,
            "accessed": {"date-parts": [[accessed.year, accessed.month, accessed.day]]},
            "note": _note(group),
        }
        if names := authors_of(first.fields):
            item["author"] = [{"literal": name} for name in names]
        if parts := _date_of(first):
            item["issued"] = {"date-parts": [list(parts)]}
        if pages := _pages(group):
            item["page"] = pages
        items.append(item)
    return items


def authors_of(fields: Mapping[str, str]) -> list[str]:
    """Return the names of a document's authors, or of a mail's senders."""
    if author := fields.get("author", ""):
        names = [" ".join(name.split()) for name in author.split(";")]
    else:
        senders = getaddresses([fields.get("from", "")])
        names = [name or address for name, address in senders]
    return list(dict.fromkeys(filter(None, names)))[:_MOST_AUTHORS]


def title_of(source: Source) -> str:
    """Return a document's title: as its file says, else as it was read."""
    return source.fields.get("title") or source.fields.get("subject") or source.citation.title


def _date_of(source: Source) -> tuple[int, ...]:
    """Return year, month and day of a document as far as it tells; empty if it does not."""
    match = _DATE.match(source.fields.get("date", "").strip())
    if match is None:
        return ()
    parts = tuple(int(part) for part in match.groups() if part)
    try:
        date(*(*parts, 1, 1)[:3])
    except ValueError:
        return ()
    return parts


def _accessed(sources: Sequence[Source]) -> date:
    """Return the day on which a document was read last."""
    return max(source.accessed or date.today() for source in sources)


def _by_document(sources: Sequence[Source]) -> dict[str, list[Source]]:
    """Return sources grouped by a key for their document, in the order first cited."""
    keys: dict[tuple[str, str], str] = {}
    groups: dict[str, list[Source]] = {}
    for source in sources:
        citation = source.citation
        identity = (citation.document_id, citation.sha256)
        if identity not in keys:
            stem = regex.sub(r"[^A-Za-z0-9]+", "-", citation.title).strip("-")[:40]
            key = f"{stem or 'document'}-{citation.sha256[:8]}"
            while key in groups:  # the same file at another place
                key += "x"
            keys[identity] = key
        groups.setdefault(keys[identity], []).append(source)
    return groups


def _pages(sources: Sequence[Source]) -> str:
    pages = {source.citation.page for source in sources if source.citation.page is not None}
    return ", ".join(map(str, sorted(pages)))


def _note(sources: Sequence[Source]) -> str:
    """Return what the pages do not say of the places cited, the paragraphs, and the digest."""
    citations = [source.citation for source in sources]
    places = dict.fromkeys(
        one.place for one in citations if one.place and one.place != f"page {one.page}"
    )
    return "; ".join([*places, _paragraphs(citations), f"sha256 {citations[0].sha256}"])


def _paragraphs(citations: Sequence[Citation]) -> str:
    numbers = sorted({citation.paragraph for citation in citations})
    return f"{plural(len(numbers), 'paragraph')} {', '.join(map(str, numbers))}"


def _tex(text: str) -> str:
    return "".join(_BIBTEX.get(char, char) for char in " ".join(text.split()))
