"""Hostile documents, names and questions in a real browser: shown as they stand, nothing runs.

Any page error, console error, dialog or request off this machine fails a test (see `browse`).
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from api_support import serving_here
from hostile_support import KINDS, STEMS, hostile_files
from page_support import WIDE, ask, text_of
from playwright.sync_api import Page, expect
from tests_support import write_files

from ui.html.translations import of_language

pytestmark = pytest.mark.browser

PARAGRAPHS = {
    "script": "A harbour <script>alert(1)</script> </script><script>alert(2)</script>",
    "handler": 'A harbour "><img src=x onerror=alert(1)><svg onload=alert(2)>',
    "template": "A harbour ${alert(1)} {{constructor.constructor('alert(1)')()}} #{x} <%= y %>",
    "fetch": 'A harbour <img src="http://evil.example/t.png"><link href="//evil.example/s.css">',
    "form": '<form action="http://evil.example"><input name=p></form> <iframe src="/"></iframe>',
    "style": "<style>*{display:none}</style> <div style='position:fixed;inset:0'>over</div>",
    "markdown": "**bold** [link](javascript:alert(1)) ![x](http://evil.example/i.png) `c`",
    "latex": r"A harbour $$\href{javascript:alert(1)}{x}$$ \(x^2\) $e=mc^2$",
    "ansi": "A harbour \x1b[31mred\x1b[0m \x1b]8;;http://evil.example\x07link\x1b]8;;\x07",
    "bidi": "A harbour \u202etxt.exe\u202c and \u2067reversed\u2069 \u200f",
    "entity": "A harbour &lt;b&gt; &amp;amp; &#x3c;script&#x3e; &nbsp;",
    "slash": r"A harbour \x41 \u0041 \n \' \" \` of back\slashes",
}
NAMES = (
    "<img src=x onerror=alert(1)>.txt",
    "${alert(1)} {{x}}.txt",
    'quote" onclick="alert(1).txt',
    "photo\u202egpj.txt",
    "-rf & ; $(touch x).txt",
    "javascript:alert(1).txt",
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Serve a library made of hostile texts under hostile names."""
    home = tmp_path_factory.mktemp("home")
    texts = [f"{text} about{kind}." for kind, text in PARAGRAPHS.items()]
    docs = write_files(
        home / "docs",
        {name: "\n\n".join(texts[i :: len(NAMES)]) for i, name in enumerate(NAMES)},
    )
    with serving_here(home / "library", docs) as address:
        yield address, docs


def test_hostile_passages_are_shown_as_they_stand(
    browse: Callable[..., Page], hostile: tuple[str, Path]
) -> None:
    page = browse(hostile[0], viewport=WIDE)
    for kind, text in PARAGRAPHS.items():
        ask(page, f'"about{kind}"')
        turn = page.locator(".turn").last
        assert turn.locator(".quotes > blockquote").first.text_content() == f"{text} about{kind}."
        for tag in ("script", "img", "iframe", "form", "link", "style", "input"):
            assert page.locator(f"#conversation {tag}").count() == 0, kind
        turn.locator(".card .citation").first.click()
        expect(page.locator(".reader .cited")).to_contain_text(f"about{kind}.")
        for tag in ("script", "img", "iframe", "form", "link", "style"):
            assert page.locator(f"#reader .text {tag}").count() == 0, kind
        page.keyboard.press("Escape")
        expect(page.locator(".reader .cited")).to_be_hidden()


def test_hostile_names_are_shown_as_they_stand(
    browse: Callable[..., Page], hostile: tuple[str, Path], accessible: Callable[[Page], None]
) -> None:
    address, _ = hostile
    page = browse(address, viewport=WIDE)
    expect(page.locator("#documents .document")).to_have_count(len(NAMES))
    names = page.locator("#documents .document .name").evaluate_all(
        "all => all.map(e => e.textContent)"
    )
    assert sorted(names) == sorted(NAMES)
    accessible(page)
    for name in NAMES:
        page.locator("#documents .document", has_text=name).first.click()
        expect(page.locator(".reader h2 bdi")).to_have_text(name)
        page.keyboard.press("Escape")
    sent = {
        "../../../tmp/x.txt": "tmp/x~",
        "..\\..\\windows\\x.txt": "windows/x~",
        "/etc/passwd.txt": "etc/passwd~",
        "a/./../b.txt": "a/b~",
        "nul\x00l.txt": "null~",
        "C:\\x.txt": "C-/x~",
        "evil\u202etxt.exe.txt": "eviltxt.exe~",
        "<b>${alert(1)}.txt": "<b>${alert(1)}.txt",
    }
    with httpx.Client(base_url=address) as client:
        for n, name in enumerate(sent):
            client.put("/page/files", params={"name": name}, content=f"Harbour number {n}.")
    page.reload()
    page.wait_for_selector("body.ready")
    rows = httpx.get(f"{address}/page/documents/rows").json()
    assert len(rows["names"]) == len(NAMES) + len(sent)
    for begin in sent.values():
        [name] = [name for name in rows["names"] if name.startswith(begin)]
        page.fill("#find", name)
        expect(page.locator("#documents .document")).to_have_count(1)
        expect(page.locator("#documents .document .name")).to_have_text(name.rpartition("/")[2])


@pytest.mark.parametrize(
    "question",
    [
        "<img src=x onerror=alert(1)> ${alert(1)} {{value}} $$x$$ **b** \\x harbour",
        '"<script>alert(1)</script>" -<b> document:"<img src=x onerror=alert(1)>" harbour',
        "harbour \u202ereversed\u202c ' \" ` \x1b[31m",
    ],
)
def test_what_a_person_types_is_shown_as_typed(
    browse: Callable[..., Page], hostile: tuple[str, Path], question: str
) -> None:
    page = browse(hostile[0])
    ask(page, question)
    assert page.locator(".turn h2").evaluate("e => e.textContent") == question
    for tag in ("script", "img", "b"):
        assert page.locator(f"#conversation {tag}").count() == 0
    page.reload()  # from the history in the browser
    page.wait_for_selector("body.ready")
    assert page.locator("#conversation img").count() == 0


@pytest.mark.slow
def test_a_hostile_link_is_only_a_question(
    browse: Callable[..., Page], hostile: tuple[str, Path]
) -> None:
    page = browse(f"{hostile[0]}/?q=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&with=%3Cscript%3E")
    expect(page.locator(".turn h2")).to_have_text("<img src=x onerror=alert(1)>")
    assert page.locator("#conversation :is(img, script)").count() == 0


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve files of every format under hostile names, some of which cannot be read."""
    home = tmp_path_factory.mktemp("home")
    files = {name: data for name, (_, data) in hostile_files().items()}
    files |= {f"{stem} broken.pdf": b"%PDF-1.7 nothing else" for stem in STEMS[:3]}
    docs = write_files(home / "docs", files)
    with serving_here(home / "library", docs) as address:
        yield address


def handlers(page: Page) -> list[str]:
    """Return the attributes of the page that are handlers, or none that the page draws."""
    names = page.evaluate(
        """() => [...document.querySelectorAll('#conversation *, #reader *, #shelf *, #toasts *')]
             .flatMap((one) => one.getAttributeNames())"""
    )
    ours = re.compile(
        r"(aria|data)-[a-z]+|class|title|dir|role|tabindex|type|hidden|style|href|src|alt|id"
        r"|placeholder|disabled|open|target|rel|width|height|inputmode|size|maxlength"
        r"|list|name|value|download"
    )
    return sorted({name for name in names if not ours.fullmatch(name)})


def elements(page: Page, place: str) -> set[str]:
    """Return the names of a place's elements."""
    return set(
        page.locator(f"{place} *").evaluate_all("all => all.map((e) => e.tagName.toLowerCase())")
    )


ELEMENTS = set(
    "article header h2 p div button span svg use strong blockquote mark bdi dl dt dd details "
    "summary form section nav ol li input a i label".split()
)


@pytest.mark.slow
def test_the_pictures_of_pdfs_with_hostile_names_run_nothing(
    browse: Callable[..., Page], archive: str
) -> None:
    page = browse(archive, viewport=WIDE)
    drawn = "e => new Promise((done) => e.complete && e.src ? done(e.naturalWidth) "
    drawn += ": e.addEventListener('load', () => done(e.naturalWidth)))"
    for name in [f"{stem}.pdf" for stem in STEMS]:
        word, _ = hostile_files()[name]
        ask(page, f'"{word}"')
        page.locator(".turn").last.locator(".strong .citation").first.click()
        label = of_language("en").say("page_image", page=1, name=name)
        sheet = page.locator("#reader .sheet")
        expect(sheet).to_have_attribute("alt", label)
        assert text_of(page, ".reader h2 bdi") == name
        assert sheet.evaluate(drawn) > 100  # so it was loaded, and shown
        assert set(sheet.evaluate("e => e.getAttributeNames()")) == {
            "class", "alt", "src", "width", "height",
        }  # fmt: skip
        page.locator("#reader .outlined").click()
        expect(page.locator("#reader .outline button")).not_to_have_count(0)
        assert handlers(page) == []
        assert elements(page, "#reader") <= ELEMENTS | {"img"}
        page.keyboard.press("Escape")
        expect(sheet).to_be_hidden()


@pytest.mark.parametrize(
    "kind",
    [
        kind if kind in ("html", "docx") else pytest.param(kind, marks=pytest.mark.slow)
        for kind in KINDS
        if kind != "pdf"
    ],
)
def test_files_of_every_format_show_their_names_and_run_nothing(
    browse: Callable[..., Page], archive: str, kind: str
) -> None:
    page = browse(archive, viewport=WIDE)
    chosen = {n: word for n, (word, _) in hostile_files().items() if n.endswith(f".{kind}")}
    assert len(chosen) == 3
    for name, word in chosen.items():
        ask(page, f'"{word}"')
        turn = page.locator(".turn").last
        assert turn.locator(".citation bdi.document").first.text_content() == name
        label = of_language("en").say("open", document=name)
        assert turn.locator(".citation").first.get_attribute("title") == label
        turn.locator(".explain").first.click()
        turn.locator(".more").first.click()
        # By the key: the paragraph that is on its way moves the button from under a pointer.
        turn.locator(".citation").first.press("Enter")
        expect(page.locator(".reader .cited")).to_be_visible()
        assert text_of(page, ".reader h2 bdi") == name
        assert handlers(page) == []
        assert elements(page, "#conversation") | elements(page, "#reader") <= ELEMENTS
        page.keyboard.press("Escape")


def test_hostile_names_are_shown_in_every_state(browse: Callable[..., Page], archive: str) -> None:
    page = browse(archive, viewport=WIDE, locale="ar", accept_downloads=True)
    words = of_language("ar")
    name = f"{STEMS[0]}.pdf"
    word, _ = hostile_files()[name]
    page.locator(".unread-line").click()
    page.locator("#unread summary").first.click()
    assert sorted(page.locator("#unread li bdi").all_text_contents()) == sorted(
        f"{stem} broken.pdf" for stem in STEMS[:3]
    )
    page.locator("#unread .close").click()
    ask(page, f'"{word}" document:"{STEMS[0]}"')
    ask(page, f'"{word}"')
    card = page.locator(".turn").last.locator(".card").first
    card.locator(".keep").click()
    card.locator(".judge").first.click()
    for form in ("markdown", "docx", "csv", "bibtex", "csl", "json"):
        page.locator("#bar .export summary").click()
        with page.expect_download():
            page.locator(f"[data-format={form}]").click()
    card.evaluate("e => { e.dataset.sha = '0'.repeat(64); }")  # as when the file has changed
    card.locator(".citation").click()
    expect(page.locator("#reader .notice")).to_have_text(words.say("changed"))
    assert text_of(page, ".reader h2 bdi") == name
    page.keyboard.press("Escape")
    page.fill("#find", name)
    row = page.locator("#documents li", has=page.locator(".name", has_text=name))
    row.hover()
    row.locator(".remove").click()
    removed = page.locator("#toasts div", has_text="onload")
    expect(removed).to_contain_text(words.say("removed", document=name))
    assert handlers(page) == []
    assert elements(page, "#toasts") <= {"div", "span", "button"}
    removed.locator("button").click()
    expect(row).to_be_visible()


def test_hostile_names_of_files_that_are_sent_are_shown_as_they_stand(
    browse: Callable[..., Page], archive: str
) -> None:
    page = browse(archive, viewport=WIDE)
    sent = [stem for stem in STEMS if stem.isprintable() and ":" not in stem]  # kept as they are
    page.evaluate(
        """(names) => {
          const transfer = new DataTransfer();
          for (const name of names) {
            transfer.items.add(new File(['Seven ships sank.'], `${name}.txt`));
            transfer.items.add(new File([' '], `${name}.gif`));
            transfer.items.add(new File([' '], `${name}, empty.txt`));
          }
          document.body.dispatchEvent(new DragEvent('drop',
            {dataTransfer: transfer, bubbles: true, cancelable: true}));
        }""",
        sent,
    )
    expect(page.locator("#adding .done")).to_have_count(len(sent), timeout=60_000)
    expect(page.locator("#adding .refused")).to_have_count(2 * len(sent), timeout=60_000)
    shown = page.locator("#adding li.done bdi").all_text_contents()
    assert sorted(shown) == sorted(f"{stem}.txt" for stem in sent)
    refused = page.locator("#adding li.refused bdi").all_text_contents()
    assert sorted(refused) == sorted(
        f"{stem}{end}" for stem in sent for end in (".gif", ", empty.txt")
    )
    assert handlers(page) == []
    assert elements(page, "#adding") <= set(
        "div span i button ul li bdi svg use dl dt dd p".split()
    )
