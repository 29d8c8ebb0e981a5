"""The title, author and date of an OpenDocument file, in its meta.xml."""

from rag.errors import UnreadableFileError
from rag.formats.metadata.properties import NOTHING, Properties
from rag.formats.safe_xml import local, parse
from rag.formats.safe_zip import Archive


def properties_of(archive: Archive) -> Properties:
    """Return what a document's own metadata state; its date is that of its creation."""
    if not archive.has("meta.xml"):
        return NOTHING
    try:
        meta = parse(archive.read("meta.xml"), "meta.xml")
    except UnreadableFileError:
        return NOTHING  # nothing of the text is missing
    stated: dict[str, str] = {}
    for element in meta.iter():
        stated.setdefault(local(element), element.text or "")
    # dc:creator and dc:date are those of the last change.
    author = stated.get("initial-creator") or stated.get("creator", "")
    date = stated.get("creation-date") or stated.get("date", "")
    return Properties.of(stated.get("title", ""), [author], date)
