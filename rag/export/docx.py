"""Documents for Word."""

import io
import unicodedata
from collections.abc import Sequence
from typing import Any

import regex
from docx import Document
from docx.oxml import OxmlElement
from docx.text.paragraph import Paragraph

from rag.export.blocks import Block
from rag.text.encodings import encodable

_NO_XML = regex.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LEVELS = {"title": 1, "heading": 2}
_STYLES = {"item": "List Bullet", "above": "Caption", "quote": "Intense Quote", "digest": "Caption"}


def docx(blocks: Sequence[Block]) -> bytes:
    """Return blocks as a Word file.

    Characters that XML cannot hold become U+FFFD. A paragraph's direction is that of its first
    letter.
    """
    document = Document()
    for block in blocks:
        _set_direction(_added(document, block), block.text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _added(document: Any, block: Block) -> Paragraph:
    text = _xml_safe(block.text)
    if level := _LEVELS.get(block.kind):
        heading: Paragraph = document.add_heading(text, level=level)
        return heading
    paragraph: Paragraph = document.add_paragraph(text, style=_STYLES.get(block.kind))
    return paragraph


def _xml_safe(text: str) -> str:
    safe: str = _NO_XML.sub("\N{REPLACEMENT CHARACTER}", encodable(text).replace("\r\n", "\n"))
    return safe


def _set_direction(paragraph: Paragraph, text: str) -> None:
    directions = (unicodedata.bidirectional(character) for character in text)
    if next((kind for kind in directions if kind in ("L", "R", "AL")), "L") != "L":
        paragraph._p.get_or_add_pPr().append(OxmlElement("w:bidi"))
