"""The documents that are quoted, as entries of a bibliography: BibTeX and CSL-JSON."""

from collections.abc import Sequence
from typing import Any

import regex

from rag.answers import Citation

_BIBTEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "%": r"\%",
    "#": r"\#", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


def bibtex(citations: Sequence[Citation]) -> str:
    """Return one entry a document, with the places cited and the digest of its file."""
    entries = []
    for key, cited in _by_document(citations).items():
        first = cited[0]
        pages = sorted({one.page for one in cited if one.page is not None})
        fields = {
            "title": f"{{{_tex(first.title)}}}",
            "howpublished": _tex(first.document),
            "pages": ", ".join(map(str, pages)),
            "note": f"{_places(cited)}; sha256 {first.sha256}",
        }
        lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
        entries.append(f"@misc{{{key},\n" + ",\n".join(lines) + "\n}\n")
    return "\n".join(entries)


def csl(citations: Sequence[Citation]) -> list[dict[str, Any]]:
    """Return one item a document, as the Citation Style Language's JSON has it."""
    items: list[dict[str, Any]] = []
    for key, cited in _by_document(citations).items():
        first = cited[0]
        item: dict[str, Any] = {
            "id": key,
            "type": "document",
            "title": first.title,
            "archive_location": first.document,
            "note": f"{_places(cited)}; sha256 {first.sha256}",
        }
        pages = sorted({one.page for one in cited if one.page is not None})
        if pages:
            item["page"] = ", ".join(map(str, pages))
        items.append(item)
    return items


def _by_document(citations: Sequence[Citation]) -> dict[str, list[Citation]]:
    """Return citations by a key for their document, in the order first cited."""
    keys: dict[tuple[str, str], str] = {}
    found: dict[str, list[Citation]] = {}
    for citation in citations:
        identity = (citation.path, citation.sha256)
        if identity not in keys:
            stem = regex.sub(r"[^A-Za-z0-9]+", "-", citation.title).strip("-")[:40]
            keys[identity] = f"{stem or 'document'}-{citation.sha256[:8]}"
        found.setdefault(keys[identity], []).append(citation)
    return found


def _places(cited: Sequence[Citation]) -> str:
    numbers = sorted({one.paragraph for one in cited})
    return f"paragraph{'' if len(numbers) == 1 else 's'} {', '.join(map(str, numbers))}"


def _tex(text: str) -> str:
    return "".join(_BIBTEX.get(char, char) for char in " ".join(text.split()))
