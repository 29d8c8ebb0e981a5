"""What the browser tests do as a person does."""

from playwright.sync_api import Page, expect

SCHOLARSHIPS = "Which subjects can students from Gaza study on scholarships in Basra?"
WIDE = {"width": 1400, "height": 900}
PHONE = {"width": 390, "height": 844}


def ask(page: Page, question: str) -> None:
    """Type a question, press Enter, and wait for its answer."""
    count = page.locator(".turn:not(.pending)").count()
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    expect(page.locator(".turn:not(.pending)")).to_have_count(count + 1, timeout=60_000)


def text_of(page: Page, selector: str) -> str:
    """Return an element's text exactly as the page holds it."""
    return page.locator(selector).first.evaluate("e => e.textContent")
