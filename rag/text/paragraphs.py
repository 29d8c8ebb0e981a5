"""From blocks of a text to its paragraphs: numbered, placed, with the headings they stand under.

What a block is depends on the format (`plain_text`, `markdown`); this is what they share. A heading
is carried as context of the text and of the headings under it, and is no paragraph of its own. One
with nothing under it is a paragraph, as in a list of decisions, each in the style of a heading; and
so is every heading of a text that has nothing else.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace

import regex

from rag.text.blocks import Block, Place
from vector_store.records import Paragraph

_LONGEST_HEADING = 500
"""Letters. It stands with every paragraph below it, in the database and in what is embedded: one of
a megabyte, as a broken style makes, would be kept a thousand times."""
_LONGEST_COLUMNS = 2_000
"""Letters, of a table's header."""
# A rule or a row of asterisks separates; only a letter, a digit or a symbol such as an emoji says
# something. Lone surrogates and control characters do not.
SAYS_SOMETHING = regex.compile(r"[\p{L}\p{N}\p{So}\p{Sc}]")


def paragraphs(
    text: str, blocks: Iterable[Block], *, title: str = "", places: Sequence[Place] = ()
) -> list[Paragraph]:
    """Turn blocks, in order, into paragraphs.

    `title` is carried as the outermost heading; `places` are in order of where they start. White
    space around a block is left out of its paragraph, and so are blocks without a letter, a digit
    or a symbol. A heading alone at its place, as on a slide, is a paragraph.
    """
    filled = [trimmed for block in blocks if (trimmed := _trimmed(text, block)) is not None]
    if all(block.level is not None for block in filled):
        filled = [replace(block, level=None) for block in filled]
    places_of = [_place(places, block.start) for block in filled]
    numbered: list[Paragraph] = []
    above: list[tuple[int, str]] = [(0, title)] if title else []
    for position, (block, place) in enumerate(zip(filled, places_of, strict=True)):
        if place.fresh and position and places_of[position - 1] != place:
            above = above[: bool(title)]
        if block.level is not None and not _stands_alone(places_of, position):
            above = [(level, wording) for level, wording in above if level < block.level]
            if not _heads_nothing(filled, places_of, position):
                heading = block.heading[:_LONGEST_HEADING]
                if heading not in (wording for _, wording in above):
                    above.append((block.level, heading))
                continue
        lead_in = (block.lead_in[:_LONGEST_HEADING],) if block.lead_in else ()
        numbered.append(
            Paragraph(
                block.start,
                block.end,
                len(numbered) + 1,
                place.page,
                (*(wording for _, wording in above), *lead_in),
                place.label[:_LONGEST_HEADING],
                block.columns[:_LONGEST_COLUMNS],
            )
        )
    return numbered


def _place(places: Sequence[Place], start: int) -> Place:
    at = bisect_right(places, start, key=lambda place: place.start)
    return places[at - 1] if at else Place(0, "")


def _stands_alone(where: Sequence[Place], position: int) -> bool:
    """Tell whether neither the block before nor the one after stands at the same place."""
    if not where[position].label and where[position].page is None:
        return False  # the file has no places, but for some of its text
    around = (*where[max(0, position - 1) : position], *where[position + 1 : position + 2])
    return bool(around) and where[position] not in around


def _heads_nothing(blocks: Sequence[Block], where: Sequence[Place], position: int) -> bool:
    """Tell whether neither text nor a lower heading stands under a heading."""
    if position + 1 == len(blocks):
        return True
    level, next_level = blocks[position].level, blocks[position + 1].level
    if where[position + 1].fresh and where[position + 1] != where[position]:
        return True
    return level is not None and next_level is not None and next_level <= level


def _trimmed(text: str, block: Block) -> Block | None:
    content = text[block.start : block.end]
    if not SAYS_SOMETHING.search(content):
        return None
    start = block.start + len(content) - len(content.lstrip())
    return replace(block, start=start, end=start + len(content.strip()))
