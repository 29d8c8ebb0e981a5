"""Blocks and places: how readers describe a text, before paragraphs are numbered."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """A span `[start, end)` of the text. A heading has a level (1 is the highest) and its text."""

    start: int
    end: int
    level: int | None = None
    heading: str = ""
    columns: str = ""
    """The names of the columns, where the block is a table's row: one line, never quoted."""
    lead_in: str = ""
    """The words that lead in to the list that it is an item of: a heading over it alone."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the file that a citation names, such as a slide, from `start` in the text on."""

    start: int
    label: str
    """The citation's wording: "page 3", "slide 4", "sheet Prices, row 12"; may be empty."""
    page: int | None = None
    """The page number, in formats with pages."""
    fresh: bool = False
    """Whether earlier headings end here, as a slide's title does not apply to the next slide."""
