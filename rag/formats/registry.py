"""The supported file formats: suffixes, reader modules, versions, and signatures.

A file's suffix names its format, and its first bytes must agree. Where programs are known to write
one format under another's suffix, the bytes decide. Any other contradiction is an error.
"""

from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from rag.errors import UnreadableFileError
from rag.text.encodings import printable

Container = Literal["pdf", "zip", "ole", "rtf", "text", "empty", "other"]
"""The container that the first bytes indicate; "ole" is that of Office files before 2007."""

_CONTAINER_NAMES = {
    "pdf": "PDF",
    "zip": "a ZIP archive (such as a new Office file)",
    "ole": "an Office file from before 2007",
    "rtf": "RTF",
}
_LEFT_BY_SYSTEMS = frozenset(
    (
        "thumbs.db",
        "ehthumbs.db",
        "desktop.ini",
        "$recycle.bin",
        "system volume information",
        "__macosx",
    )
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A file format, and the module of this package that reads it."""

    name: str
    module: str
    """It defines `read(data: bytes, name: str) -> Extract`."""
    container: Container
    version: int
    """Incremented when the reader improves, so that unchanged files are read again."""


_PDF = Kind("pdf", "rag.formats.pdf.reader", "pdf", 6)
_DOCX = Kind("docx", "rag.formats.office.docx", "zip", 5)
_DOC = Kind("doc", "rag.formats.office.doc", "ole", 2)
_PPTX = Kind("pptx", "rag.formats.office.pptx", "zip", 5)
_XLSX = Kind("xlsx", "rag.formats.spreadsheets.workbooks", "zip", 5)
_XLS = Kind("xls", "rag.formats.spreadsheets.workbooks", "ole", 3)
_DELIMITED = Kind("delimited", "rag.formats.spreadsheets.delimited", "text", 3)
_ODT = Kind("odt", "rag.formats.office.odt", "zip", 5)
_ODS = Kind("ods", "rag.formats.spreadsheets.workbooks", "zip", 4)
_RTF = Kind("rtf", "rag.formats.office.rtf", "rtf", 3)
_EPUB = Kind("epub", "rag.formats.markup.epub", "zip", 6)
_HTML = Kind("html", "rag.formats.markup.html", "text", 6)
_MHTML = Kind("mhtml", "rag.formats.mail.eml", "text", 5)
_FB2 = Kind("fb2", "rag.formats.markup.fb2", "text", 5)
_EML = Kind("eml", "rag.formats.mail.eml", "text", 4)
_MSG = Kind("msg", "rag.formats.mail.msg", "ole", 3)
_CALENDAR = Kind("calendar", "rag.formats.mail.calendar", "text", 1)
_ZIP = Kind("zip", "rag.formats.archive", "zip", 2)
_TEXT = Kind("text", "rag.formats.plain", "text", 2)
_MARKDOWN = Kind("markdown", "rag.formats.plain", "text", 2)

_PASSAGES = 2
"""Incremented when a step common to all formats improves, such as splitting into passages."""

KINDS: dict[str, Kind] = {
    ".pdf": _PDF,
    **dict.fromkeys((".docx", ".docm", ".dotx", ".dotm"), _DOCX),
    **dict.fromkeys((".doc", ".dot"), _DOC),
    **dict.fromkeys((".pptx", ".pptm", ".ppsx", ".potx"), _PPTX),
    **dict.fromkeys((".xlsx", ".xlsm", ".xltx"), _XLSX),
    ".xls": _XLS,
    **dict.fromkeys((".csv", ".tsv"), _DELIMITED),
    **dict.fromkeys((".odt", ".ott"), _ODT),
    ".ods": _ODS,
    ".rtf": _RTF,
    ".epub": _EPUB,
    **dict.fromkeys((".html", ".htm", ".xhtml"), _HTML),
    **dict.fromkeys((".mhtml", ".mht"), _MHTML),
    ".fb2": _FB2,
    ".eml": _EML,
    ".msg": _MSG,
    **dict.fromkeys((".ics", ".ical", ".ifb"), _CALENDAR),
    ".zip": _ZIP,
}
"""Every format but plain text and Markdown, by suffix."""

TEXTS: dict[str, Kind] = {
    **dict.fromkeys((".txt", ".text"), _TEXT),
    **dict.fromkeys((".md", ".markdown", ".mdown", ".mkd"), _MARKDOWN),
}
"""Plain text and Markdown, by suffix."""

# Word opens RTF, HTML and .docx files named .doc, and other programs rely on that.
_MISNAMED: dict[tuple[str, Container], Kind] = {
    ("doc", "rtf"): _RTF,
    ("doc", "zip"): _DOCX,
    ("doc", "text"): _HTML,
    ("docx", "ole"): _DOC,
    ("docx", "rtf"): _RTF,
    ("xls", "zip"): _XLSX,
    ("xls", "text"): _HTML,
    ("xlsx", "ole"): _XLS,
    ("rtf", "zip"): _DOCX,
    ("rtf", "ole"): _DOC,
    ("zip", "pdf"): _PDF,
}
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_CONTAINERS_OF_FILES = {"zip", "eml", "msg", "docx", "doc", "pptx", "xlsx"}
_MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<head", b"<table", b"<body")
_NOT_READ = {
    ".ppt": 'save it as .pptx (in PowerPoint or LibreOffice: "Save as")',
    ".odp": "save it as .pptx or PDF",
    ".pages": "export it as .docx or PDF",
    ".key": "export it as .pptx or PDF",
    ".numbers": "export it as .xlsx",
    ".mobi": "convert it to .epub",
    ".azw3": "convert it to .epub",
    ".djvu": "convert it to PDF",
}
"""What to do with common formats that are not supported."""


def version(suffix: str) -> str:
    """Return the name and version of the reader for a suffix; empty when there is none.

    The version of a format that can contain other files changes with any reader's.
    """
    kind = KINDS.get(suffix) or TEXTS.get(suffix)
    if kind is None:
        return ""
    readers = {kind}
    if kind.name in _CONTAINERS_OF_FILES:
        readers = {*KINDS.values(), *TEXTS.values()}
    return f"{kind.name} {_PASSAGES}.{sum(reader.version for reader in readers)}"


def kind_of(name: str, data: bytes) -> Kind:
    """Return a file's format, by its suffix and its first bytes.

    Raises UnreadableFileError for an unsupported suffix, an empty file, and a wrong suffix.
    """
    suffix = PurePath(name).suffix.lower()
    kind = KINDS.get(suffix) or TEXTS.get(suffix)
    if kind is None:
        raise unknown(suffix)
    if not data:
        raise UnreadableFileError("the file is empty")
    actual = container(data)
    if actual == kind.container or (kind.container == "text" and actual == "other"):
        return kind
    if actual == "ole" and is_locked(data):
        raise UnreadableFileError("a password is needed to read it")
    other = _MISNAMED.get((kind.name, actual))
    if other is not None and (actual != "text" or looks_like_markup(data)):
        return other
    if actual in _CONTAINER_NAMES:
        raise UnreadableFileError(
            f"the suffix is {suffix} but the content is {_CONTAINER_NAMES[actual]}; rename the file"
        )
    raise UnreadableFileError(f"the file is damaged: it does not start like a {suffix} file")


def unknown(suffix: str) -> UnreadableFileError:
    """Return the error for an unsupported suffix, with advice for common formats."""
    name = printable(suffix) or "(none)"
    if advice := _NOT_READ.get(suffix):
        return UnreadableFileError(f"files of type {name} are not supported; {advice}")
    return UnreadableFileError(f"files of type {name} are not supported")


def container(data: bytes) -> Container:
    """Return the container that a file's first bytes indicate."""
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return "zip"
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "ole"
    if data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{\\rt"):
        return "rtf"
    if b"%PDF-" in data[:1024]:
        return "pdf"
    return "other" if b"\0" in data[:1024] else "text"


def is_locked(data: bytes) -> bool:
    """Return whether an OLE container holds an encrypted Office file of the new format."""
    return _ENCRYPTED in data


def looks_like_markup(data: bytes) -> bool:
    """Return whether a text starts like HTML or XML."""
    return data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_MARKUP)


def is_litter(name: str) -> bool:
    """Return whether a file or folder is none of a person's: hidden, or left by a program.

    Of Windows, the previews and settings of a folder; of Office, the owner file `~$report.docx`
    that lies beside a document while it is open.
    """
    return name.startswith((".", "~$")) or name.casefold() in _LEFT_BY_SYSTEMS
