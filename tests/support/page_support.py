"""What the tests of the page do as a person does."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests_support import PATIENCE

from evaluation.serving.server import serving as start_server

SCHOLARSHIPS = "Which subjects can students from Gaza study on scholarships in Basra?"
WIDE = {"width": 1400, "height": 900}
PHONE = {"width": 390, "height": 844}
MILLISECONDS = 1000 * PATIENCE
"""How long Playwright waits."""
# A note is shown for some seconds: a browser that gets no processor could take it away unseen.
_NOTES_STAY = """
const later = window.setTimeout;
window.setTimeout = (action, after, ...given) =>
  later(action, after >= 2000 ? 3600000 : after, ...given);
"""

expect.set_options(timeout=MILLISECONDS)


def patient(browser: Browser, **options: Any) -> BrowserContext:
    """Open a browser context that waits as long as a busy machine needs."""
    context = browser.new_context(**options)
    context.set_default_timeout(MILLISECONDS)
    context.add_init_script(_NOTES_STAY)
    return context


@contextmanager
def serving(home: Path, *options: str) -> Iterator[str]:
    """Run `quoth chat` on a free port and yield its address; fail unless it stops when asked."""
    environment = {**os.environ, "XDG_DATA_HOME": str(home)}
    environment.pop("QUOTH_LIBRARY", None)
    log = home / "log"
    with log.open("w") as output:
        server = start_server(None, *options, environment=environment, log=output)
        with server as (address, _):
            yield address
    errors = log.read_text()
    assert "Traceback" not in errors, errors


def ask(page: Page, question: str) -> None:
    """Type a question, press Enter, and wait for its answer."""
    count = page.locator(".turn:not(.pending)").count()
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    expect(page.locator(".turn:not(.pending)")).to_have_count(count + 1)


def text_of(page: Page, selector: str) -> str:
    """Return an element's text exactly as the page holds it."""
    return page.locator(selector).first.evaluate("e => e.textContent")
