"""XML to a tree, without what XML can be made to do: no entity expanded, nothing fetched."""

import re

from lxml import etree

from rag.errors import UnreadableFileError

Element = etree._Element

_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)
_PROLOGUE = 1 << 16
# After these libxml2 2.14 goes on with all text but the one character, tag or attribute at fault.
_HARMLESS = {"ERR_UNDECLARED_ENTITY", "WAR_UNDECLARED_ENTITY", "ERR_INVALID_CHAR",
             "ERR_INVALID_ENCODING", "ERR_NAME_REQUIRED", "ERR_TAG_NAME_MISMATCH",
             "ERR_HYPHEN_IN_COMMENT", "ERR_ATTRIBUTE_REDEFINED", "ERR_ENTITYREF_SEMICOL_MISSING",
             "ERR_MISPLACED_CDATA_END", "ERR_INVALID_CHARREF", "ERR_INVALID_DEC_CHARREF",
             "ERR_INVALID_HEX_CHARREF"}  # fmt: skip


def parse(data: bytes, what: str) -> Element:
    """Return the root element of `what`.

    Raises UnreadableFileError when it is no XML, or declares entities, which no document needs.
    """
    parser = _parser(data, recover=False)
    try:
        root: Element | None = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        if beyond := _beyond_limits(parser):
            raise UnreadableFileError(f"{beyond} ({what})") from error
        raise _damaged(what, error) from error
    if root is None:
        raise UnreadableFileError(f"the file is damaged: {what} holds no XML")
    return root


def recovered(data: bytes, what: str) -> tuple[Element, str]:
    """Return the root of XML that need not be well-formed, and what is missing in it.

    The second is a sentence for a report, empty when all of the text is there. Raises
    UnreadableFileError as `parse` does, when nothing can be made of it.
    """
    parser = _parser(data, recover=True)
    try:
        root: Element | None = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _damaged(what, error) from error
    if root is None:
        raise UnreadableFileError(lost(parser) or f"the file is damaged: {what} holds no XML")
    return root, lost(parser)


def lost(parser: etree.XMLParser | etree.HTMLParser) -> str:
    """Return what a parser that goes on after errors left out, as a sentence; or nothing."""
    if beyond := _beyond_limits(parser):
        return beyond
    for entry in parser.error_log:
        if entry.level_name == "FATAL" and entry.type_name not in _HARMLESS:
            return (
                f"it is damaged at line {entry.line}, and text from there on may be missing; save "
                "it anew with the program that made it"
            )
    return ""


def _beyond_limits(parser: etree.XMLParser | etree.HTMLParser) -> str:
    """Return which limit of libxml2's a parser stopped at, as a sentence; or nothing."""
    for entry in parser.error_log:
        if entry.type_name == "ERR_RESOURCE_LIMIT":
            if "depth" in entry.message:
                return "its content is nested too deeply"
            return "a part of it is larger than any reader takes"
    return ""


def _parser(data: bytes, *, recover: bool) -> etree.XMLParser:
    if _ENTITY.search(data[:_PROLOGUE]):
        raise UnreadableFileError("it declares XML entities, which are not expanded")
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,  # deeper than 256 levels; the worker has bounds of its own
        recover=recover,
        remove_comments=True,
        remove_pis=True,
    )


def _damaged(what: str, error: Exception) -> UnreadableFileError:
    said = " ".join(str(error).split())[:120]
    return UnreadableFileError(f"the file is damaged: {what} is no sound XML ({said})")


def local(element: Element) -> str:
    """Return an element's name without its namespace; empty for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: Element, name: str) -> str:
    """Return an attribute's value whatever its namespace, or nothing."""
    value = element.get(name)
    if value is not None:
        return str(value)
    for key, other in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(other)
    return ""
