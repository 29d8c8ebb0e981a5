"""Hostile documents, names and questions in a real browser: shown as they stand, nothing runs.

Any page error, console error, dialog or request off this machine fails a test (see `browse`).
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from page_support import WIDE, ask, serving, text_of
from playwright.sync_api import Page, expect
from tests_support import write_files

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
    options = ("--library", str(home / "library"), "--model", "hashing")
    with serving(home, str(docs), *options) as address:
        yield address, docs


@pytest.mark.parametrize("kind", PARAGRAPHS)
def test_a_hostile_passage_is_shown_as_it_stands(
    browse: Callable[..., Page], hostile: tuple[str, Path], kind: str
) -> None:
    page = browse(hostile[0], viewport=WIDE)
    ask(page, f'"about{kind}"')
    assert text_of(page, ".quotes > blockquote") == f"{PARAGRAPHS[kind]} about{kind}."
    for tag in ("script", "img", "iframe", "form", "link", "style", "input"):
        assert page.locator(f"#conversation {tag}").count() == 0
    page.locator(".card .citation").first.click()
    expect(page.locator(".reader .cited")).to_be_visible()
    for tag in ("script", "img", "iframe", "form", "link", "style"):
        assert page.locator(f"#reader {tag}").count() == 0


def test_hostile_names_are_shown_as_they_stand(
    browse: Callable[..., Page], hostile: tuple[str, Path], accessible: Callable[[Page], None]
) -> None:
    address, _ = hostile
    page = browse(address, viewport=WIDE)
    expect(page.locator("#documents .document")).to_have_count(len(NAMES))
    names = page.locator("#documents .document bdi").evaluate_all(
        "all => all.map(e => e.textContent)"
    )
    assert sorted(names) == sorted(NAMES)
    accessible(page)
    for name in NAMES:
        page.locator("#documents .document", has_text=name).first.click()
        expect(page.locator(".reader h2 bdi")).to_have_text(name)
        page.keyboard.press("Escape")
    sent = {
        "../../../tmp/x.txt": "tmp/x.txt",
        "..\\..\\windows\\x.txt": "windows/x.txt",
        "/etc/passwd.txt": "etc/passwd.txt",
        "a/./../b.txt": "a/b.txt",
        "nul\x00l.txt": "null.txt",
        "C:\\x.txt": "C-/x.txt",
        "evil\u202etxt.exe.txt": "eviltxt.exe.txt",
        "<b>${alert(1)}.txt": "<b>${alert(1)}.txt",
    }
    with httpx.Client(base_url=address) as client:
        for n, name in enumerate(sent):
            client.put("/page/files", params={"name": name}, content=f"Harbour number {n}.")
    page.reload()
    page.wait_for_selector("body.ready")
    expect(page.locator("#documents .document")).to_have_count(len(NAMES) + len(sent))
    drawn = page.locator("#documents .document bdi").evaluate_all(
        "all => all.map(e => e.textContent)"
    )
    assert set(sent.values()) <= set(drawn)


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


def test_a_hostile_link_is_only_a_question(
    browse: Callable[..., Page], hostile: tuple[str, Path]
) -> None:
    page = browse(f"{hostile[0]}/?q=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&with=%3Cscript%3E")
    expect(page.locator(".turn h2")).to_have_text("<img src=x onerror=alert(1)>")
    assert page.locator("#conversation :is(img, script)").count() == 0
