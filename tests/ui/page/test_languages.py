"""The page in other languages, and texts that run from right to left."""

from collections.abc import Callable, Iterator

import pytest
from api_support import serving_here
from page_support import PHONE, WIDE, ask
from playwright.sync_api import Page, expect
from tests_support import write_files

from ui.html.translations import LANGUAGES, of_language

pytestmark = pytest.mark.browser

TEXTS = {
    "دليل الموظف.txt": "تعاد المبالغ خلال 14 يوما من تاريخ استلام البضاعة (RF-204) إلى المشتري.",
    "מדריך.txt": "ההחזר ניתן בתוך 14 ימים מקבלת הסחורה.",
    "راهنما.txt": "بازپرداخت ظرف ۱۴ روز پس از دریافت کالا انجام می‌شود.",
    "guide.txt": "Refunds are issued within 14 days.",
}


@pytest.fixture(scope="module")
def guides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve short documents in several scripts."""
    home = tmp_path_factory.mktemp("home")
    docs = write_files(home / "docs", TEXTS)
    with serving_here(home / "library", docs) as address:
        yield address


@pytest.mark.parametrize(
    "language",
    [
        language if language in ("en", "ar") else pytest.param(language, marks=pytest.mark.slow)
        for language in LANGUAGES
    ],
)
def test_the_page_speaks_the_browsers_language(
    browse: Callable[..., Page], guides: str, accessible: Callable[[Page], None], language: str
) -> None:
    words = of_language(language)
    page = browse(guides, viewport=WIDE, locale=language)
    assert page.evaluate("document.documentElement.lang") == language
    expect(page.locator(".welcome h2")).to_have_text(words.say("title"))
    expect(page.locator("#question textarea")).to_have_attribute(
        "placeholder", words.say("placeholder")
    )
    ask(page, "المبالغ البضاعة")
    expect(page.locator(".summary").first).to_contain_text(words.count("passages_count", 1))
    accessible(page)
    shelf = page.locator("#shelf").bounding_box()
    assert shelf is not None
    assert (shelf["x"] > 700) == (words.direction == "rtl")
    page.locator(".citation").first.click()
    expect(page.locator(".reader .cited")).to_be_in_viewport()
    reader = page.locator(".reader").bounding_box()
    assert reader is not None
    assert (reader["x"] < 100) == (words.direction == "rtl")
    accessible(page)


@pytest.mark.slow
def test_quotes_run_their_own_way_in_any_page(browse: Callable[..., Page], guides: str) -> None:
    direction = "e => getComputedStyle(e).direction"
    for locale in ("en", "ar"):
        page = browse(guides, viewport=PHONE, locale=locale)
        for question, way in (("المبالغ البضاعة", "rtl"), ("הסחורה ההחזר", "rtl"),
                              ("کالا بازپرداخت", "rtl"), ("Refunds days", "ltr")):  # fmt: skip
            ask(page, question)
            last = page.locator(".turn").last
            assert last.locator("blockquote").first.evaluate(direction) == way
            assert last.locator("h2").evaluate(direction) == way
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
