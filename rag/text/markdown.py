"""Markdown to blocks, by markdown-it-py's own reading of the structure.

Only the structure is taken from it; the text stays as it stands in the file, markup included,
because a quote is a quote.
"""

import regex
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.front_matter import front_matter_plugin

from rag.text.blocks import Block

_LONGEST_LIST = 1_200  # a longer list is cited item by item, and a longer table row by row

# markdown-it ends lines at these three and at nothing else; str.splitlines knows more.
_LINE_END = regex.compile(r"\r\n|\r|\n")


def blocks(text: str) -> list[Block]:
    """Return the top-level blocks of a Markdown text, in order, headings marked as such."""
    starts = [0, *(match.end() for match in _LINE_END.finditer(text)), len(text)]
    parser = MarkdownIt("commonmark").enable("table").use(front_matter_plugin)
    parsed = parser.parse(text)
    blocks: list[Block] = []
    for position, token in enumerate(parsed):
        if token.level != 0 or token.map is None or token.nesting < 0:
            continue
        start, end = (starts[min(line, len(starts) - 1)] for line in token.map)
        if token.type == "heading_open":
            wording = _plain(parsed[position + 1])
            blocks.append(Block(start, end, int(token.tag[1:]), wording))
        elif token.type.endswith("list_open") and end - start > _LONGEST_LIST:
            blocks.extend(_items(parsed[position + 1 :], starts))
        elif token.type == "table_open" and end - start > _LONGEST_LIST:
            blocks.extend(_rows(parsed[position + 1 :], starts))
        else:
            blocks.append(Block(start, end))
    return _without_gaps(blocks, len(text))


def _without_gaps(blocks: list[Block], length: int) -> list[Block]:
    """Add what the parser takes no block for, such as link definitions: no text is left out."""
    whole = []
    at = 0
    for block in [*blocks, Block(length, length)]:
        if at < block.start:
            whole.append(Block(at, block.start))
        whole.append(block)
        at = max(at, block.end)
    return whole


def _items(tokens: list[Token], starts: list[int]) -> list[Block]:
    """Return a list's outermost items, given the tokens after its opening."""
    items = []
    for token in tokens:
        if token.level == 0:
            break
        if token.type == "list_item_open" and token.level == 1 and token.map is not None:
            start, end = (starts[min(line, len(starts) - 1)] for line in token.map)
            items.append(Block(start, end))
    return items


def _rows(tokens: list[Token], starts: list[int]) -> list[Block]:
    """Return a table's rows, given the tokens after its opening; the first is its header."""
    rows: list[Block] = []
    names: list[str] = []
    for position, token in enumerate(tokens):
        if token.level == 0:
            break
        if token.type == "th_open":
            names.append(_plain(tokens[position + 1]))
        elif token.type == "tr_open" and token.map is not None:
            start, end = (starts[min(line, len(starts) - 1)] for line in token.map)
            rows.append(Block(start, end, columns=" | ".join(names) if any(names) else ""))
    return rows


def _plain(inline: Token) -> str:
    """Return the words of a heading or a cell without their markup."""
    pieces = (
        " " if child.type == "softbreak" else child.content for child in inline.children or ()
    )
    return "".join(pieces).strip()
