"""Which kinds of file are read in the worker, by whom, and how a file of each kind begins.

The suffix says what a file is; its first bytes must agree. Where programs are known to write one
kind under another's name, the bytes decide; any other contradiction is told, not guessed at.
"""

from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from rag.errors import UnreadableFileError
from rag.text.encodings import printable

Container = Literal["pdf", "zip", "ole", "rtf", "text", "empty", "other"]
"""What the first bytes say: a PDF, a ZIP archive, an old Office file, RTF, or none of these."""

_SAID = {
    "pdf": "a PDF",
    "zip": "a ZIP archive (as new Office files are)",
    "ole": "a file of the old Office kind",
    "rtf": "RTF",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that one module of this package reads."""

    name: str
    module: str
    """Has `read(data: bytes, name: str) -> Extract`."""
    container: Container
    version: int
    """Raised when the reader becomes better, so that unchanged files are read again."""


_PDF = Kind("pdf", "rag.formats.pdf.reader", "pdf", 3)
_DOCX = Kind("docx", "rag.formats.office.docx", "zip", 3)
_DOC = Kind("doc", "rag.formats.office.doc", "ole", 1)
_PPTX = Kind("pptx", "rag.formats.office.pptx", "zip", 3)
_XLSX = Kind("xlsx", "rag.formats.spreadsheets.workbooks", "zip", 3)
_XLS = Kind("xls", "rag.formats.spreadsheets.workbooks", "ole", 2)
_DELIMITED = Kind("delimited", "rag.formats.spreadsheets.delimited", "text", 2)
_ODT = Kind("odt", "rag.formats.office.odt", "zip", 3)
_ODS = Kind("ods", "rag.formats.spreadsheets.workbooks", "zip", 2)
_RTF = Kind("rtf", "rag.formats.office.rtf", "rtf", 2)
_EPUB = Kind("epub", "rag.formats.markup.epub", "zip", 4)
_HTML = Kind("html", "rag.formats.markup.html", "text", 4)
_MHTML = Kind("mhtml", "rag.formats.mail.eml", "text", 4)
_FB2 = Kind("fb2", "rag.formats.markup.fb2", "text", 3)
_EML = Kind("eml", "rag.formats.mail.eml", "text", 3)
_MSG = Kind("msg", "rag.formats.mail.msg", "ole", 2)
_ZIP = Kind("zip", "rag.formats.archive", "zip", 2)
_TEXT = Kind("text", "rag.formats.plain", "text", 1)
_MARKDOWN = Kind("markdown", "rag.formats.plain", "text", 1)

_PASSAGES = 1
"""Raised when what all kinds have in common becomes better, as where passages are cut."""

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
    ".zip": _ZIP,
}
"""By suffix, all kinds but texts."""

TEXTS: dict[str, Kind] = {
    **dict.fromkeys((".txt", ".text"), _TEXT),
    **dict.fromkeys((".md", ".markdown", ".mdown", ".mkd"), _MARKDOWN),
}
"""By suffix, plain text and Markdown."""

# Word opens RTF, pages and new documents under the old suffix, and programs count on it.
_IN_DISGUISE: dict[tuple[str, Container], Kind] = {
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
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_HOLDS_OTHERS = {"zip", "eml", "msg", "docx", "doc", "pptx", "xlsx"}
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
"""What to do with kinds that people have and nothing here reads."""
ADVISED = frozenset(_NOT_READ)
"""Suffixes of documents that are not read."""


def version(suffix: str) -> str:
    """Return what reads files of a suffix, with its version; empty when nothing does.

    What may hold files of other kinds is as new as the newest of their readers.
    """
    kind = KINDS.get(suffix) or TEXTS.get(suffix)
    if kind is None:
        return ""
    held = set(KINDS.values()) | set(TEXTS.values()) if kind.name in _HOLDS_OTHERS else {kind}
    return f"{kind.name} {_PASSAGES}.{sum(one.version for one in held)}"


def kind_of(name: str, data: bytes) -> Kind:
    """Return what kind of file this is, by its suffix and its first bytes.

    Raises UnreadableFileError for an unknown kind, an empty file, and bytes of another kind.
    """
    suffix = PurePath(name).suffix.lower()
    kind = KINDS.get(suffix) or TEXTS.get(suffix)
    if kind is None:
        raise unknown(suffix)
    if not data:
        raise UnreadableFileError("the file is empty")
    found = container(data)
    if found == kind.container or (kind.container == "text" and found == "other"):
        return kind
    if found == "ole" and is_locked(data):
        raise UnreadableFileError("a password is needed to read it")
    other = _IN_DISGUISE.get((kind.name, found))
    if other is not None and (found != "text" or looks_like_markup(data)):
        return other
    if found in _SAID:
        raise UnreadableFileError(
            f"it is named {suffix} and is {_SAID[found]}; name it as what it is"
        )
    raise UnreadableFileError(f"the file is damaged: it does not begin as a {suffix} file does")


def unknown(suffix: str) -> UnreadableFileError:
    """Return the refusal of a kind of file that is not read, with what to do where known."""
    shown = printable(suffix) or "(none)"
    if advice := _NOT_READ.get(suffix):
        return UnreadableFileError(f"files of type {shown} are not read; {advice}")
    return UnreadableFileError(f"files of type {shown} are not read")


def container(data: bytes) -> Container:
    """Return what a file's first bytes say it is."""
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
    """Tell whether an old Office file is a new one in a locked envelope."""
    return _LOCKED in data


def looks_like_markup(data: bytes) -> bool:
    """Tell whether a text begins as HTML or XML does."""
    return data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_MARKUP)
