"""The paragraphs of a shape, and of a table's cell, as a slide shows them."""

from collections.abc import Iterator, Sequence

from rag.formats.extract import one_spaced
from rag.formats.office.equations import equation
from rag.formats.office.slides.lists import Count, ListStyle, level_of, list_style, numbered
from rag.formats.office.typeset import LOWERED, RAISED, Piece, typeset
from rag.formats.safe_xml import Element, attribute, local

_LONGEST_LABEL = 60


def lines(shape: Element, inherited: Sequence[ListStyle] = ()) -> list[str]:
    """Return a shape's paragraphs, each with the number that is drawn before it."""
    texts = []
    own = next((one for one in shape.iter() if local(one) == "lstStyle"), None)
    styles = (list_style(own), *inherited)
    count = Count()
    for paragraph in shape.iter():
        if local(paragraph) == "p":
            text = one_spaced(typeset(_pieces(paragraph, 0)))
            if text:  # an empty one has no number, and interrupts none
                level = level_of(paragraph)
                texts.append(count.next(level, numbered(paragraph, level, styles)) + text)
    return texts


def rows(table: Element) -> tuple[list[list[str]], int | None]:
    """Return a table's rows and how many the file marks as headers, None where it marks none.

    A cell merged with those below it has its text in each; one merged with those beside it, once,
    but in each where it may be the header of several columns.
    """
    cells: list[list[str]] = []
    may_head = True
    for row in (one for one in table.iter() if local(one) == "tr"):
        elements = [one for one in row if local(one) == "tc"]
        texts: list[str] = []
        for column, cell in enumerate(elements):
            text = " ".join(lines(cell))
            above = cells[-1] if cells else []
            if _is_merged(cell, "vMerge") and column < len(above):
                text = above[column]
            elif _is_merged(cell, "hMerge") and may_head and column:
                text = texts[-1] if len(texts[-1]) <= _LONGEST_LABEL else ""
            texts.append(text)
        may_head = may_head and any(_is_merged(cell, "hMerge") for cell in elements)
        cells.append(texts)
    properties = next((one for one in table if local(one) == "tblPr"), None)
    marked = properties is not None and attribute(properties, "firstRow") in ("1", "true")
    return cells, 1 if marked and len(cells) > 1 else None


def _is_merged(cell: Element, direction: str) -> bool:
    return attribute(cell, direction) in ("1", "true")


def _pieces(element: Element, shift: int) -> Iterator[Piece]:
    for one in element:
        kind = local(one)
        if kind == "t":
            yield Piece(one.text or "", shift)
        elif kind == "br":
            yield Piece("\n")
        elif kind in ("r", "fld"):
            yield from _pieces(one, _shift(one))
        elif kind == "oMath":
            yield Piece(equation(one))
        elif kind not in ("pPr", "rPr", "endParaRPr"):
            yield from _pieces(one, shift)


def _shift(run: Element) -> int:
    baseline = next((attribute(one, "baseline") for one in run if local(one) == "rPr"), "")
    if not baseline.strip("-0%."):
        return 0
    return LOWERED if baseline.startswith("-") else RAISED
