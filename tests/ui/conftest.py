"""A real server over the seed documents, as a person starts it, and a real browser."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from page_support import MILLISECONDS, patient, serving
from playwright.sync_api import Browser, Page, sync_playwright

_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, small_model: None) -> Iterator[str]:
    """Start `quoth chat` over the seeds and give its address. Tests do not change its library."""
    with serving(tmp_path_factory.mktemp("home")) as address:
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium, or another one installed; without any, skip, but fail under CI.

    Once a module, though it could be shared: while it runs, so does its event loop in this thread,
    and tests that run a loop of their own fail. In which order modules come is not known.
    """
    found = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if found is None:
        message = "no Chromium here: the browser tests need one (Debian: apt install chromium)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=_ARGUMENTS, timeout=MILLISECONDS
        )
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Give a way to open an address; any error on it or request off this machine fails the test."""
    troubles: list[str] = []
    contexts = []

    def open_page(address: str, **options: Any) -> Page:
        context = patient(chromium, bypass_csp=False, **options)
        contexts.append(context)
        origin = re.match(r"http://[^/]+", address)[0]
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(f"page error: {error}"))
        page.on("console", lambda m: m.type == "error" and troubles.append(f"console: {m.text}"))
        page.on("request", lambda r: _is_external(r.url, origin) and troubles.append(r.url))
        page.on("dialog", lambda d: (troubles.append(f"dialog: {d.message}"), d.dismiss()))
        page.goto(address)
        page.wait_for_selector("body.ready")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def visit(browse: Callable[..., Page], server: str) -> Callable[..., Page]:
    """Give a way to open the page over the seeds."""

    def open_page(query: str = "", **options: Any) -> Page:
        return browse(f"{server}/{query}", **options)

    return open_page


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Give axe-core's judgement of a page as it is now: it must find nothing."""

    def check(page: Page) -> None:
        found = Axe().run(page).response["violations"]
        assert [
            (one["id"], [node["html"][:160] for node in one["nodes"][:3]]) for one in found
        ] == []

    return check


def _is_external(url: str, server: str) -> bool:
    return not url.startswith((server, "data:", "blob:"))
