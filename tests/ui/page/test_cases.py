"""Cases and conversations on the page: kept by the server, whatever browser asks."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from api_support import serving_here
from page_support import PHONE, SCHOLARSHIPS, WIDE, ask, text_of
from playwright.sync_api import Page, expect
from tests_support import BASRA, QOM, SEEDS

from rag import Library
from rag.casework.interchange import case_from_json

pytestmark = pytest.mark.browser

Browse = Callable[..., Page]
Check = Callable[[Page], None]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cases") / "library"


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """Serve the seed documents; the tests of this module keep quotes in its library."""
    with serving_here(folder, SEEDS / BASRA, SEEDS / QOM) as served:
        yield served


def open_cases(page: Page) -> None:
    page.locator("#bar .cases").click()
    expect(page.locator("#cases h2")).to_be_focused()


def quotes(page: Page) -> list[str]:
    return page.locator("#cases .kept blockquote").all_text_contents()


def bookmark(page: Page, number: int) -> None:
    """Press the bookmark of a card, and wait until the quote is kept."""
    button = page.locator(".card .keep").nth(number)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")


def keep_two(page: Page) -> list[str]:
    """Ask, and keep the first two passages in the current case; give their words."""
    ask(page, SCHOLARSHIPS)
    page.locator(".weak summary").first.click()
    for number in (0, 1):
        bookmark(page, number)
    return page.locator(".card .quotes > blockquote").all_text_contents()[:2]


def test_quotes_are_kept_noted_ordered_and_moved_and_nothing_is_lost(
    browse: Browse, address: str, accessible: Check, tmp_path: Path
) -> None:
    page = browse(address, viewport=WIDE)
    first, second = keep_two(page)
    open_cases(page)
    expect(page.locator("#cases .kept")).to_have_count(2)
    assert quotes(page) == [first, second]
    page.locator("#cases .case-name").fill("Scholarships")
    page.locator("#cases .case-note").fill("For the article")
    row = page.locator("#cases .kept").first
    row.locator('[data-field="note"]').fill("Check the year")
    row.locator('[data-field="tags"]').fill("Basra, study, Basra")
    with page.expect_response("**/quotes/annotate"):
        page.keyboard.press("Tab")
    accessible(page)
    row.get_by_role("button", name="Move down").click()
    expect(page.locator("#cases .kept blockquote").first).to_have_text(second)
    expect(page.locator("#cases .kept").nth(1).locator(".down")).to_be_focused()
    page.get_by_role("button", name="New case").click()
    expect(page.locator("#cases .kept")).to_have_count(0)
    page.locator("#cases .case-name").fill("Other")
    page.keyboard.press("Tab")
    expect(page.locator("#cases .choice")).to_contain_text("Other (0)")
    page.locator("#cases .choice").select_option(label="Scholarships (2)")
    expect(page.locator("#cases .kept")).to_have_count(2)
    page.locator("#cases .move").first.select_option(label="Other")
    expect(page.locator("#cases .kept")).to_have_count(1)
    page.get_by_role("button", name="Undo").last.click()
    expect(page.locator("#cases .choice")).to_contain_text("Scholarships (2)")
    page.locator("#cases .choice").select_option(label="Scholarships (2)")
    expect(page.locator("#cases .kept")).to_have_count(2)
    assert quotes(page) == [second, first]
    page.locator("#cases .kept .drop").first.click()
    expect(page.locator("#cases .kept")).to_have_count(1)
    page.get_by_role("button", name="Undo").last.click()
    expect(page.locator("#cases .kept")).to_have_count(2)

    page.reload()
    page.wait_for_selector("body.ready")
    open_cases(page)
    expect(page.locator("#cases .kept")).to_have_count(2)
    other = browse(address, viewport=PHONE, color_scheme="dark")  # another browser
    open_cases(other)
    other.locator("#cases .choice").select_option(label="Scholarships (2)")
    expect(other.locator("#cases .kept")).to_have_count(2)
    assert quotes(other) == [second, first]
    noted = other.locator("#cases .kept").nth(1)
    expect(noted.locator('[data-field="note"]')).to_have_value("Check the year")
    expect(noted.locator('[data-field="tags"]')).to_have_value("Basra, study")
    assert other.locator("#cases").evaluate("e => e.scrollWidth <= e.clientWidth")
    accessible(other)
    other.locator("#cases .case-export summary").click()
    with other.expect_download() as download:
        other.locator('#cases [data-case-format="json"]').click()
    assert download.value.suggested_filename == "Scholarships.json"
    download.value.save_as(tmp_path / "case.json")
    case = case_from_json((tmp_path / "case.json").read_bytes())
    assert [entry.quote.text for entry in case.quotes] == [second, first]
    assert (case.note, case.quotes[1].tags) == ("For the article", ("Basra", "study"))
    assert [(one.question, one.state) for one in case.questions] == [(SCHOLARSHIPS, "answered")]
    assert case.questions[0].search.searched.documents == 2


@pytest.mark.slow
def test_a_quote_has_a_link_that_opens_its_document(
    browse: Browse, address: str, folder: Path, accessible: Check
) -> None:
    with Library.open(folder) as library:
        passage = library.ask(SCHOLARSHIPS).passages[0]
        case = library.casework.new("Linked").id
        quote = library.passage(passage.citation.id, around=0).passage
        entry = library.casework.keep(case, quote, note="Seen", question="<b>Q?</b>")
    page = browse(f"{address}/?quote={entry.id}", viewport=WIDE)
    expect(page.locator(".one-quote blockquote")).to_have_text(passage.text)
    expect(page.locator(".one-quote h3")).to_have_text("<b>Q?</b>")
    expect(page.locator("#reader .cited p")).to_have_text(passage.text)
    accessible(page)
    page.locator("#reader .close").click()
    page.locator('.one-quote [data-field="note"]').fill("Seen again")
    with page.expect_response("**/quotes/annotate"):
        page.keyboard.press("Tab")
    page.locator(".one-quote .drop").click()
    expect(page.locator("#toasts")).to_contain_text("deleted")
    ask(page, "Who do the joint medical missions help?")
    expect(page.locator(".one-quote")).to_have_count(0)
    page.goto(f"{address}/?quote={entry.id}")
    expect(page.locator("#toasts")).to_contain_text("This was deleted")


@pytest.mark.slow
def test_that_nothing_was_found_is_kept_and_cases_go_to_the_bin(
    browse: Browse, address: str, accessible: Check, tmp_path: Path
) -> None:
    page = browse(address, viewport=WIDE)
    open_cases(page)
    page.get_by_role("button", name="New case").click()
    expect(page.locator("#cases .case-name")).to_be_focused()
    page.locator("#cases .close").click()
    ask(page, "How do I reset my router password?")
    page.get_by_role("button", name="Keep in the case").click()
    expect(page.locator("#toasts")).to_contain_text("holds the report")
    open_cases(page)
    expect(page.locator("#cases .absences li")).to_have_text("How do I reset my router password?")
    accessible(page)
    page.locator("#cases .case-export summary").click()
    with page.expect_download() as download:
        page.locator('#cases [data-case-format="dossier-html"]').click()
    download.value.save_as(tmp_path / "dossier.html")
    dossier = (tmp_path / "dossier.html").read_text(encoding="utf-8")
    assert "How do I reset my router password? (not found in the documents)" in dossier
    expect(page.locator("#cases .case-export summary")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#cases")).to_be_hidden()
    open_cases(page)
    name = page.locator("#cases .case-name").input_value()
    page.get_by_role("button", name="Delete the case").click()
    expect(page.locator("#toasts")).to_contain_text(f"The case “{name}” was deleted.")
    page.get_by_role("button", name="Undo").last.click()
    expect(page.locator("#cases .case-name")).to_have_value(name)
    page.get_by_role("button", name="Delete the case").click()
    page.locator("#cases .empty-bin").click()
    expect(page.locator("#cases .empty-bin")).to_have_count(0)


def test_a_conversation_is_opened_again_without_asking(
    browse: Browse, address: str, accessible: Check
) -> None:
    page = browse(address, viewport=WIDE)
    ask(page, SCHOLARSHIPS)
    ask(page, "And in Qom?")
    shown = page.locator(".turn .quotes").all_text_contents()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.reload()
    page.wait_for_selector("body.ready")
    assert page.locator(".turn .quotes").all_text_contents() == shown
    expect(page.locator(".turn .moment").first).to_contain_text("Asked ")
    expect(page.locator(".carried")).to_have_count(1)
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".welcome")).to_be_visible()
    page.go_back()
    expect(page.locator(".turn")).to_have_count(2)
    page.go_forward()
    expect(page.locator(".welcome")).to_be_visible()
    page.locator("#history summary").click()
    page.locator("#find-conversation").fill("in qom")
    rows = page.locator("#history [data-conversation]")
    expect(rows).to_have_count(1)
    rows.first.hover()
    rows.first.locator(".rename").click()
    page.locator("#history .title").fill("Studying")
    page.keyboard.press("Enter")
    expect(rows.first.locator(".past")).to_have_text("Studying")
    accessible(page)
    rows.first.locator(".past").click()
    expect(page.locator(".turn")).to_have_count(2)
    assert page.locator(".turn .quotes").all_text_contents() == shown
    assert [url for url in requests if "/page/ask" in url] == []
    assert text_of(page, ".turn h2") == SCHOLARSHIPS
    other = browse(address, viewport=PHONE)
    other.locator("#bar .toggle").click()
    other.locator("#history summary").click()
    other.locator("#history .past", has_text="Studying").click()
    expect(other.locator(".turn")).to_have_count(2)
    rows.first.hover()
    rows.first.locator(".forget").click()
    expect(page.locator(".welcome")).to_be_visible()
    page.get_by_role("button", name="Undo").last.click()
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Forget all").click()
    expect(rows).to_have_count(0)
    stored = json.loads(page.evaluate("JSON.stringify({...localStorage})"))
    assert set(stored) <= {"quoth.case"}


@pytest.mark.slow
def test_a_changed_document_is_said_of_its_quotes_and_answers(
    browse: Browse, tmp_path: Path, accessible: Check
) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.txt").write_text("The mill was sold in 1904.\n\nThe river turns its wheel.\n")
    (docs / "b.txt").write_text("Herrings swim in the sea.\n")
    with serving_here(tmp_path / "library", docs) as address:
        page = browse(address, viewport=WIDE)
        ask(page, '"The mill was sold"')
        bookmark(page, 0)
        ask(page, '"The river turns its wheel"')
        bookmark(page, 1)
        ask(page, '"Herrings swim"')
        bookmark(page, 2)
        with Library.open(tmp_path / "library") as library:
            (docs / "a.txt").write_text("It is said: The river turns its wheel.\n")
            library.add(docs)
            library.remove(docs / "b.txt")
        page.reload()
        page.wait_for_selector("body.ready")
        expect(page.locator(".forgotten")).to_have_count(3)
        page.locator(".forgotten .again").nth(1).click()
        expect(page.locator(".turn").nth(1).locator(".card")).to_have_count(1)
        expect(page.locator(".forgotten")).to_have_count(2)
        open_cases(page)
        expect(page.locator("#cases .condition")).to_have_text(
            [
                "The document has changed since, and these words are no longer in it.",
                "The document has changed since; these words are still in it.",
                "The document is no longer in the library.",
            ]
        )
        expect(page.locator("#cases p.citation")).to_have_count(2)
        accessible(page)
        page.locator("#cases button.citation").click()
        expect(page.locator("#reader .cited")).to_contain_text("The river turns its wheel.")
        page.context.close()  # before the server stops
