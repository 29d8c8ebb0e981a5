"""Quotes as a Word document."""

import io
import unicodedata
from collections.abc import Sequence

import regex
from docx import Document
from docx.oxml import OxmlElement
from docx.text.paragraph import Paragraph

from rag.answers import Quoted
from rag.text.encodings import encodable

_NO_XML = regex.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def docx(questions: Sequence[tuple[str, Sequence[Quoted]]]) -> bytes:
    """Return a Word file with each question as a heading, followed by its quotes and citations.

    Characters that XML cannot hold become U+FFFD. A paragraph's direction is that of its first
    letter.
    """
    document = Document()
    for question, quotes in questions:
        _set_direction(document.add_heading(_xml_safe(question), level=2), question)
        if not quotes:
            document.add_paragraph("Not in the documents.")
        for quote in quotes:
            text, citation = quote.text, quote.citation
            for line in quote.lines_above:
                _set_direction(document.add_paragraph(_xml_safe(line), style="Caption"), line)
            _set_direction(document.add_paragraph(_xml_safe(text), style="Intense Quote"), text)
            document.add_paragraph(_xml_safe(str(citation)))
            digest = document.add_paragraph(f"sha256 {citation.sha256}", style="Caption")
            digest.add_run(f", characters {citation.start} to {citation.end}")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _xml_safe(text: str) -> str:
    safe: str = _NO_XML.sub("\N{REPLACEMENT CHARACTER}", encodable(text).replace("\r\n", "\n"))
    return safe


def _set_direction(paragraph: Paragraph, text: str) -> None:
    directions = (unicodedata.bidirectional(character) for character in text)
    if next((kind for kind in directions if kind in ("L", "R", "AL")), "L") != "L":
        paragraph._p.get_or_add_pPr().append(OxmlElement("w:bidi"))
