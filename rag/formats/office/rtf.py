"""Rich Text Format: its text, a paragraph to a line."""

import re

from rag.formats.extract import Extract, Gathering, one_spaced

# Left out, these words leave heads, feet and notes in the text, where a reader sees them.
_BESIDE = re.compile(r"\\(?:header|footer)[lrf]?(?![a-z])|\\footnote(?![a-z])|\\\*\\footnote")
_BRACE = re.compile(rb"\\[\\{}]|\\bin([0-9]{1,9}) ?|([{}])")
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
    if _breaks_off(data):
        gathered.could_not_read(
            "the rest of it",
            "the file breaks off; get it again, or export it again from the original",
        )
    return gathered.extract()


def _breaks_off(data: bytes) -> bool:
    """Tell whether a group is still open where the file ends."""
    depth = at = 0
    while found := _BRACE.search(data, at):
        at = found.end() + int(found[1] or 0)  # bytes of a picture may look like braces
        depth += {b"{": 1, b"}": -1}.get(found[2], 0)
    return depth > 0
