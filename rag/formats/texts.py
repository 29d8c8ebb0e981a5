"""Plain text and Markdown, alone or within other files, read as they stand."""

from rag import markdown, plain_text
from rag.encodings import decode, encodable
from rag.formats.extracts import Extract
from rag.formats.kinds import TEXTS


def read(data: bytes, name: str) -> Extract:
    """Read plain text or Markdown, which its name tells. Raises UnreadableFileError."""
    text = encodable(decode(data))
    suffix = "." + name.rpartition(".")[2].lower()
    kind = TEXTS[suffix].name if suffix in TEXTS else "text"
    found = markdown.blocks(text) if kind == "markdown" else plain_text.blocks(text)
    title = next((block.heading for block in found if block.level == 1), "")
    return Extract(title, text, tuple(found))
