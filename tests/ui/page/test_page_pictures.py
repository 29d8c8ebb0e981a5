"""A PDF's own page in the reader, with the passage marked, in a real browser."""

import io
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from api_support import serving_here
from page_support import WIDE, ask
from PIL import Image
from playwright.sync_api import Page, expect
from tests_files import column, pdf
from tests_support import write_files

from rag.errors import UnreadableFileError
from rag.formats.worker import Worker

FIRST = column(
    ["The harbour of Basra is deep, and", "ships of every size find shel-", "ter there."]
)
SECOND = column(["Dates are pressed into syrup in autumn,", "and sold on the market by the river."])
MARKED = (255, 226, 120)


def tinted(png: bytes) -> tuple[tuple[int, int], list[tuple[int, int]]]:
    """Return a picture's size, and where it is marked."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    width, height = picture.size
    dots = picture.load()
    found = [(x, y) for y in range(height) for x in range(0, width, 4) if dots[x, y] == MARKED]
    return picture.size, found


def test_a_passage_is_marked_where_it_stands() -> None:
    made = pdf(FIRST, SECOND)
    with Worker() as worker:
        (width, height), found = tinted(
            worker.draw(made, 2, "and sold on the market by the river.")
        )
        # The second line, 13 points below one that stands 92 points from the top of 792.
        assert {round(792 * y / height) for _, y in found} <= set(range(94, 112))
        assert 72 <= min(612 * x / width for x, _ in found) <= 76
        _, whole = tinted(worker.draw(made, 1, "ships of every size find shelter there."))
        assert len({round(792 * y / height / 13) for _, y in whole}) >= 2  # over the hyphen
        assert tinted(worker.draw(made, 1, "Nothing of the kind stands here."))[1] == []
        for data, page in ((made, 3), (b"%PDF-1.7 broken", 1), (b"", 1)):
            with pytest.raises(UnreadableFileError):
                worker.draw(data, page, "x")


@pytest.mark.browser
def test_the_reader_shows_the_page_itself(browse: Callable[..., Page], tmp_path: Path) -> None:
    docs = write_files(tmp_path / "docs", {"harbour.pdf": pdf(FIRST, SECOND), "a.txt": "A river."})
    with serving_here(tmp_path / "library", docs) as address:
        page = browse(address, viewport=WIDE)
        ask(page, "When are dates pressed into syrup?")
        page.locator(".citation").first.click()
        sheet = page.locator("#reader .sheet")
        expect(sheet).to_have_attribute("alt", "Page 2 of harbour.pdf, with the passage marked")
        expect(sheet).to_be_visible()
        assert sheet.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1200
        source = sheet.get_attribute("src")
        assert source is not None
        with httpx.Client(base_url=address) as client:
            drawn = client.get(source)
            assert drawn.headers["content-type"] == "image/png"
            assert tinted(drawn.content)[1]
            assert client.get(source.replace("start=", "start=9")).status_code == 404
            (docs / "harbour.pdf").write_bytes(pdf(SECOND, FIRST))
            assert client.get(source).status_code == 404  # no longer what was indexed
        page.context.close()  # before the server stops
