"""Pages of a PDF that are pictures: what stands on them is not read, and that is to be said.

A file is not refused for such pages: what letters there are, as those of a stamp or of a title on
a photograph, are read like any other.
"""

import itertools
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from rag.formats.pdf.lines import Line

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

_COVERED = 0.8
"""Share of a page that pictures take of one that was scanned."""
_HARDLY_ANY = 50
"""Letters and digits; a page with more has a text of its own."""
_NESTED = 3


def scanned(
    document: "PdfDocument", pages: Sequence[Sequence[Line]], *, besides: Collection[int] = ()
) -> list[int]:
    """Return the numbers of pages, from 1, that a picture covers and that hold hardly any text.

    Those `besides`, counted from 0, are not opened.
    """
    return [
        number
        for number, lines in enumerate(pages, start=1)
        if number - 1 not in besides
        and _has_hardly_any(lines)
        and _covered(document, number - 1) >= _COVERED
    ]


def listed(numbers: Sequence[int]) -> str:
    """Return numbers of pages as one writes them: "pages 2, 5-7"."""
    parts = []
    for _, run in itertools.groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        first, *others = [number for _, number in run]
        parts.append(f"{first}-{others[-1]}" if others else str(first))
    return f"page{'' if len(numbers) == 1 else 's'} {', '.join(parts)}"


def _has_hardly_any(lines: Sequence[Line]) -> bool:
    count = 0
    for line in lines:
        count += sum(map(str.isalnum, line.text))
        if count >= _HARDLY_ANY:
            return False
    return True


def _covered(document: "PdfDocument", index: int) -> float:
    """Return the share of a page that pictures take, 0 to 1; 0 for a page that cannot be opened."""
    import pypdfium2

    try:
        page = document[index]
    except pypdfium2.PdfiumError:
        return 0.0
    try:
        return _share(page)
    except pypdfium2.PdfiumError:
        return 0.0
    finally:
        page.close()


def _share(page: "PdfPage") -> float:
    from pypdfium2 import raw

    width, height = page.get_size()
    area = 0.0
    for picture in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=_NESTED):
        left, bottom, right, top = picture.get_bounds()
        across, up = min(right, width) - max(left, 0), min(top, height) - max(bottom, 0)
        area += max(0.0, across) * max(0.0, up)  # a scan may be in strips
    return min(1.0, area / (width * height)) if width * height else 0.0
