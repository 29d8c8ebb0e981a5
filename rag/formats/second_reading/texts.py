"""The text of a file by other parsers than those of `rag.formats`: expat, html.parser, email.

The texts are for comparing letters and digits, not for quoting: nothing is laid out, numbered or
left out on purpose but what no reader sees, such as scripts. Reading goes on in the worker process.
"""

import email
import re
from collections.abc import Callable
from email.header import decode_header, make_header
from html.parser import HTMLParser
from pathlib import PurePath
from xml.parsers import expat

from rag.errors import UnreadableFileError
from rag.formats.safe_zip import Archive

_UNSEEN = frozenset({"script", "style", "head", "template", "noscript", "textarea", "select"})
_BLOCKS = frozenset(
    "address article aside blockquote br caption dd details div dl dt fieldset figcaption figure"
    " footer form h1 h2 h3 h4 h5 h6 header hr legend li main nav ol option p pre section summary"
    " table tbody td tfoot th thead title tr ul".split()
)
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([-\w:.]{1,40})""", re.IGNORECASE)
_DECLARED_WITHIN = 64 << 10  # bytes
_BREAKS = frozenset(
    "p h br tab cr tr tc line-break list-item table-row table-cell title subtitle v text-author"
    " si row c".split()
)
_CODES = frozenset({"instrText", "delText", "delInstrText", "tracked-changes"})
_PARTS = {
    "docx": re.compile(r"word/(?:document|footnotes|endnotes|comments|header\d*|footer\d*)\.xml"),
    "pptx": re.compile(r"ppt/(?:slides/slide|notesSlides/notesSlide|comments/comment)\d+\.xml"),
    "odt": re.compile(r"content\.xml"),
    "epub": re.compile(r".*\.(?:x?html?|xml)", re.IGNORECASE),
}
_WORKBOOK_PARTS = re.compile(
    r"xl/(?:sharedStrings|comments\d*|worksheets/[^/]+)\.xml", re.IGNORECASE
)
_SUFFIXES = {
    **dict.fromkeys((".docx", ".docm", ".dotx", ".dotm"), "docx"),
    **dict.fromkeys((".pptx", ".pptm", ".ppsx", ".potx"), "pptx"),
    **dict.fromkeys((".odt", ".ott", ".ods"), "odt"),
    **dict.fromkeys((".xlsx", ".xlsm", ".xltx"), "xlsx"),
    ".epub": "epub",
    ".fb2": "xml",
    **dict.fromkeys((".html", ".htm", ".xhtml"), "html"),
    **dict.fromkeys((".eml", ".mhtml", ".mht"), "mail"),
    **dict.fromkeys((".csv", ".tsv", ".txt", ".text", ".md", ".markdown"), "plain"),
    ".pdf": "pdf",
}
NAMES = {
    "docx": "its XML", "pptx": "its XML", "odt": "its XML", "xlsx": "its XML, without numbers",
    "xml": "its XML", "epub": "html.parser", "html": "html.parser", "mail": "email.parser",
    "plain": "the bytes themselves", "pdf": "PDFium's own order",
}  # fmt: skip
"""What gives each kind's second text."""


def kind_of(name: str) -> str | None:
    """Return the kind of a file that has a second way of reading, by its suffix; else None."""
    return _SUFFIXES.get(PurePath(name).suffix.lower())


def second_text(name: str, data: bytes) -> str:
    """Return the text of a file by the second way of reading.

    Raises UnreadableFileError when there is none for its kind, or it fails.
    """
    kind = kind_of(name)
    if kind is None:
        raise UnreadableFileError("there is no second way of reading it")
    return _READERS[kind](data)


def _pages_of_pdf(data: bytes) -> str:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise UnreadableFileError(f"the file is damaged ({error})") from error
    with document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


def _office(kind: str) -> Callable[[bytes], str]:
    def read(data: bytes) -> str:
        archive = Archive(data)
        names = [name for name in archive.names() if _PARTS[kind].fullmatch(name)]
        reader = _html if kind == "epub" else _xml
        return "\n".join(reader(archive.read(name)) for name in names)

    return read


def _workbook(data: bytes) -> str:
    archive = Archive(data)
    part_names = re.compile(
        r"xl/(?:sharedStrings|comments\d*|worksheets/[^/]+)\.xml", re.IGNORECASE
    )
    return "\n".join(_xml(archive.read(n)) for n in archive.names() if part_names.fullmatch(n))


def _xml(data: bytes) -> str:
    """Return the character data of an XML file, with a line end at the end of blocks."""
    pieces: list[str] = []
    hidden = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal hidden
        local = tag.rpartition(":")[2]
        hidden += local in _CODES
        if local in ("br", "tab", "s", "noBreakHyphen"):
            pieces.append("-" if local == "noBreakHyphen" else " ")

    def end(tag: str) -> None:
        nonlocal hidden
        local = tag.rpartition(":")[2]
        hidden -= local in _CODES
        if local in _BREAKS:
            pieces.append("\n")

    def text(characters: str) -> None:
        if not hidden:
            pieces.append(characters)

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise UnreadableFileError(f"its XML is damaged ({error})") from error
    return "".join(pieces)


class _Page(HTMLParser):
    """Collects the text of a page outside scripts, styles and the like."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unseen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen.append(tag)
        if tag in _BLOCKS:
            self.pieces.append("\n")
        if tag in ("input", "img"):  # what a form shows, and letters that are pictures
            shown = dict(attrs)
            self.pieces.append(f" {shown.get('value') or shown.get('alt') or ''} ")

    def handle_endtag(self, tag: str) -> None:
        if self._unseen and tag == self._unseen[-1]:
            self._unseen.pop()
        if tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.pieces.append(data)


def _html(data: bytes, label: str | None = None) -> str:
    declared = _CHARSET.search(data[:_DECLARED_WITHIN])
    page = _Page()
    page.feed(_plain(data, label or (declared[1].decode("ascii") if declared else None)))
    page.close()
    return "".join(page.pieces)


def _mail(data: bytes) -> str:
    message = email.message_from_bytes(data)
    texts = [str(make_header(decode_header(str(message.get("subject", "")))))]
    for part in message.walk():
        if part.get_content_maintype() != "text":
            continue
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            label = part.get_content_charset()
            is_page = part.get_content_subtype() == "html"
            texts.append(_html(payload, label) if is_page else _plain(payload, label))
    return "\n".join(texts)


def _plain(data: bytes, label: str | None = None) -> str:
    """Return text in the encoding its label names, else in UTF-8 or windows-1252."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    for encoding in filter(None, (label, "utf-8-sig", "cp1252")):
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("latin-1")


_READERS: dict[str, Callable[[bytes], str]] = {
    **{kind: _office(kind) for kind in ("docx", "pptx", "odt", "epub")},
    "xlsx": _workbook,
    "xml": _xml,
    "html": _html,
    "mail": _mail,
    "plain": _plain,
    "pdf": _pages_of_pdf,
}
