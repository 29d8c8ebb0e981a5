"""Plain text and Markdown, alone or within other files, read as they stand."""

from rag.formats.extract import Extract
from rag.formats.registry import TEXTS
from rag.text import markdown, plain_text
from rag.text.encodings import decode, encodable


def read(data: bytes, name: str) -> Extract:
    """Read plain text or Markdown, which its name tells. Raises UnreadableFileError."""
    text = encodable(decode(data))
    suffix = "." + name.rpartition(".")[2].lower()
    kind = TEXTS[suffix].name if suffix in TEXTS else "text"
    blocks = markdown.blocks(text) if kind == "markdown" else plain_text.blocks(text)
    title = next((block.heading for block in blocks if block.level == 1), "")
    return Extract(title, text, tuple(blocks))
