"""Take the README's screenshot: python tests/ui/screenshot.py."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

TARGET = Path(__file__).resolve().parents[2] / "ui" / "screenshot.png"
QUESTION = "Which subjects can students from Gaza study on scholarships in Basra?"


def main() -> None:
    """Serve the seeds from a new library, ask, open the first citation, and take the picture."""
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-u", "-m", "rag", "chat", "--port", "0"]
        environment = {**os.environ, "XDG_DATA_HOME": home}
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        assert server.stdout is not None
        address = re.search(r"http://\S+", server.stdout.readline())
        assert address is not None
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path="/usr/bin/chromium", args=["--no-sandbox"]
            )
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            page.goto(address[0])
            page.fill("#question textarea", QUESTION)
            page.press("#question textarea", "Enter")
            page.click(".turn:not(.pending) .citation", timeout=60_000)
            page.wait_for_selector(".reader .cited")
            page.wait_for_timeout(500)
            page.screenshot(path=TARGET)
            browser.close()
        server.terminate()
        server.wait(timeout=15)


if __name__ == "__main__":
    main()
