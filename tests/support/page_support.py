"""What the tests of the page do as a person does."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect

SCHOLARSHIPS = "Which subjects can students from Gaza study on scholarships in Basra?"
WIDE = {"width": 1400, "height": 900}
PHONE = {"width": 390, "height": 844}


@contextmanager
def serving(home: Path, *options: str) -> Iterator[str]:
    """Run `quoth chat` on a free port and give its address; fail unless it stops when asked."""
    environment = {**os.environ, "XDG_DATA_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    environment.pop("QUOTH_LIBRARY", None)
    log = home / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "rag", "chat", "--port", "0", *options],
            stdout=subprocess.PIPE, stderr=output, text=True, env=environment,
        )  # fmt: skip
        assert process.stdout is not None
        try:
            lines = iter(process.stdout.readline, "")
            found = (re.search(r"http://127\.0\.0\.1:\d+\S*", line) for line in lines)
            address = next(filter(None, found), None)
            assert address, log.read_text()
            yield address[0]
        finally:
            process.terminate()
            process.communicate(timeout=30)
    errors = log.read_text()
    assert "Traceback" not in errors, errors


def ask(page: Page, question: str) -> None:
    """Type a question, press Enter, and wait for its answer."""
    count = page.locator(".turn:not(.pending)").count()
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    expect(page.locator(".turn:not(.pending)")).to_have_count(count + 1, timeout=60_000)


def text_of(page: Page, selector: str) -> str:
    """Return an element's text exactly as the page holds it."""
    return page.locator(selector).first.evaluate("e => e.textContent")
