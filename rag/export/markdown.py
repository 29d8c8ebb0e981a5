"""Documents in Markdown, with its signs escaped: what is displayed is the text as it stands."""

from collections.abc import Sequence

import regex

from rag.export.blocks import Block

_SIGNS = regex.compile(r"[\\`*_{}\[\]<>#|~$&!]")
_START = regex.compile(r"^(?P<space>\s*)(?P<sign>[-+=]|\p{Nd}+(?=[.)]))", regex.MULTILINE)
_PREFIXES = {"title": "# ", "heading": "## ", "item": "- "}
_TIGHT = {("item", "item"): "\n", ("citation", "digest"): "  \n"}
"""What separates two blocks of these kinds; others have an empty line between them."""


def markdown(blocks: Sequence[Block]) -> bytes:
    """Return blocks as a Markdown file in UTF-8."""
    parts = []
    before = ""
    for block in blocks:
        if before:
            parts.append(_TIGHT.get((before, block.kind), "\n\n"))
        parts.append(_written(block))
        before = block.kind
    return ("".join(parts) + "\n").encode("utf-8", "replace")


def _written(block: Block) -> str:
    if block.kind == "quote":
        lines = _escaped(block.text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return "\n".join(f"> {line}".rstrip() for line in lines)
    if prefix := _PREFIXES.get(block.kind):
        return prefix + _escaped(" ".join(block.text.split()))
    return _escaped(block.text)


def _escaped(text: str) -> str:
    inline: str = _SIGNS.sub(lambda sign: "\\" + sign.group(), text)
    escaped: str = _START.sub(_escaped_start, inline)
    return escaped


def _escaped_start(match: "regex.Match[str]") -> str:
    """Escape a sign or number that begins a line, and drop the spaces that indent it."""
    sign: str = match["sign"]
    space: str = "" if match["space"].strip("\n") else match["space"]
    return f"{space}{sign}\\" if sign.isdigit() else f"{space}\\{sign}"
