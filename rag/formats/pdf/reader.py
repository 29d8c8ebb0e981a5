"""PDF: page by page in the order its program wrote the text, put together to paragraphs."""

import re
from typing import TYPE_CHECKING

from rag.errors import UnreadableFileError
from rag.formats.extract import Extract, Gathering
from rag.formats.parts import step
from rag.formats.pdf.catalog.properties import properties_of
from rag.formats.pdf.characters.letters import HYPHEN
from rag.formats.pdf.forms import form_of
from rag.formats.pdf.headers_footers import RunningHeads
from rag.formats.pdf.lines import Line
from rag.formats.pdf.page_breaks import across_pages, place_label, printed_label
from rag.formats.pdf.pages import page_lines
from rag.formats.pdf.paragraphs import Paragraphs
from rag.formats.pdf.scanned_pages import listed, scanned
from rag.formats.pdf.tables.continued import ContinuedTables

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

_PASSWORD, _SECURITY = 4, 5  # pdfium's numbers
_UNMAPPED = re.compile("[\ufffd\ue000-\uf8ff]")
_UNMAPPED_SHARE = 0.3
_MOST_PAGES = 20_000
_ANEW = "save the file anew as PDF with another program"


def read(data: bytes, name: str) -> Extract:
    """Read a PDF; see the module. Raises UnreadableFileError, also for a scan without text."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise _refusal(error) from error
    count = len(document)
    if count > _MOST_PAGES:
        raise UnreadableFileError(f"it has {count:,} pages, and at most {_MOST_PAGES:,} are read")
    gathered = Gathering()
    pages, unread = _pages(document)
    for number, reason in unread.items():
        gathered.could_not_read(f"page {number + 1}", reason)
    _refuse_wordless(pages, count, next(iter(unread.values()), ""))
    if pictures := scanned(document, pages, besides=unread):
        one = len(pictures) == 1
        gathered.could_not_read(
            listed(pictures),
            f"{'a picture' if one else 'pictures'} with hardly any text (a scan); a program for "
            "text recognition (OCR) can add it",
        )
    _gather(gathered, pages, _labels(document))
    return gathered.extract(gathered.describe(properties_of(document, data)))


def _pages(document: "PdfDocument") -> tuple[list[list[Line]], dict[int, str]]:
    """Return the lines of each page, and by its number from 0 why a page could not be read."""
    import pypdfium2
    from pypdfium2 import raw

    pages: list[list[Line]] = []
    unread: dict[int, str] = {}
    with form_of(document, raw) as form:
        for number in range(len(document)):
            try:
                with step():
                    pages.append(page_lines(document, number, form))
            except (pypdfium2.PdfiumError, UnreadableFileError) as error:
                unread[number] = str(error)
                if isinstance(error, pypdfium2.PdfiumError):
                    unread[number] = f"the page is damaged ({error}); {_ANEW}"
                pages.append([])
    return pages, unread


def _labels(document: "PdfDocument") -> list[str]:
    """Return the number printed on each page, empty where the file does not say."""
    return [printed_label(document, number) for number in range(1, len(document) + 1)]


def _gather(gathered: Gathering, pages: list[list[Line]], labels: list[str]) -> None:
    paragraphs = Paragraphs(pages)
    heads = RunningHeads(pages)
    pieces = [list(paragraphs.of(lines, heads)) for lines in pages]
    tables = ContinuedTables(gathered)
    reached = 0
    for placed in across_pages(pieces, paragraphs):
        for number in range(reached + 1, placed.first + 1):  # a page without text has a place too
            gathered.place(place_label(number, number, labels), number)
        reached = max(reached, placed.first)
        gathered.place(place_label(placed.first, placed.last, labels), placed.first)
        piece = placed.piece
        if piece.rows:
            tables.add(placed)
        elif piece.is_passage:
            gathered.add(piece.text.replace(HYPHEN, "-"), piece.level)
        else:
            gathered.pass_over(piece.text)
        if piece.is_passage and not piece.is_running and not piece.rows:
            tables.end()
    for number in range(reached + 1, len(pages) + 1):
        gathered.place(place_label(number, number, labels), number)


def _refusal(error: Exception) -> UnreadableFileError:
    code = getattr(error, "err_code", None)
    if code == _PASSWORD:
        return UnreadableFileError("a password is needed to read it")
    if code == _SECURITY:
        return UnreadableFileError("it is locked in a way that is not supported")
    return UnreadableFileError(f"the file is damaged ({error})")


def _refuse_wordless(pages: list[list[Line]], count: int, reason: str) -> None:
    """Refuse a document without text, and one whose fonts do not tell what their shapes mean.

    `reason` is why a page of it could not be read, empty when all could.
    """
    text = "".join(line.text for lines in pages for line in lines)
    if not any(character.isalnum() for character in text):
        if reason:
            raise UnreadableFileError(reason)
        raise UnreadableFileError(
            f"its {'page holds' if count == 1 else 'pages hold'} no text (a scan, or drawings); "
            "a program for text recognition (OCR) can add it"
        )
    unmapped = len(_UNMAPPED.findall(text))
    if unmapped > _UNMAPPED_SHARE * len(text) and len(text) > 100:
        raise UnreadableFileError(
            "its fonts do not say which letters they draw; text recognition (OCR) can read it"
        )
