"""What is kept and shared: links, history, files to take along, judgements."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from api_support import serving_here
from docx import Document
from page_support import SCHOLARSHIPS, WIDE, ask, serving, text_of
from playwright.sync_api import Page, expect
from tests_support import BASRA, QOM, SEEDS

from rag.cli.main import run

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]


def test_a_link_asks_its_question(visit: Visit) -> None:
    page = visit("?q=Which+university+offers+scholarships%3F")
    expect(page.locator(".turn h2")).to_have_text("Which university offers scholarships?")
    expect(page.locator(".card").first).to_be_visible()
    with_words = visit("?q=And+in+Qom%3F&with=scholarships")
    expect(with_words.locator(".carried .chip")).to_have_text(["scholarships"])


def saved(page: Page, name: str, tmp_path: Path) -> bytes:
    page.locator("#bar .export summary").click()
    with page.expect_download() as found:
        page.locator(".formats").get_by_role("button", name=name, exact=True).click()
    found.value.save_as(tmp_path / "file")
    return (tmp_path / "file").read_bytes()


def test_quotes_are_exported_with_citations_and_digests(
    visit: Visit, accessible: Callable[[Page], None], tmp_path: Path
) -> None:
    page = visit(viewport=WIDE)
    ask(page, SCHOLARSHIPS)
    quotes = page.locator(".strong .quotes > blockquote").evaluate_all(
        "all => all.map(e => e.textContent)"
    )
    [exported] = json.loads(saved(page, "JSON", tmp_path))
    assert (exported["question"], exported["state"]) == (SCHOLARSHIPS, "answered")
    assert [one["text"] for one in exported["quotes"]] == quotes
    for one in exported["quotes"]:
        cited = one["citation"]
        source = (SEEDS / cited["document"]).read_text(encoding="utf-8")
        assert source[cited["start"] : cited["end"]] == one["text"]
        assert len(cited["sha256"]) == 64
    page.locator("#bar .export summary").click()
    accessible(page)
    page.keyboard.press("Escape")
    made = Document(io.BytesIO(saved(page, "Word", tmp_path)))
    assert quotes[0] in [paragraph.text for paragraph in made.paragraphs]
    assert b"sha256" in saved(page, "Markdown", tmp_path)
    assert b"@misc{" in saved(page, "BibTeX", tmp_path)


@pytest.mark.slow
def test_that_nothing_answers_survives_a_reload_and_is_taken_back(
    browse: Callable[..., Page], accessible: Callable[[Page], None], tmp_path: Path
) -> None:
    with serving(tmp_path, str(SEEDS / BASRA), "--library", str(tmp_path / "library")) as address:
        page = browse(address)
        ask(page, SCHOLARSHIPS)
        nothing = page.get_by_role("button", name="Nothing in the documents answers this")
        good = page.get_by_role("button", name="This answers the question").first
        good.click()
        expect(good).to_have_attribute("aria-pressed", "true")
        nothing.click()
        expect(nothing).to_have_attribute("aria-pressed", "true")
        expect(good).to_have_attribute("aria-pressed", "false")
        accessible(page)
        page.reload()
        page.wait_for_selector("body.ready")
        expect(nothing).to_have_attribute("aria-pressed", "true")
        nothing.click()
        expect(page.locator("#toasts")).to_contain_text("Taken back")
        expect(nothing).to_have_attribute("aria-pressed", "false")
        expect(good).to_have_attribute("aria-pressed", "true")
        ask(page, "How do I reset my router password?")
        expect(nothing).to_have_count(2)  # a refusal can be confirmed
        page.context.close()  # before the server stops


def test_thumbs_become_an_evaluation_set(browse: Callable[..., Page], tmp_path: Path) -> None:
    library = tmp_path / "library"
    with serving_here(library, SEEDS / BASRA, SEEDS / QOM) as address:
        page = browse(address)
        ask(page, "Which scholarships do universities in Basra offer?")
        quote = text_of(page, ".quotes > blockquote")
        page.get_by_role("button", name="This answers the question").first.click()
        expect(page.locator("#toasts")).to_contain_text("Noted")
        page.context.close()  # before the server stops
    labels = tmp_path / "labels.jsonl"
    assert run(["export", str(labels), "--library", str(library)]) == 0
    [row] = [json.loads(line) for line in labels.read_text().splitlines()]
    assert row["question"] == "Which scholarships do universities in Basra offer?"
    assert [answer["text"] for answer in row["answers"]] == [quote]
