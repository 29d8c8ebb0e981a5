"""A library whose model does not know Arabic, and the way from there to one that does."""

from collections.abc import Callable, Iterator

import pytest
from page_support import PHONE, WIDE, ask, serving
from playwright.sync_api import Page, expect
from tests_support import write_files

from rag.models.registry import MULTILINGUAL, SMALL, is_installed

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,  # compiles the multilingual model
    pytest.mark.skipif(not is_installed(MULTILINGUAL), reason="its package is for Linux on x86"),
]

TEXTS = {
    "منح.txt": "تقدم جامعة البصرة منحا دراسية كاملة لطلاب غزة في الطب والهندسة والزراعة.\n\n"
    "تأسس ميناء أم قصر عام 1961 على الخليج، وهو أكبر موانئ العراق.",
    "harbour.txt": "The harbour master of Basra keeps a record of every ship.",
}
QUESTION = "ما التخصصات المتاحة للطلبة مجانا؟"  # hardly a word of the passage
WORDS = "منح جامعة البصرة"


@pytest.fixture
def english_only(
    tmp_path_factory: pytest.TempPathFactory, small_model: None, multilingual_model: None
) -> Iterator[str]:
    home = tmp_path_factory.mktemp("home")
    docs = write_files(home / "docs", TEXTS)
    with serving(home, str(docs), "--library", str(home / "library"), "--model", SMALL) as address:
        yield address


@pytest.mark.parametrize("screen", [WIDE, PHONE])
def test_a_language_that_is_not_known_is_said_and_can_be_learnt(
    english_only: str,
    browse: Callable[..., Page],
    accessible: Callable[[Page], None],
    screen: dict[str, int],
) -> None:
    page = browse(english_only, viewport=screen)
    ask(page, WORDS)
    turn = page.locator(".turn").last
    expect(turn.locator(".unknown")).to_contain_text("does not know the language")
    expect(turn.locator("blockquote").first).to_have_text(TEXTS["منح.txt"].split("\n")[0])
    accessible(page)
    turn.locator(".switch").click()
    expect(page.locator("#adding .switching")).to_contain_text("now searched with the multilingual")
    accessible(page)
    if page.locator("#bar .toggle").get_attribute("aria-expanded") == "true" and screen is PHONE:
        page.keyboard.press("Escape")
    ask(page, QUESTION)
    turn = page.locator(".turn").last
    expect(turn).to_have_attribute("data-answered", "true")
    expect(turn.locator(".unknown")).to_have_count(0)
    quote = turn.locator("blockquote").first
    expect(quote).to_have_text(TEXTS["منح.txt"].split("\n")[0])
    assert quote.evaluate("e => getComputedStyle(e).direction") == "rtl"
    expect(page.locator("#documents .unknown")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= screen["width"]
    accessible(page)
