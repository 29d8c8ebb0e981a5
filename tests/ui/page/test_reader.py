"""The reader in a real browser: pages of a PDF, search, outline, the original file."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from api_support import serving_here
from page_support import PHONE, WIDE, ask, text_of
from PIL import Image
from playwright.sync_api import Page, expect
from tests_files import column, pdf
from tests_support import write_files

from rag.ids import document_id

pytestmark = pytest.mark.browser

Browse = Callable[..., Page]
Check = Callable[[Page], None]

FIRST = column(
    ["The harbour of Basra is deep, and", "ships of every size find shel-", "ter there."]
)
LAST = column(["Dates are pressed into syrup,", "and sold by the river harbour."], y=60)
HARBOUR = pdf(
    FIRST,
    [],
    LAST,
    labels="0 << /S /r >> 2 << /S /D /St 12 >>",
    bookmarks=[("The harbour", 1), ("Dates", 3)],
)
LONG = "# Logs\n\n" + "".join(
    f"Entry {n}: the Café of ward {n} was calm.\n\n" for n in range(9_000)
)
"""More than is shown at once."""


@pytest.fixture(scope="module")
def docs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = {"harbour.pdf": HARBOUR, "gone.pdf": pdf(FIRST), "long.md": LONG}
    return write_files(tmp_path_factory.mktemp("docs"), files)


@pytest.fixture(scope="module")
def address(docs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving_here(tmp_path_factory.mktemp("home") / "library", docs) as served:
        yield served


def open_cited(page: Page, question: str) -> None:
    ask(page, question)
    page.locator(".turn").last.locator(".citation").first.click()


def test_a_pdf_opens_at_the_cited_page_with_the_passage_in_view(
    address: str, browse: Browse, accessible: Check
) -> None:
    page = browse(address, viewport=WIDE)
    open_cited(page, '"pressed into syrup" document:harbour')
    sheet, marks = page.locator("#reader .sheet"), page.locator("#reader .leaf .cited")
    expect(sheet).to_have_attribute("alt", "Page 3 of harbour.pdf, with the passage marked")
    expect(marks).to_have_count(2)
    expect(marks.first).to_be_in_viewport()  # at the foot of the page
    assert sheet.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1200
    expect(page.locator("#reader .of")).to_have_text("of 3, numbered 12")
    expect(page.locator("#reader .paper")).to_be_focused()
    expect(page.locator("#reader .text")).to_be_hidden()
    accessible(page)

    page.keyboard.press("ArrowLeft")  # a page without text
    expect(sheet).to_have_attribute("alt", "Page 2 of harbour.pdf")
    expect(page.locator("#reader .of")).to_have_text("of 3, numbered ii")
    expect(marks).to_have_count(0)
    page.locator("#reader .page-number").fill("9")
    page.locator("#reader .page-number").press("Enter")
    expect(marks.first).to_be_attached()
    expect(page.get_by_role("button", name="Next page (Page Down)")).to_be_disabled()
    page.locator("#reader .zoom").click()
    expect(page.locator("#reader .leaf")).to_have_css("width", "1200px")
    page.locator("#reader .zoom").click()

    page.get_by_role("button", name="Text", exact=True).click()  # the place stays
    expect(page.locator("#reader .cited p")).to_be_in_viewport()
    expect(page.locator("#reader .page-view")).to_be_hidden()
    page.get_by_role("button", name="Both").click()
    expect(page.locator("#reader .cited p")).to_be_in_viewport()
    expect(marks.first).to_be_in_viewport()
    accessible(page)
    page.keyboard.press("Escape")
    page.locator("#documents .document", has_text="harbour.pdf").click()
    expect(sheet).to_have_attribute("alt", "Page 1 of harbour.pdf")
    expect(page.locator("#reader .cited")).to_have_count(0)


@pytest.mark.slow
def test_matches_are_marked_in_the_page_and_in_the_text(
    address: str, browse: Browse, accessible: Check
) -> None:
    page = browse(address, viewport=PHONE)
    open_cited(page, '"ships of every size" document:harbour')
    box, count = page.locator("#reader .finder input"), page.locator("#reader .matches")
    current = page.locator("#reader .leaf .current")
    box.fill("HÁRBOUR")
    expect(count).to_have_text("1 of 2")
    expect(current).to_be_in_viewport()
    box.press("Enter")
    expect(count).to_have_text("2 of 2")
    expect(page.locator("#reader .of")).to_have_text("of 3, numbered 12")
    expect(current).to_be_in_viewport()
    box.press("Shift+Enter")
    expect(count).to_have_text("1 of 2")
    expect(page.locator("#reader .sheet")).to_have_attribute(
        "alt", "Page 1 of harbour.pdf, with the passage marked"
    )
    accessible(page)
    box.fill("shelter")  # hyphenated on the page
    expect(count).to_have_text("1 of 1")
    expect(current).to_have_count(2)
    page.get_by_role("button", name="Text", exact=True).click()
    expect(page.locator("#reader mark.match.current")).to_be_in_viewport()
    text = text_of(page, "#reader .cited p")
    assert text == "The harbour of Basra is deep, and ships of every size find shelter there."
    box.fill("no such text")
    expect(count).to_have_text("No matches")
    expect(page.locator("#reader mark.match")).to_have_count(0)
    box.press("Escape")  # empties the box, and again closes the reader
    expect(box).to_have_value("")
    box.press("Escape")
    expect(page.locator(".reader")).to_have_count(0)


def test_search_and_outline_reach_all_of_a_long_document(
    address: str, browse: Browse, docs: Path, accessible: Check
) -> None:
    page = browse(address, viewport=WIDE)
    page.locator("#documents .document", has_text="long.md").click()
    shown = page.locator("#reader .shown")
    expect(shown).to_contain_text("paragraphs 1 to")
    box, count = page.locator("#reader .finder input"), page.locator("#reader .matches")
    box.fill("cafe of ward 8999")
    expect(count).to_have_text("1 of 1")
    current = page.locator("#reader mark.current")
    expect(current).to_be_in_viewport()
    expect(current).to_have_text("Café of ward 8999")
    expect(shown).to_contain_text("to 9000 of 9000")
    box.fill("cafe")
    expect(count).to_have_text("1 of the first 1,000, of 9,000")
    page.keyboard.press("Shift+F3")
    expect(count).to_have_text("1,000 of the first 1,000, of 9,000")
    expect(current).to_be_in_viewport()
    page.get_by_role("button", name="Outline").click()
    page.locator("#reader .outline button", has_text="Logs").click()
    expect(page.locator("#reader .text [data-paragraph='1']")).to_be_in_viewport()
    accessible(page)
    page.keyboard.press("Escape")

    page.locator("#documents .document", has_text="harbour.pdf").click()
    page.get_by_role("button", name="Outline").click()
    entries = page.locator("#reader .outline button")
    expect(entries).to_have_text(["The harbour1", "Dates3"])
    entries.last.click()
    expect(page.locator("#reader .of")).to_have_text("of 3, numbered 12")


def test_the_original_and_a_picture_of_the_page_are_sent(
    address: str, browse: Browse, docs: Path
) -> None:
    page = browse(address, viewport=WIDE, accept_downloads=True)
    open_cited(page, '"pressed into syrup" document:harbour')
    expect(page.locator("#reader .leaf .cited")).to_have_count(2)
    page.locator("#reader .original summary").click()
    with page.expect_download() as sent:
        page.get_by_role("link", name="Download the original").click()
    assert sent.value.suggested_filename == "harbour.pdf"
    assert Path(sent.value.path()).read_bytes() == HARBOUR
    links = page.locator("#reader .original a").evaluate_all("all => all.map((a) => a.href)")
    with httpx.Client() as client:
        shown, saved, picture = map(client.get, links)
        assert shown.content == saved.content == HARBOUR
        assert shown.headers["content-type"] == "application/pdf"
        assert shown.headers["content-disposition"].startswith("inline; ")
        assert "sandbox" in shown.headers["content-security-policy"]
        assert saved.headers["content-type"] == "application/octet-stream"
        name = "harbour%2C%20page%203.png"
        assert picture.headers["content-disposition"].endswith(f"filename*=UTF-8''{name}")
        drawn = Image.open(io.BytesIO(picture.content)).convert("RGB")
        colours = {colour for _, colour in drawn.getcolors(1 << 20)}
        assert (drawn.size, (255, 226, 120) in colours) == ((1200, 1553), True)


def test_a_file_that_is_not_as_it_was_read_is_said_to_be_so(
    address: str, browse: Browse, docs: Path
) -> None:
    (docs / "gone.pdf").write_bytes(pdf(LAST))
    page = browse(address, viewport=WIDE, locale="fr")
    page.locator("#documents .document", has_text="gone.pdf").click()
    expect(page.locator("#reader .paper .notice")).to_contain_text("a changé depuis sa lecture")
    page.get_by_role("button", name="Texte").click()
    expect(page.locator("#reader .text")).to_contain_text("The harbour of Basra is deep")
    links = page.locator("#reader .original a").evaluate_all("all => all.map((a) => a.href)")
    key = document_id(str(docs / "gone.pdf"))
    with httpx.Client(headers={"accept-language": "fr"}) as client:
        for link in links[:2]:
            answer = client.get(link)
            assert answer.status_code == 404
            assert "Remettez-le tel quel" in answer.text
        wrong = {"key": key, "sha256": "0" * 64}
        other = client.get(f"{address}/page/original", params=wrong)
        assert "a changé depuis" in other.text
        assert client.post(f"{address}/page/find", json={**wrong, "query": "x"}).json() == {
            "message": other.text.split("<p>")[1].split("</p>")[0].replace("&#39;", "'")
        }
        unknown = {"key": "0" * 24, "sha256": ""}
        assert client.get(f"{address}/page/original", params=unknown).status_code == 404
        for places in ("1", "1-", "x", "1-2;3-4"):
            query = {**unknown, "page": "1", "places": places}
            assert client.get(f"{address}/page/picture", params=query).status_code == 422
