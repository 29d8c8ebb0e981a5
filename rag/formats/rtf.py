"""Rich Text Format: its text, a paragraph to a line."""

import re

from rag.formats.extracts import Extract, Gathering, one_spaced

# Left out, these words leave heads, feet and notes in the text, where a reader sees them.
_BESIDE = re.compile(r"\\(?:header|footer)[lrf]?(?![a-z])|\\footnote(?![a-z])|\\\*\\footnote")
_CODE_PAGE = re.compile(rb"\\ansicpg(\d+)")


def read(data: bytes, name: str) -> Extract:
    """Read RTF. Raises UnreadableFileError."""
    from striprtf.striprtf import rtf_to_text

    page = _CODE_PAGE.search(data[:4096])
    encoding = f"cp{page[1].decode()}" if page else "cp1252"
    try:
        "".encode(encoding)
    except LookupError:
        encoding = "cp1252"
    source = _BESIDE.sub("", data.decode("latin-1"))
    text = str(rtf_to_text(source, encoding, "replace"))  # type: ignore[no-untyped-call]
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # pairs as one
    gathered = Gathering()
    for line in text.split("\n"):
        gathered.add(" | ".join(one_spaced(cell) for cell in line.strip("|").split("|")))
    return gathered.extract()
