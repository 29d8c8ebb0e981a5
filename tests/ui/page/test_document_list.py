"""The list of documents in a real browser: order, filters, status and tags; the chart of dates."""

from collections.abc import Callable, Iterator

import httpx
import pytest
from api_support import serving_here
from page_support import PHONE, ask
from playwright.sync_api import Page, expect
from tests_support import write_files

pytestmark = pytest.mark.browser

Check = Callable[[Page], None]
TALL = {"width": 1400, "height": 1500}
"""So that every row is drawn."""


def mail(number: int) -> str:
    return (
        f"From: {('Anna Keller', 'Ben Ito')[number % 2]} <x@example.org>\n"
        f"Date: 3 Mar {2015 + number % 6} 10:00:00 +0000\nSubject: Letter {number}\n\n"
        f"The harbour of Basra is {number} fathoms deep.\n"
    )


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("home")
    docs = write_files(
        home / "docs",
        {
            **{f"mail/inbox/letter {n}.eml": mail(n) for n in range(12)},
            "reports/annual/Überblick 2.txt": "The harbour earned two dinars.",
            "reports/annual/Überblick 10.txt": "The harbour earned ten dinars.",
            "first.txt": "The old harbour of Basra is deep.",
            **{f"photo{n}.gif": "GIF89a" for n in range(3)},
            "empty.md": " ",
        },
    )
    with serving_here(home / "library", docs) as address:
        yield address


def names(page: Page) -> list[str]:
    """Return what the list shows, from the top."""
    found = page.evaluate(
        "[...document.querySelectorAll('#documents li')].map("
        "(e) => [Number(e.dataset.at), e.querySelector('.name').textContent])"
    )
    return [name for _, name in sorted(found)]


def test_documents_are_found_arranged_marked_and_asked(
    harbour: str, browse: Callable[..., Page], accessible: Check
) -> None:
    page = browse(harbour, viewport=TALL)
    rows = page.locator("#documents .document")
    expect(rows).to_have_count(15)
    assert names(page)[:4] == ["mail", "inbox", "letter 0.eml", "letter 1.eml"]
    assert names(page)[-4:] == ["annual", "Überblick 2.txt", "Überblick 10.txt", "first.txt"]
    accessible(page)

    page.locator("#documents li", has_text="reports").first.click()  # the folder closes
    expect(rows).to_have_count(13)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#documents li:focus")).to_contain_text("annual")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(page.locator(".reader h2")).to_have_text("first.txt")
    marks = page.locator("#reader .marks")
    expect(marks.locator('[aria-pressed="true"]')).to_have_text("read")
    marks.get_by_role("button", name="relevant", exact=True).click()
    expect(marks.locator('[aria-pressed="true"]')).to_have_text("relevant")
    marks.locator("input").fill("to call")
    marks.locator("input").press("Enter")
    expect(marks.locator(".chip")).to_contain_text("to call")
    accessible(page)
    page.keyboard.press("Escape")
    first = page.locator("#documents li", has_text="first.txt")
    expect(first).to_contain_text("#to call")
    expect(first).to_have_class("file is-relevant")

    page.fill("#find", "u\u0308berblick")  # as a Mac types it
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("reports/annual")
    page.fill("#find", "keller letter")
    expect(rows).to_have_count(6)
    page.fill("#find", "")
    page.locator("#narrow summary").click()
    page.select_option('#narrow [name="status"]', "relevant")
    expect(rows).to_have_count(1)
    expect(page.locator("#shown")).to_have_text("1 of 15 documents")
    page.locator("#narrow .clear").click()
    page.fill('#narrow [name="since"]', "2019-01-01")
    page.select_option('#narrow [name="type"]', "eml")
    expect(rows).to_have_count(4)
    page.locator("#arrange .tree").click()
    page.select_option('#arrange [name="order"]', "date")
    page.locator("#arrange .reverse").click()
    expect(rows.first).to_contain_text("letter 11.eml")
    page.locator("#narrow .within").click()
    expect(page.locator("#question textarea")).to_have_value("type:eml after:2019-01-01 ")
    accessible(page)

    page.locator(".unread-line").click()
    expect(page.locator("#unread summary").first).to_have_text(
        "files of type .gif are not supported (3)"
    )
    accessible(page)
    page.locator("#unread .close").click()
    table = httpx.get(f"{harbour}/page/unread.csv").content.decode("utf-8-sig")
    assert table.splitlines()[:2] == [
        "file,reason",
        "photo0.gif,files of type .gif are not supported",
    ]


def test_a_chart_of_dates_narrows_the_answer(
    harbour: str, browse: Callable[..., Page], accessible: Check
) -> None:
    page = browse(harbour, viewport=PHONE, color_scheme="dark")
    ask(page, "How deep is the harbour of Basra?")
    chart = page.locator(".timeline")
    expect(chart.locator("rect.all")).to_have_count(6)
    expect(chart.locator(".picked")).to_have_text("2015 – 2020: 12 documents")
    accessible(page)
    box = chart.locator(".plot").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 10)  # over the bar of 2017
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 10)
    page.mouse.up()
    question = page.locator(".turn:not(.pending) h2")
    expect(question).to_have_text("How deep is the harbour of Basra? after:2017 before:2019")
    expect(chart.locator(".picked")).to_have_text("2017 – 2018: 4 documents")
    expect(page.locator(".fields dd", has_text="2019-03")).to_have_count(0)
    chart.locator(".to").fill("5")
    chart.get_by_role("button", name="Ask within these dates").click()
    expect(question).to_have_text("How deep is the harbour of Basra? after:2017")
    chart.get_by_role("button", name="All dates").click()
    expect(question).to_have_text("How deep is the harbour of Basra?")
