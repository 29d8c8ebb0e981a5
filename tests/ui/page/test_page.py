"""The page in a real browser: asked, answered, opened at the place, declined."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from page_support import PHONE, SCHOLARSHIPS, WIDE, ask, text_of
from playwright.sync_api import Page, Route, expect
from tests_support import BASRA, SEEDS

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
Check = Callable[[Page], None]


def test_an_answer_is_cards_of_quotes_with_their_places(visit: Visit, accessible: Check) -> None:
    page = visit(viewport=WIDE)
    accessible(page)
    ask(page, SCHOLARSHIPS)
    expect(page.locator(".turn h2")).to_have_text(SCHOLARSHIPS)
    expect(page.locator(".turn h2")).to_be_in_viewport()
    expect(page.locator(".summary").first).to_contain_text("1 passage from 1 document")
    fourth = (SEEDS / BASRA).read_text(encoding="utf-8").split("\n")[3]
    card = page.locator(".card").first
    assert card.locator("blockquote").evaluate("e => e.textContent") == fourth
    answer = "".join(card.locator("mark.answer").all_text_contents())
    assert "engineering, medicine, and the humanities" in answer
    assert "scholarships" in card.locator("mark.term").all_text_contents()
    assert card.locator(".citation").inner_text().split("\n") == ["1", BASRA, "paragraph 4"]
    accessible(page)


@contextmanager
def without_scripts(page: Page) -> Iterator[None]:
    """Reload the page as it is before Gradio's scripts have come."""
    held: list[Route] = []
    waiting = True

    def hold(route: Route) -> None:
        if waiting:
            held.append(route)
        else:
            route.continue_()

    page.route("**/*.js", hold)
    page.reload(wait_until="commit")
    yield
    waiting = False
    for route in held:
        route.continue_()


def test_typing_and_asking_need_not_wait_for_the_frame(visit: Visit, accessible: Check) -> None:
    page = visit(viewport=WIDE)
    early, box = page.locator("#early textarea"), page.locator("#question textarea")
    with without_scripts(page):
        expect(early).to_be_focused()
        expect(early).to_have_attribute("placeholder", re.compile("Ask"))
        page.keyboard.type("Which subjects")
        accessible(page)
    expect(box).to_have_value("Which subjects")
    expect(box).to_be_focused()
    expect(early).to_have_count(0)

    with without_scripts(page):
        early.fill(SCHOLARSHIPS)
        early.press("Enter")
        expect(early).to_have_attribute("readonly", "")
    expect(page.locator(".turn h2")).to_have_text(SCHOLARSHIPS)
    expect(page.locator(".card").first).to_be_visible()


def test_a_citation_opens_the_document_at_the_quoted_paragraph(
    visit: Visit, accessible: Check
) -> None:
    page = visit(viewport=WIDE)
    ask(page, SCHOLARSHIPS)
    source = (SEEDS / BASRA).read_text(encoding="utf-8")
    page.locator(".citation").first.click()
    cited = page.locator(".reader .cited")
    expect(cited).to_be_in_viewport()
    expect(cited).to_have_attribute("data-paragraph", "4")
    assert text_of(page, ".reader .cited p") == source.split("\n")[3]
    paragraphs = page.locator(".reader .paragraph p").evaluate_all(
        "all => all.map(e => e.textContent)"
    )
    assert "\n".join(paragraphs) == source
    expect(page.locator(".cited p").first).to_be_focused()
    accessible(page)

    page.keyboard.press("n")
    expect(page.locator(".reader .which")).to_have_text("Citation 2 of 5")
    expect(page.locator(".reader .cited")).to_be_in_viewport()
    second = text_of(page, ".card:nth-child(2) .quotes > blockquote")
    assert text_of(page, ".reader .cited p") == second
    page.keyboard.press("p")
    expect(page.locator(".reader .which")).to_have_text("Citation 1 of 5")
    page.keyboard.press("Escape")
    expect(page.locator(".reader")).to_have_count(0)
    expect(page.locator(".citation").first).to_be_focused()


def test_why_neighbours_copy_and_judgement(visit: Visit, accessible: Check) -> None:
    page = visit(viewport=WIDE, permissions=["clipboard-read", "clipboard-write"])
    ask(page, SCHOLARSHIPS)
    card = page.locator(".card").first
    lines = (SEEDS / BASRA).read_text(encoding="utf-8").split("\n")
    expect(card.locator(".why")).to_be_hidden()
    card.locator(".explain").click()
    expect(card.locator(".why")).to_contain_text("rank 1")
    expect(card.locator(".why")).to_contain_text("scholarships")
    card.get_by_role("button", name="Show the previous paragraph").click()
    card.get_by_role("button", name="Show the next paragraph").click()
    expect(card.locator("blockquote")).to_have_count(3)
    shown = card.locator("blockquote").evaluate_all("all => all.map(e => e.textContent)")
    assert shown == lines[2:5]
    for shown_then in (4, 5, 5):  # there are two more, and then none
        card.get_by_role("button", name="Show the previous paragraph").click()
        expect(card.locator("blockquote")).to_have_count(shown_then)
    expect(card.get_by_role("button", name="Show the previous paragraph")).to_be_disabled()
    accessible(page)

    card.get_by_role("button", name="Copy the quote with its citation").click()
    expect(page.locator("#toasts")).to_contain_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"“{lines[3]}”\n[1] {BASRA}, paragraph 4"
    good = card.get_by_role("button", name="This answers the question")
    good.click()
    expect(page.locator("#toasts")).to_contain_text("on this machine only")
    expect(good).to_have_attribute("aria-pressed", "true")


def test_a_neighbour_that_is_slow_to_come_comes_once(visit: Visit) -> None:
    page = visit(viewport=WIDE)
    ask(page, SCHOLARSHIPS)
    held: list[Route] = []
    page.route("**/page/neighbour", lambda route: held.append(route))
    card = page.locator(".card").first
    before = card.get_by_role("button", name="Show the previous paragraph")
    before.click()
    before.click()
    after = card.get_by_role("button", name="Show the next paragraph")
    after.click()
    while len(held) < 2:
        page.wait_for_timeout(20)
    for route in held:
        route.continue_()
    expect(card.locator("blockquote")).to_have_count(3)
    shown = card.locator("blockquote").evaluate_all("all => all.map(e => e.textContent)")
    assert shown == (SEEDS / BASRA).read_text(encoding="utf-8").split("\n")[2:5]
    assert len(held) == 2


def test_a_question_about_something_else_is_declined_and_others_are_offered(
    visit: Visit, accessible: Check
) -> None:
    page = visit()
    ask(page, "How many ships carried medical equipment to Basra in 1950?")
    expect(page.locator(".turn .state")).to_have_text("Not found in your documents")
    expect(page.locator(".turn .summary").first).to_contain_text(
        "Searched 19 passages of 2 documents"
    )
    expect(page.locator("#said")).to_contain_text("Not found in your documents")
    expect(page.locator(".turn .card").first).to_be_hidden()
    page.locator(".weak summary").click()
    expect(page.locator(".turn .card")).to_have_count(3)
    offers = page.locator(".offers button")
    expect(offers.first).to_be_visible()
    accessible(page)
    offered = offers.first.inner_text()
    phrase = offered.split("“")[1].split("”")[0]
    texts = "".join(path.read_text(encoding="utf-8") for path in SEEDS.glob("*.txt"))
    assert phrase in texts
    offers.first.click()
    expect(page.locator(".turn").last.locator(".strong > .card").first).to_be_visible()
    assert phrase.lower() in text_of(page, ".turn:last-child .quotes").lower()


def test_an_example_question_is_answered_and_the_conversation_goes_on(visit: Visit) -> None:
    page = visit()
    example = page.locator(".examples button").first
    question = example.inner_text()
    example.click()
    expect(page.locator(".turn:not(.pending) h2")).to_have_text([question])
    ask(page, SCHOLARSHIPS)
    expect(page.locator(".turn h2")).to_have_text([question, SCHOLARSHIPS])
    expect(page.locator(".turn h2").last).to_be_in_viewport()
    expect(page.locator("#question textarea")).to_have_value("")


def test_a_question_whose_answer_is_awaited_can_be_read(visit: Visit, accessible: Check) -> None:
    page = visit(viewport=WIDE)
    held: list[Route] = []
    page.route("**/page/ask", lambda route: held.append(route))
    page.fill("#question textarea", SCHOLARSHIPS)
    page.press("#question textarea", "Enter")
    expect(page.locator(".pending h2")).to_have_text(SCHOLARSHIPS)
    expect(page.locator("#said")).to_have_text("Searching…")
    accessible(page)
    held[0].continue_()
    expect(page.locator(".turn:not(.pending) .card").first).to_be_visible()
    expect(page.locator("#said")).to_contain_text("1 passage from 1 document")


def test_signs_are_chips_that_can_be_taken_out(visit: Visit, accessible: Check) -> None:
    page = visit(viewport=WIDE)
    page.fill("#question textarea", 'joint "medical missions" -Qom type:txt')
    expect(page.locator("#typed .chip")).to_have_count(3)
    accessible(page)
    page.press("#question textarea", "Enter")
    chips = page.locator(".turn .chip")
    expect(chips).to_have_count(3)
    expect(page.locator(".turn .strong > .card")).to_have_count(1)
    assert "medical missions" in text_of(page, ".turn .quotes")
    chips.nth(0).get_by_role("button").click()
    expect(page.locator(".turn:not(.pending) h2")).to_have_text("joint -Qom type:txt")
    page.locator("#typed .help summary").click()
    accessible(page)
    page.get_by_role("button", name="-word").click()
    expect(page.locator("#question textarea")).to_have_value("-")
    ask(page, "scholarships after:2024-99")
    expect(page.locator(".notice")).to_contain_text("is no date")
    page.fill("#question textarea", "Which scholarships?")
    page.press("#question textarea", "Enter")
    expect(page.locator(".turn:not(.pending)").last).to_contain_text("passages from")
    expect(page.locator(".notice")).to_have_count(0)


def test_a_follow_up_shows_what_it_carries(visit: Visit, accessible: Check) -> None:
    page = visit(viewport=WIDE)
    ask(page, "Which scholarships do universities in Basra offer?")
    ask(page, "And in Qom?")
    last = page.locator(".turn").last
    expect(last.locator(".carried .chip")).to_have_text(["scholarships", "universities", "offer"])
    expect(last.locator("blockquote").first).to_contain_text("Al Mustafa")
    accessible(page)
    last.get_by_role("button", name="Search without “universities”").click()
    expect(page.locator(".turn").last.locator(".carried .chip")).to_have_text(
        ["scholarships", "offer"]
    )
    assert "with=scholarships" in page.url


def test_a_document_opens_from_the_list(visit: Visit, accessible: Check) -> None:
    page = visit(viewport=WIDE)
    page.fill("#find", "nothing like it")
    expect(page.locator("#none")).to_have_text("No document has this in its name.")
    page.fill("#find", BASRA[:6])
    expect(page.locator("#documents .document")).to_have_count(1)
    page.locator("#documents .document", has_text=BASRA).click()
    expect(page.locator(".reader h2")).to_have_text(BASRA)
    expect(page.locator(".reader .paragraph")).to_have_count(9)
    accessible(page)
    page.locator(".reader .close").click()
    expect(page.locator(".reader")).to_have_count(0)
    expect(page.locator("#documents [role=treeitem]", has_text=BASRA)).to_be_focused()


@pytest.mark.parametrize("scheme", [pytest.param("light", marks=pytest.mark.slow), "dark"])
def test_on_a_phone_nothing_is_covered_or_cut_off(
    visit: Visit, accessible: Check, scheme: str
) -> None:
    page = visit(viewport=PHONE, color_scheme=scheme, has_touch=True)
    expect(page.locator("#shelf")).to_be_hidden()
    accessible(page)
    ask(page, SCHOLARSHIPS)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.locator("#question textarea")).to_be_in_viewport()
    accessible(page)
    page.locator(".citation").first.tap()
    expect(page.locator(".reader .cited")).to_be_in_viewport()
    box = page.locator(".reader").bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 390)
    accessible(page)
    page.keyboard.press("Escape")
    page.locator("#bar .toggle").tap()
    expect(page.locator("#documents .document").first).to_be_in_viewport()
    accessible(page)
    page.keyboard.press("Escape")
    expect(page.locator("#shelf")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
def test_dark_mode_follows_the_system(visit: Visit, accessible: Check, scheme: str) -> None:
    page = visit(viewport=WIDE, color_scheme=scheme)
    ask(page, "How do I reset my router password?")
    page.locator(".weak summary").click()
    page.locator(".explain").first.click()
    accessible(page)
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(18, 22, 27)") == (scheme == "dark")
