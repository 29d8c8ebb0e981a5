"""Paragraphs that go on overleaf, and what a citation calls the pages.

A sentence that a page breaks is one passage. What stands between its halves, such as notes, the
foot of the one page and the head of the other, comes after it in the text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.formats.pdf.paragraphs import ITEM, Paragraphs, Piece

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

_NOTE = re.compile(r"\[\d{1,3}\]\s")
_MOST_PAGES = 10
"""Pages that a paragraph may go over."""
_LONGEST_LABEL = 20
_LAST_PAGE = re.compile(r"to page (\d+)")


@dataclass(frozen=True, slots=True)
class Placed:
    """A piece of text and the pages it stands on, counted from 1."""

    piece: Piece
    first: int
    last: int


def across_pages(pages: Sequence[Sequence[Piece]], paragraphs: Paragraphs) -> Iterator[Placed]:
    """Give the pieces of all pages in order, those that go on overleaf put together."""
    taken: dict[
        int, int
    ] = {}  # by page: which of its pieces an earlier page's paragraph goes on in
    for number, pieces in enumerate(pages):
        last = _last(pieces, paragraphs)
        end = number
        if last is not None and taken.get(number) != last:
            whole = pieces[last]
            while end - number < _MOST_PAGES and end + 1 < len(pages):
                following = _following(whole, pages[end + 1], paragraphs)
                if following is None:
                    break
                end += 1
                taken[end] = following
                whole = paragraphs.joined(whole, pages[end][following])
                if _last(pages[end], paragraphs) != following:
                    break
        is_carried = end > number
        for at, piece in enumerate(pieces):
            if taken.get(number) == at:
                continue
            if is_carried and last is not None and at == last:
                yield Placed(whole, number + 1, end + 1)
            elif is_carried and last is not None and _heads(pieces, at, last):
                yield Placed(piece, number + 1, end + 1)
            else:
                yield Placed(piece, number + 1, number + 1)


def _heads(pieces: Sequence[Piece], at: int, last: int) -> bool:
    """Tell whether nothing but headings stands between a heading and a paragraph."""
    return at < last and all(piece.level is not None for piece in pieces[at:last])


def _last(pieces: Sequence[Piece], paragraphs: Paragraphs) -> int | None:
    """Return which piece is a page's last paragraph of the text proper."""
    return _first_of_body(range(len(pieces) - 1, -1, -1), pieces, paragraphs)


def _following(whole: Piece, pieces: Sequence[Piece], paragraphs: Paragraphs) -> int | None:
    """Return which piece of the next page goes on a paragraph, None where none does."""
    if not paragraphs.is_broken_off(whole):
        return None
    at = _first_of_body(range(len(pieces)), pieces, paragraphs)
    return at if at is not None and _goes_on(whole, pieces[at]) else None


def _first_of_body(
    order: Sequence[int], pieces: Sequence[Piece], paragraphs: Paragraphs
) -> int | None:
    for at in order:
        piece = pieces[at]
        if piece.level is not None:
            return None
        if piece.is_passage and not piece.is_running and not piece.rows:
            if paragraphs.is_of_body(piece) and not _NOTE.match(piece.text):
                return at
            if not paragraphs.is_small(piece):
                return None
    return None


def _goes_on(one: Piece, other: Piece) -> bool:
    """Tell whether a paragraph that does not end goes on in another, overleaf."""
    last, first = one.lines[-1], other.lines[0]
    if last.turned or first.turned or last.field or first.field or ITEM.match(other.text):
        return False
    if last.bold != first.bold and not other.text[0].islower():
        return False
    if last.is_broken or other.text[0].islower():
        return other.text[0].isalnum()
    if len(one.lines) < 2 or len(other.lines) < 2 or not other.text[0].isalnum():
        return False
    # a capital, as of a name: the margin broke the line, and no paragraph is indented
    margin = max(line.right for line in one.lines[:-1])
    is_full = (
        last.right > margin - 2 * last.size and first.right > other.lines[1].right - first.size
    )
    return is_full and abs(first.left - other.lines[1].left) < 0.5 * first.size


def place_label(first: int, last: int, labels: Sequence[str]) -> str:
    """Return what a citation calls the pages from `first` to `last`, counted from 1.

    `labels` are the numbers printed on the pages, as the file gives them, an empty one for a page
    without: "page 3, numbered iii", "page 3 to page 4".
    """

    def of(page: int) -> str:
        label = labels[page - 1] if page <= len(labels) else ""
        return f"page {page}, numbered {label}" if label and label != str(page) else f"page {page}"

    if first == last:
        return of(first)
    between = ", to " if ", " in of(first) else " to "
    return f"{of(first)}{between}{of(last)}"


def last_page(place: str) -> int | None:
    """Return the page that a paragraph ends on, by its `place_label`; None where it does not say.

    It says so of a paragraph that goes on overleaf.
    """
    match = _LAST_PAGE.search(place)
    return int(match[1]) if match else None


def printed_label(document: "PdfDocument", number: int) -> str:
    """Return the number printed on page `number`, counted from 1, as the file gives it.

    Empty when it gives none, or one that is too long for a number.
    """
    label: str = document.get_page_label(number - 1).strip()
    return label if len(label) <= _LONGEST_LABEL else ""
