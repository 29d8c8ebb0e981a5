"""Quotes as a Word document."""

import io
import unicodedata
from collections.abc import Sequence

import regex
from docx import Document
from docx.oxml import OxmlElement
from docx.text.paragraph import Paragraph

from rag.answers import Citation
from rag.text.encodings import encodable

_NO_XML = regex.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def docx(asked: Sequence[tuple[str, Sequence[tuple[str, Citation]]]]) -> bytes:
    """Return questions as headings, each with its quotes and where they stand.

    Characters that XML cannot hold become U+FFFD; paragraphs run as their first letter does.
    """
    made = Document()
    for question, quotes in asked:
        _directed(made.add_heading(_held(question), level=2), question)
        if not quotes:
            made.add_paragraph("Not in the documents.")
        for text, citation in quotes:
            _directed(made.add_paragraph(_held(text), style="Intense Quote"), text)
            made.add_paragraph(_held(str(citation)))
            digest = made.add_paragraph(f"sha256 {citation.sha256}", style="Caption")
            digest.add_run(f", characters {citation.start} to {citation.end}")
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _held(text: str) -> str:
    held: str = _NO_XML.sub("\N{REPLACEMENT CHARACTER}", encodable(text).replace("\r\n", "\n"))
    return held


def _directed(paragraph: Paragraph, text: str) -> None:
    letters = (unicodedata.bidirectional(char) for char in text)
    if next((kind for kind in letters if kind in ("L", "R", "AL")), "L") != "L":
        paragraph._p.get_or_add_pPr().append(OxmlElement("w:bidi"))
