"""The title, author and date of a web page: its title element, and the meta elements."""

from rag.formats.markup.pages.elements import plain
from rag.formats.metadata.dates import iso_date
from rag.formats.metadata.properties import Properties
from rag.formats.safe_xml import Element

_AUTHORS = ("author", "dc.creator", "dcterms.creator", "citation_author", "parsely-author")
_DATES = (
    "article:published_time", "datepublished", "date", "dc.date", "dcterms.date", "dc.date.issued",
    "dcterms.created", "citation_publication_date", "citation_date", "pubdate", "publish-date",
    "parsely-pub-date",
)  # fmt: skip
"""Names of meta elements, those that mean publication first."""
_MOST_ELEMENTS = 500


def properties_of(root: Element, title: str) -> Properties:
    """Return what a page under `title` says of itself."""
    stated: dict[str, list[str]] = {}
    for number, element in enumerate(root.iter("meta")):
        if number == _MOST_ELEMENTS:
            break
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        content = (element.get("content") or "").strip()
        if content:
            stated.setdefault(name.strip().lower(), []).append(content)
    authors = next((stated[name] for name in _AUTHORS if name in stated), [])
    dates = (iso_date(text) for name in _DATES for text in stated.get(name, ()))
    return Properties.of(title, authors, next(filter(None, dates), ""))


def title_of(root: Element) -> str:
    """Return the text of a page's first title element that has any."""
    return next((plain(t) for t in root.iter("title") if plain(t).strip()), "")
