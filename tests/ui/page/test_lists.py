"""Lists on the page: more passages, every mention, a list of questions, and what was meant."""

import csv
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from api_support import serving_here
from page_support import PHONE, WIDE, ask
from playwright.sync_api import Page, expect
from tests_support import write_files

pytestmark = pytest.mark.browser

Browse = Callable[..., Page]
FOLDERS = ("letters", "minutes", "notes")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("lists")
    docs = write_files(
        folder / "docs",
        {
            f"{FOLDERS[number % 3]}/{number:03}.txt": f"Iwan Roberts signed letter {number} in the "
            f"harbour office.\n\nThe ships left with cargo {number} after Iwan Roberts had paid."
            for number in range(60)
        },
    )
    for number, path in enumerate(sorted(docs.rglob("*.txt"))):
        os.utime(path, (1.4e9 + number * 1_728_000, 1.4e9 + number * 1_728_000))
    with serving_here(folder / "library", docs) as made:
        yield made


def rows(page: Page, button: str, tmp_path: Path) -> list[dict[str, str]]:
    with page.expect_download() as found:
        page.locator(button).click()
    found.value.save_as(tmp_path / "list.csv")
    text = (tmp_path / "list.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_more_passages_join_the_answer_and_are_grouped(
    browse: Browse, address: str, accessible: Callable[[Page], None]
) -> None:
    page = browse(address, viewport=WIDE)
    ask(page, "Who signed the letter in the harbour office?")
    cards = page.locator(".strong > .card")
    expect(cards).to_have_count(5)
    page.locator(".go-on").click()
    expect(page.locator(".beyond .counted")).to_contain_text("25 of 120 passages were read")
    page.locator(".go-on").click()
    expect(page.locator(".beyond .counted")).to_contain_text("45 of 120 passages were read")
    shown = page.locator(".turn .card").evaluate_all(
        "cards => cards.map((card) => `${card.dataset.key} ${card.dataset.start}`)"
    )
    assert len(set(shown)) == len(shown) == 45
    page.locator(".group-by").select_option("folder")
    headings = page.locator("h3.group").all_text_contents()
    assert headings == sorted(set(headings))
    assert set(headings) <= set(FOLDERS)
    page.locator(".group-by").select_option("date")
    expect(page.locator("h3.group").first).to_have_text("May 2014")
    accessible(page)
    page.locator(".group-by").select_option("rank")
    expect(page.locator("h3.group")).to_have_count(0)
    numbers = cards.locator(".number").all_text_contents()
    assert numbers == sorted(numbers, key=int)


def test_every_mention_is_listed_sorted_and_saved(
    browse: Browse, address: str, tmp_path: Path, accessible: Callable[[Page], None]
) -> None:
    page = browse(address, viewport=PHONE, color_scheme="dark")
    ask(page, "Iwan Roberts")
    page.get_by_role("button", name="Every mention of “Iwan Roberts”").click()
    expect(page.locator(".mentions .counted")).to_have_text("120 passages in 60 documents")
    expect(page.locator(".mention mark").first).to_have_text("Iwan Roberts")
    expect(page.locator(".mentions h3.group").first).to_have_text("letters/000.txt")
    accessible(page)
    while page.locator(".more-mentions").is_visible():
        count = page.locator(".mention").count()
        page.locator(".more-mentions").click()
        expect(page.locator(".mention").nth(count)).to_be_attached()
    expect(page.locator(".mention")).to_have_count(120)
    page.locator(".sort-by").select_option("newest")
    expect(page.locator(".mention .day").first).to_contain_text("2017-08-0")
    saved = rows(page, ".mentions .as-csv", tmp_path)
    assert len(saved) == 120
    assert saved[0]["date"].startswith("2017-08-0")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator(".mention .citation").first.click()
    expect(page.locator("#reader .cited mark")).to_have_text("Iwan Roberts")
    page.keyboard.press("Escape")
    page.locator(".close-list").click()
    expect(page.locator(".mentions")).to_have_count(0)


def test_a_list_of_questions_makes_a_table(
    browse: Browse, address: str, tmp_path: Path, accessible: Callable[[Page], None]
) -> None:
    page = browse(address, viewport=WIDE)
    page.locator("#typed .help summary").click()
    page.get_by_role("button", name="Ask a list of questions").click()
    file = tmp_path / "names.txt"
    file.write_text('# names\n"letter 3"\n"Iwan Robberts"\nafter:never\n', encoding="utf-8")
    page.locator('.batch input[type="file"]').set_input_files(file)
    expect(page.locator(".batch textarea")).to_have_value(file.read_text())
    page.get_by_role("button", name="Ask all").click()
    expect(page.locator(".batch .counted")).to_have_text("3 of 3 asked")
    expect(page.locator(".batch .state")).to_have_text(
        ["Answered", "Not found in your documents", "Refused"]
    )
    accessible(page)
    table = rows(page, ".batch .as-csv", tmp_path)
    assert [row["question"] for row in table] == ['"letter 3"', '"Iwan Robberts"', "after:never"]
    assert table[0]["document"] == "letters/003.txt"
    page.locator(".batch .citation").click()
    expect(page.locator("#reader .cited")).to_contain_text("Iwan Roberts signed letter 3")
    page.keyboard.press("Escape")
    page.locator(".batch .meant button").click()  # what was meant is asked
    expect(page.locator(".turn h2").last).to_have_text('"Iwan Roberts"')
    expect(page.locator(".turn .state").last).to_have_text("Answered")
