"""Blocks of a text: what every reader finds, before they are numbered as paragraphs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """A span `[start, end)` of the text; a heading has a level, 1 the highest, and its wording."""

    start: int
    end: int
    level: int | None = None
    heading: str = ""
    context: str = ""
    """What is read with this block alone, as the header of its table; never part of a quote."""


@dataclass(frozen=True, slots=True)
class Place:
    """From `start` on, text stands at a place of the file that people cite, as a slide."""

    start: int
    label: str
    """As a citation says it: "page 3", "slide 4", "sheet Prices, row 12"; empty for none."""
    page: int | None = None
    """The page's number, where the format has pages."""
    fresh: bool = False
    """Whether the headings before it end here, as one slide's title says nothing of the next."""
