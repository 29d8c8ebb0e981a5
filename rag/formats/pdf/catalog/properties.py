"""The title, author and date of a PDF: those of its information dictionary, else of its XMP."""

from typing import TYPE_CHECKING

from rag.errors import UnreadableFileError
from rag.formats.metadata.properties import NOTHING, Properties
from rag.formats.safe_xml import Element, attribute, local, parse

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

_START, _END = b"<x:xmpmeta", b"</x:xmpmeta>"
_LONGEST_XMP = 1 << 20


def properties_of(document: "PdfDocument", data: bytes) -> Properties:
    """Return what a PDF says of itself; its date is that of its creation."""
    value = document.get_metadata_value
    stated = Properties.of(value("Title"), value("Author").split(";"), value("CreationDate"))
    if stated.title and stated.author and stated.date:
        return stated
    more = _xmp(data)
    return Properties(
        stated.title or more.title, stated.author or more.author, stated.date or more.date
    )


def _xmp(data: bytes) -> Properties:
    """Return what the XMP says if it lies open in the file, and is not one of several.

    Pictures may bring some of their own, and nothing but its place tells whose one is.
    """
    start = data.find(_START)
    end = data.find(_END, start)
    if start < 0 or not 0 < end - start < _LONGEST_XMP or data.find(_START, end) > 0:
        return NOTHING
    try:
        root = parse(data[start : end + len(_END)], "XMP")
    except UnreadableFileError:
        return NOTHING  # nothing of the text is missing
    date = next((attribute(e, "CreateDate") for e in root.iter() if local(e) == "Description"), "")
    for element in root.iter():
        if local(element) == "CreateDate":
            date = date or element.text or ""
    return Properties.of(next(iter(_items(root, "title")), ""), _items(root, "creator"), date)


def _items(root: Element, name: str) -> list[str]:
    """Return the items of a list, such as that of the creators."""
    return [
        item.text or ""
        for element in root.iter()
        if local(element) == name
        for item in element.iter()
        if local(item) == "li"
    ]
