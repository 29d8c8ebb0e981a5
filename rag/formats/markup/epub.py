"""Books (.epub): chapter by chapter in reading order, named as the table of contents names them."""

from collections.abc import Sequence
from urllib.parse import unquote

from rag.errors import UnreadableFileError
from rag.formats.extract import Extract, Gathering
from rag.formats.markup.epub_contents import Entry, contents
from rag.formats.markup.html import Chapter, gather_chapter, text_of
from rag.formats.metadata.properties import Properties
from rag.formats.safe_xml import Element, attribute, local, recovered
from rag.formats.safe_zip import Archive, beside

_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml", "text/x-oeb1-document")
_LOCKED = "META-INF/encryption.xml"


def read(data: bytes, name: str) -> Extract:
    """Read a book; see the module. Raises UnreadableFileError."""
    archive = Archive(data)
    package = _package(archive)
    root, missing = recovered(archive.read(package), package)
    items = {attribute(i, "id"): i for i in root.iter() if local(i) == "item"}
    entries = contents(archive, package, items)
    by_part: dict[str, list[Entry]] = {}
    for entry in entries:
        by_part.setdefault(entry.part, []).append(entry)
    gathered = Gathering()
    notes: dict[str, dict[str, str]] = {}
    if missing:
        gathered.could_not_read(package, missing)
    for reference in (e for e in root.iter() if local(e) == "itemref"):
        part = _page(items.get(attribute(reference, "idref")), package)
        if part is None:
            reason = "the file is damaged: it does not say where this chapter is"
            gathered.could_not_read(f"chapter {attribute(reference, 'idref')}", reason)
        elif part:
            _gather(archive, part, by_part.get(part, ()), notes, gathered)
    for entry in entries if gathered.is_empty else ():
        gathered.add(entry.label)  # a book of pictures
    if gathered.is_empty and archive.has(_LOCKED):
        raise UnreadableFileError("it is locked to a reading device (DRM)")
    return gathered.extract(gathered.describe(_properties(root)))


def _properties(root: Element) -> Properties:
    """Return the book's title, authors and the date of its publication."""
    stated: dict[str, list[str]] = {}
    dates: dict[str, str] = {}
    for element in root.iter():
        kind, text = local(element), element.text or ""
        if kind == "date":
            dates.setdefault(attribute(element, "event"), text)
        elif kind in ("title", "creator") and text.strip():
            stated.setdefault(kind, []).append(text)
    date = dates.get("publication") or dates.get("") or dates.get("original-publication", "")
    title = next(iter(stated.get("title", ())), "")
    return Properties.of(title, stated.get("creator", ()), date)


def _page(item: Element | None, package: str) -> str | None:
    """Return where a page of the book lies; empty for a picture, None when it is not said."""
    if item is None:
        return None
    is_page = attribute(item, "media-type") in _PAGES
    return beside(package, unquote(attribute(item, "href"))) if is_page else ""


def _gather(
    archive: Archive,
    part: str,
    entries: Sequence[Entry],
    notes: dict[str, dict[str, str]],
    gathered: Gathering,
) -> None:
    try:
        places = [(entry.fragment, f"chapter {entry.label}", entry.level) for entry in entries]
        gather_chapter(text_of(archive.read(part)), gathered, Chapter(part, places, notes))
    except UnreadableFileError as error:
        if "no words" not in str(error) and "no text" not in str(error):  # a picture's page
            gathered.could_not_read(part, str(error))


def _package(archive: Archive) -> str:
    """Return the entry that tells what the book consists of."""
    container = "META-INF/container.xml"
    if archive.has(container):
        for element in recovered(archive.read(container), container)[0].iter():
            if local(element) == "rootfile":
                path = unquote(attribute(element, "full-path")).lstrip("/")
                if archive.has(path):
                    return path
    for name in archive.names():
        if name.endswith(".opf"):
            return name
    raise UnreadableFileError("the file is damaged: it does not say which chapters it has")
