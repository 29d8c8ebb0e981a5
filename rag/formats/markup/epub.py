"""Books (.epub): chapter by chapter in reading order, named as the table of contents names them."""

from dataclasses import replace
from urllib.parse import unquote

from rag.errors import UnreadableFileError
from rag.formats.extract import Extract, Gathering
from rag.formats.markup.html import read_text, text_of
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
    chapters = _chapters(archive, package, items)
    gathered = Gathering()
    if missing:
        gathered.could_not_read(package, missing)
    for reference in (e for e in root.iter() if local(e) == "itemref"):
        item = items.get(attribute(reference, "idref"))
        if item is None:
            reason = "the file is damaged: it does not say where this chapter is"
            gathered.could_not_read(f"chapter {attribute(reference, 'idref')}", reason)
        if item is None or attribute(item, "media-type") not in _PAGES:
            continue
        part = beside(package, unquote(attribute(item, "href")))
        if part in chapters:
            gathered.place(f"chapter {chapters[part]}", fresh=True)
        _gather(archive, part, gathered)
    for label in chapters.values() if gathered.is_empty else ():
        gathered.add(label)  # a book of pictures
    if gathered.is_empty and archive.has(_LOCKED):
        raise UnreadableFileError("it is locked to a reading device (DRM)")
    title = next((e.text or "" for e in root.iter() if local(e) == "title"), "")
    return gathered.extract(title)


def _gather(archive: Archive, part: str, gathered: Gathering) -> None:
    try:
        page = read_text(text_of(archive.read(part)), whole=True)
        gathered.merge(replace(page, unread=tuple(replace(u, name=part) for u in page.unread)))
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


def _chapters(archive: Archive, package: str, items: dict[str, Element]) -> dict[str, str]:
    """Return what the table of contents calls each entry: the first name it gives it."""
    for item in items.values():
        part = beside(package, unquote(attribute(item, "href")))
        is_contents = "nav" in attribute(item, "properties").split()
        if not archive.has(part) or not (
            is_contents or attribute(item, "media-type") == "application/x-dtbncx+xml"
        ):
            continue
        found: dict[str, str] = {}
        for target, label in _entries(archive, part):
            entry = beside(part, unquote(target.partition("#")[0]))
            found.setdefault(entry, " ".join(label.split()))
        if found:
            return {entry: label for entry, label in found.items() if label}
    return {}


def _entries(archive: Archive, part: str) -> list[tuple[str, str]]:
    """Return the targets and names of a table of contents, of either kind."""
    try:
        root, _ = recovered(archive.read(part), part)
    except UnreadableFileError:
        return []  # the text can be read without it
    found = []
    for element in root.iter():
        if local(element) == "navPoint":
            label = next(
                ("".join(map(str, e.itertext())) for e in element if local(e) == "navLabel"), ""
            )
            target = next((attribute(e, "src") for e in element if local(e) == "content"), "")
            found.append((target, label))
        elif local(element) == "a" and element.get("href"):
            found.append((attribute(element, "href"), "".join(map(str, element.itertext()))))
    return found
