"""The bookmarks of a PDF: its own table of contents."""

from dataclasses import dataclass
from itertools import islice

from rag.errors import UnreadableFileError

_MOST = 2_000
_DEEPEST = 8
_LONGEST_TITLE = 300


@dataclass(frozen=True, slots=True)
class Bookmark:
    """An entry of the table of contents."""

    title: str
    level: int
    """0 for the outermost."""
    page: int
    """Counted from 1."""


def bookmarks(data: bytes) -> list[Bookmark]:
    """Return the bookmarks that lead to a page, in order, 2,000 at most.

    Raises UnreadableFileError.
    """
    import pypdfium2

    listed = []
    try:
        document = pypdfium2.PdfDocument(data)
        for bookmark in islice(document.get_toc(_DEEPEST), _MOST):
            target = bookmark.get_dest()
            page = target.get_index() if target is not None else None
            title = " ".join(bookmark.get_title().replace("\0", "").split())[:_LONGEST_TITLE]
            if page is not None and title:
                listed.append(Bookmark(title, bookmark.level, page + 1))
    except pypdfium2.PdfiumError as error:
        raise UnreadableFileError(f"its bookmarks cannot be read ({error})") from error
    return listed
