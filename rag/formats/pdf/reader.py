"""PDF: page by page in the order its program wrote the text, put together to paragraphs."""

from rag.errors import UnreadableFileError
from rag.formats.extract import Extract, Gathering
from rag.formats.parts import step
from rag.formats.pdf.columns import in_reading_order
from rag.formats.pdf.headers_footers import RunningHeads
from rag.formats.pdf.lines import Line, mirrored_if_leftward, page_rows
from rag.formats.pdf.paragraphs import Paragraphs
from rag.formats.pdf.scanned_pages import listed, scanned

_PASSWORD, _SECURITY = 4, 5  # pdfium's numbers
_UNMAPPED_SHARE = 0.3
_MOST_PAGES = 20_000
_ANEW = "save the file anew as PDF with another program"
_LONGEST_TITLE = 200


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
    pages: list[list[Line]] = []
    gathered = Gathering()
    unread: dict[int, str] = {}
    for number in range(count):
        try:
            with step():
                pages.append(in_reading_order(mirrored_if_leftward(page_rows(document, number))))
        except (pypdfium2.PdfiumError, UnreadableFileError) as error:
            unread[number] = str(error)
            if isinstance(error, pypdfium2.PdfiumError):
                unread[number] = f"the page is damaged ({error}); {_ANEW}"
            pages.append([])
            gathered.could_not_read(f"page {number + 1}", unread[number])
    _refuse_wordless(pages, count, next(iter(unread.values()), ""))
    if pictures := scanned(document, pages, besides=unread):
        one = len(pictures) == 1
        gathered.could_not_read(
            listed(pictures),
            f"{'a picture' if one else 'pictures'} with hardly any text (a scan); a program for "
            "text recognition (OCR) can add it",
        )
    paragraphs = Paragraphs(pages)
    heads = RunningHeads(pages)
    for number, lines in enumerate(pages, start=1):
        gathered.place(f"page {number}", number)
        for text, level in paragraphs.of(lines, heads):
            if level == 0:
                gathered.pass_over(text)
            else:
                gathered.add(text, level)
    return gathered.extract(_title(document.get_metadata_value("Title")))


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
    unmapped = sum(c == "\ufffd" or "\ue000" <= c <= "\uf8ff" for c in text)
    if unmapped > _UNMAPPED_SHARE * len(text) and len(text) > 100:
        raise UnreadableFileError(
            "its fonts do not say which letters they draw; text recognition (OCR) can read it"
        )


def _title(said: str) -> str:
    """Return the title that the document gives itself, unless it is its file's name."""
    file_like = said.lower().endswith((".doc", ".docx", ".dvi", ".tex", ".indd", ".pdf", ".qxd"))
    is_title = len(said) <= _LONGEST_TITLE and not said.startswith("Microsoft ") and not file_like
    return said if is_title and said.lower() != "untitled" else ""
