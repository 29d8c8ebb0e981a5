"""The page in a real browser: asked, answered, opened at the place, declined."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests_support import BASRA, SEEDS

pytestmark = pytest.mark.browser

SCHOLARSHIPS = "Which subjects can students from Gaza study on scholarships in Basra?"
Visit = Callable[..., Page]


def ask(page: Page, question: str) -> None:
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    page.wait_for_selector(".turn:not(.pending) :is(.card, .none)", timeout=60_000)
    page.wait_for_selector(".pending", state="detached")


def test_a_citation_opens_the_document_at_the_quoted_paragraph(visit: Visit) -> None:
    page = visit(viewport={"width": 1400, "height": 900})
    ask(page, SCHOLARSHIPS)
    source = (SEEDS / BASRA).read_text(encoding="utf-8")
    fourth = source.split("\n")[3]
    card = page.locator(".card").first
    assert card.locator("blockquote").evaluate("e => e.textContent") == fourth
    answer = card.locator("mark.answer").all_text_contents()
    assert "engineering, medicine, and the humanities" in "".join(answer)
    assert card.locator(".citation").inner_text().split("\n") == ["1", BASRA, "paragraph 4"]

    card.locator(".citation").click()
    cited = page.locator(".reader .cited")
    expect(cited).to_be_in_viewport()
    expect(cited).to_have_attribute("data-paragraph", "4")
    assert cited.locator("p").evaluate("e => e.textContent") == fourth
    paragraphs = page.locator(".reader .paragraph p").evaluate_all(
        "all => all.map(e => e.textContent)"
    )
    assert "\n".join(paragraphs) == source
    assert page.evaluate("document.activeElement === document.querySelector('.cited p')")

    page.keyboard.press("Escape")
    expect(page.locator(".reader")).to_have_count(0)
    assert page.evaluate("document.activeElement.className") == "citation"


def test_a_question_about_something_else_is_declined_with_misses_folded(visit: Visit) -> None:
    page = visit()
    ask(page, "How do I reset my router password?")
    expect(page.locator(".none")).to_contain_text("Not in your documents.")
    expect(page.locator(".none .card").first).to_be_hidden()
    page.locator(".none summary").click()
    expect(page.locator(".none .card")).to_have_count(3)


def test_an_example_question_is_answered_and_the_conversation_goes_on(visit: Visit) -> None:
    page = visit()
    example = page.locator(".examples button").first
    question = example.inner_text()
    example.click()
    page.wait_for_selector(".turn:not(.pending) .card", timeout=60_000)
    expect(page.locator(".turn h2")).to_have_text([question])
    ask(page, SCHOLARSHIPS)
    expect(page.locator(".turn h2")).to_have_text([question, SCHOLARSHIPS])
    expect(page.locator(".turn h2").last).to_be_in_viewport()
    expect(page.locator("#question textarea")).to_have_value("")


def test_what_a_person_types_is_shown_as_typed(visit: Visit) -> None:
    page = visit()
    hostile = "<img src=x onerror=alert(1)> ${alert(1)} {{value}} $$x$$ **b** \\x scholarships"
    ask(page, hostile)
    assert page.locator(".turn h2").evaluate("e => e.textContent") == hostile
    assert page.locator("#conversation img").count() == 0


def test_a_document_opens_from_the_list(visit: Visit) -> None:
    page = visit(viewport={"width": 1400, "height": 900})
    page.locator("#documents button", has_text=BASRA).click()
    expect(page.locator(".reader h2")).to_have_text(BASRA)
    expect(page.locator(".reader .paragraph")).to_have_count(9)
    page.locator(".reader .close").click()
    expect(page.locator(".reader")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_is_covered_or_cut_off(visit: Visit, scheme: str) -> None:
    page = visit(viewport={"width": 390, "height": 844}, color_scheme=scheme, has_touch=True)
    expect(page.locator("#documents.open")).to_have_count(0)
    ask(page, SCHOLARSHIPS)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.locator("#question textarea")).to_be_in_viewport()
    page.locator(".citation").first.tap()
    expect(page.locator(".reader .cited")).to_be_in_viewport()
    box = page.locator(".reader").bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 390)
