"""XML to a tree, without what XML can be made to do: no entity expanded, nothing fetched."""

import re

from lxml import etree

from rag.errors import UnreadableFileError

Element = etree._Element

_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)
_PROLOGUE = 1 << 16


def parse(data: bytes, what: str, *, forgiving: bool = False) -> Element:
    """Return the root element of `what`.

    With `forgiving`, XML that is not well-formed is read as far as it makes sense.

    Raises UnreadableFileError when it is no XML, or declares entities, which no document needs.
    """
    if _ENTITY.search(data[:_PROLOGUE]):
        raise UnreadableFileError("it declares XML entities, which are not expanded")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=forgiving,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        said = " ".join(str(error).split())[:120]
        raise UnreadableFileError(
            f"the file is damaged: {what} is no sound XML ({said})"
        ) from error
    if root is None:
        raise UnreadableFileError(f"the file is damaged: {what} holds no XML")
    return root


def local(element: Element) -> str:
    """Return an element's name without its namespace; empty for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: Element, name: str) -> str:
    """Return an attribute's value whatever its namespace, or nothing."""
    found = element.get(name)
    if found is not None:
        return str(found)
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return ""
