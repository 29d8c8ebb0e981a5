"""Take the pictures of the page in its states: python tests/ui/screenshot.py.

Writes ui/screenshot.png for the README and docs/screenshots/ for every state.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
from page_support import PHONE, ask, serving  # noqa: E402

QUESTION = "Which subjects can students from Gaza study on scholarships in Basra?"
WIDE = {"width": 1360, "height": 850}
ARABIC = "تعاد المبالغ خلال 14 يوما من تاريخ استلام البضاعة (RF-204) إلى المشتري الذي دفع ثمنها."


def start(page: Page) -> None:
    page.wait_for_selector(".welcome")


def answered(page: Page) -> None:
    ask(page, QUESTION)
    page.locator(".explain").first.click()


def reading(page: Page) -> None:
    ask(page, QUESTION)
    page.locator(".citation").first.click()
    page.wait_for_selector(".reader .cited")


def following(page: Page) -> None:
    ask(page, "Which scholarships do universities in Basra offer?")
    ask(page, "And in Qom?")


def declined(page: Page) -> None:
    ask(page, "How many ships carried medical equipment to Basra in 1950?")
    page.wait_for_selector(".offers button")


def searching(page: Page) -> None:
    ask(page, '"joint medical missions" -Qom type:txt')
    page.locator("#typed .help summary").click()


def keep_quote(page: Page) -> None:
    """Keep the first quote, unless a picture before this one did: the server has its case."""
    ask(page, QUESTION)
    page.wait_for_timeout(1_000)  # for the server to say what is in the case
    button = page.locator(".keep").first
    if button.get_attribute("aria-pressed") != "true":
        button.click()
    page.wait_for_selector('.keep[aria-pressed="true"]')


def exporting(page: Page) -> None:
    keep_quote(page)
    page.locator("#bar .export summary").click()


def casework(page: Page) -> None:
    keep_quote(page)
    page.locator("#bar .cases").click()
    page.wait_for_selector("#cases .kept")


def mentioning(page: Page) -> None:
    ask(page, "Which documents mention scholarships?")
    page.locator("[data-mentions]").first.click()
    page.wait_for_selector(".mention")


STATES: dict[str, Callable[[Page], None]] = {
    "start": start,
    "answer": answered,
    "reader": reading,
    "follow-up": following,
    "declined": declined,
    "search": searching,
    "export": exporting,
    "cases": casework,
    "mentions": mentioning,
}
LOOKS = {
    "wide": {"viewport": WIDE},
    "dark": {"viewport": WIDE, "color_scheme": "dark"},
    "phone": {"viewport": PHONE, "has_touch": True},
}


def take(browser: Browser, address: str, path: Path, state: Callable[[Page], None], **look) -> None:
    page = browser.new_page(**look)
    page.goto(address)
    page.wait_for_selector("body.ready")
    state(page)
    page.wait_for_timeout(400)
    page.screenshot(path=path)
    page.close()


def arabic(page: Page) -> None:
    page.wait_for_selector("#documents .document", state="attached")
    ask(page, "متى تعاد المبالغ إلى المشتري؟")
    page.locator(".citation").first.click()
    page.wait_for_selector(".reader .cited")


def adding(page: Page) -> None:
    page.evaluate(
        """() => {
          const transfer = new DataTransfer();
          for (const name of ['notes.md', 'photo.gif', 'empty.txt'])
            transfer.items.add(new File([name === 'notes.md' ? 'Seven ships sank.' : ' '], name));
          document.body.dispatchEvent(new DragEvent('drop',
            {dataTransfer: transfer, bubbles: true, cancelable: true}));
        }"""
    )
    page.wait_for_selector("#adding .done")


def main() -> None:
    """Serve the seeds and an Arabic guide from new libraries, and picture every state."""
    pictures = ROOT / "docs" / "screenshots"
    pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder)
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        with serving(home) as address:
            for name, state in STATES.items():
                for look, options in LOOKS.items():
                    take(browser, address, pictures / f"{name}-{look}.png", state, **options)
            take(browser, address, ROOT / "ui" / "screenshot.png", reading, viewport=WIDE)
        guide = home / "دليل الموظف.txt"
        guide.write_text(f"سياسة الاسترداد\n\n{ARABIC}\n\nتقدم الإيصالات خلال 30 يوما.", "utf-8")
        with serving(home, str(guide), "--library", str(home / "library")) as address:
            rtl = {"viewport": WIDE, "locale": "ar"}
            take(browser, address, pictures / "arabic-wide.png", arabic, **rtl)
            take(
                browser, address, pictures / "arabic-phone.png", arabic, **{**rtl, **LOOKS["phone"]}
            )
            take(browser, address, pictures / "adding-wide.png", adding, viewport=WIDE)
        browser.close()


if __name__ == "__main__":
    main()
