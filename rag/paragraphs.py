"""From blocks of a text to its paragraphs: numbered, placed, with the headings they stand under.

What a block is depends on the format (`rag.plain_text`, `rag.markdown`); this is what they share.
A heading is carried as context and is never a paragraph of its own, unless the text has nothing
but headings. One with no text under it ends the paragraph before it, so that its words can be
found; at the very beginning it is carried on to the first paragraph.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import regex

from vector_store.records import Paragraph

# A rule or a row of asterisks separates; only a letter, a digit or a symbol such as an emoji says
# something. Lone surrogates and control characters do not.
_SAYS_SOMETHING = regex.compile(r"[\p{L}\p{N}\p{So}\p{Sc}]")


@dataclass(frozen=True, slots=True)
class Block:
    """A span `[start, end)` of the text; a heading has a level, 1 the highest, and its wording."""

    start: int
    end: int
    level: int | None = None
    heading: str = ""


def paragraphs(
    text: str, blocks: Iterable[Block], *, title: str = "", page_starts: Sequence[int] = ()
) -> list[Paragraph]:
    """Turn blocks, in order, into paragraphs.

    `title` is carried as the outermost heading. White space around a block is left out of its
    paragraph, and so are blocks without a letter, a digit or a symbol.
    """
    kept = [trimmed for block in blocks if (trimmed := _trimmed(text, block)) is not None]
    if all(block.level is not None for block in kept):
        kept = [replace(block, level=None) for block in kept]
    found: list[Paragraph] = []
    above: list[tuple[int, str]] = [(0, title)] if title else []
    leading: list[str] = []
    for position, block in enumerate(kept):
        if block.level is None:
            page = bisect_right(page_starts, block.start) or None
            headings = (*leading, *(wording for _, wording in above))
            leading = []
            found.append(Paragraph(block.start, block.end, len(found) + 1, page, headings))
        elif _heads_nothing(block, map(kept.__getitem__, range(position + 1, len(kept)))):
            if found:
                found[-1] = replace(found[-1], end=block.end)
            else:
                leading.append(block.heading)
        else:
            above = [(level, wording) for level, wording in above if level < block.level]
            if block.heading not in (wording for _, wording in above):
                above.append((block.level, block.heading))
    return found


def _heads_nothing(heading: Block, following: Iterable[Block]) -> bool:
    """Tell whether no text stands under a heading before the next one of its level or above."""
    for block in following:
        if block.level is None:
            return False
        if heading.level is not None and block.level <= heading.level:
            return True
    return True


def _trimmed(text: str, block: Block) -> Block | None:
    content = text[block.start : block.end]
    if not _SAYS_SOMETHING.search(content):
        return None
    start = block.start + len(content) - len(content.lstrip())
    return replace(block, start=start, end=start + len(content.strip()))
