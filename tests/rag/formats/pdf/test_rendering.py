"""Pages of PDFs as pictures: where a passage stands, the printed number, the bookmarks."""

import io

import pytest
from PIL import Image
from tests_files import column, pdf

from rag.errors import UnreadableFileError
from rag.formats.pdf.catalog.bookmarks import Bookmark
from rag.formats.worker import Worker

FIRST = column(
    ["The harbour of Basra is deep, and", "ships of every size find shel-", "ter there."]
)
SECOND = column(["Dates are pressed into syrup in autumn,", "and sold on the market by the river."])
MARKED = (255, 226, 120)


def tinted(png: bytes) -> list[tuple[int, int]]:
    """Return where a picture is marked."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    dots = picture.load()
    return [
        (x, y)
        for y in range(picture.height)
        for x in range(0, picture.width, 4)
        if dots[x, y] == MARKED
    ]


def test_a_passage_is_located_and_marked_where_it_stands() -> None:
    made = pdf(FIRST, SECOND, labels="0 << /S /r /St 4 >>")
    second = "and sold on the market by the river."
    first = "ships of every size find shelter there."
    with Worker() as worker:
        sheet = worker.draw(made, 2, [(second, 0, len(second))])
        assert (sheet.number, sheet.pages, sheet.label) == (2, 2, "v")
        assert (sheet.width, sheet.height) == (1200, 1553)
        [[(left, top, right, bottom)]] = sheet.marks
        # The second line, 13 points below one that stands 92 points from the top of 792.
        assert 94 <= 792 * top / 1553 < 792 * bottom / 1553 <= 112
        assert 612 * left / 1200 == pytest.approx(72, abs=1)
        assert tinted(sheet.png) == []
        marked = tinted(worker.draw(made, 2, [(second, 0, len(second))], tinted=True).png)
        assert min(x for x, _ in marked) == pytest.approx(left, abs=4)
        assert max(x for x, _ in marked) == pytest.approx(right, abs=4)
        whole, part, other = worker.draw(
            made,
            1,
            [(first, 0, len(first)), (first, 25, 32), ("Nothing of the kind is here.", 0, 9)],
        ).marks
        assert len(whole) == 2  # over the hyphen
        assert len(part) == 2  # "shel-ter" alone
        assert part[0][2] == whole[0][2]
        assert part[0][0] > whole[0][0]
        assert other == ()
        composed = worker.draw(
            pdf(column(["Le café de Bâle"])), 1, [("cafe\u0301 de Ba\u0302le", 0, 5)]
        )
        assert len(composed.marks[0]) == 1
        for data, page in ((made, 3), (made, 0), (b"%PDF-1.7 broken", 1), (b"", 1)):
            with pytest.raises(UnreadableFileError):
                worker.draw(data, page)


def test_bookmarks_lead_to_pages() -> None:
    made = pdf(FIRST, SECOND, bookmarks=[("Harbours (old)", 1), ("Dates", 2), ("  ", 2)])
    with Worker() as worker:
        assert worker.bookmarks(made) == [
            Bookmark("Harbours (old)", 0, 1),
            Bookmark("Dates", 0, 2),
        ]
        assert worker.bookmarks(pdf(FIRST)) == []
        with pytest.raises(UnreadableFileError):
            worker.bookmarks(b"%PDF-1.7 broken")
