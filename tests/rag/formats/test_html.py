"""Web pages: the main text without the menus, and never less than there is."""

import time

import pytest

from rag.errors import UnreadableFileError
from rag.formats.dispatch import extract
from rag.text.paragraphs import paragraphs
from vector_store.records import context_of

MENU = "<ul>" + "".join(f'<li><a href="/{n}">Menu item {n}</a></li>' for n in range(9)) + "</ul>"
WORDS = "The harbour was built when the river still ran by the walls of the old town. " * 3


def read(page: str | bytes) -> list[tuple[tuple[str, ...], str]]:
    data = page if isinstance(page, bytes) else page.encode()
    found = extract("a.html", data)
    kept = paragraphs(found.text, found.blocks, places=found.places)
    return [(context_of((), p.headings, p.columns), found.text[p.start : p.end]) for p in kept]


@pytest.mark.parametrize(
    "page",
    [
        f"<nav>{MENU}</nav><p>{WORDS}</p><footer>Imprint</footer>",
        f"<header>Logo {MENU}</header><p>{WORDS}</p>",
        f"<div class='sidebar'>Aside</div><p>{WORDS}</p><div id='cookie-consent'>Accept?</div>",
        f"{MENU}<p>{WORDS}</p>",
        f"<div role='navigation'>Go</div><main><p>{WORDS}</p></main><p>Elsewhere</p>",
        f"<p>{WORDS}</p><div hidden>Not seen</div><p style='display: none'>Nor this</p>",
        f"<p>{WORDS}</p><script>var x = 'code';</script><style>p {{}}</style><button>Go</button>",
    ],
)
def test_what_is_no_matter_of_the_page_is_left_out(page: str) -> None:
    assert read(f"<html><body>{page}</body></html>") == [((), WORDS.strip())]


@pytest.mark.parametrize(
    "page",
    [
        f"<nav>{MENU}</nav>",
        "<nav><p>All that there is stands in an element for menus.</p></nav><p>A word.</p>",
        f"<main></main><p>{WORDS}</p>",
        f"<article>Short.</article><p>{WORDS}</p>",
    ],
)
def test_a_page_of_which_little_would_be_left_is_read_whole(page: str) -> None:
    texts = " ".join(text for _, text in read(page))
    assert "Menu item 8" in texts or "All that there is" in texts or WORDS.strip() in texts


def test_headings_lists_tables_and_line_breaks() -> None:
    page = """<title>Page</title><h1>Top<a class="headerlink">¶</a></h1><p>One<br>two
      three&nbsp;four&mdash;<b>bold</b>.</p><h2>Below</h2><ol><li>a</li><li>b<ul><li>c</li></ul>
      </li></ol><table><tr><th>Name<th>Age<tr><td>Ada<td>36</table><pre>x = 1
    y</pre>loose text<div>block</div>"""
    assert extract("a.html", page.encode()).title == "Page"
    assert read(page) == [
        (("Top",), "One\ntwo three four—bold."),
        (("Top", "Below"), "1. a\n2. b\nc"),
        (("Top", "Below"), "Name | Age\nAda | 36"),
        (("Top", "Below"), "x = 1\n    y"),
        (("Top", "Below"), "loose text"),
        (("Top", "Below"), "block"),
    ]


def test_a_long_table_is_cited_row_by_row_under_its_header() -> None:
    rows = "".join(f"<tr><td>City {n}</td><td>{'people ' * 5}{n}</td></tr>" for n in range(40))
    found = read(f"<table><tr><th>City</th><th>Of note</th></tr>{rows}</table>")
    assert found[0] == ((), "City | Of note")
    assert found[8] == (("City | Of note",), "City 7 | people people people people people 7")


def test_a_long_list_of_terms_keeps_each_with_what_it_means() -> None:
    page = (
        f"<dl><dt>Port</dt><dd><p>Left.</p><p>{WORDS}</p></dd><dt>Bow</dt><dt>Stem</dt>"
        f"<dd>{WORDS * 5}<ul><li>one</li></ul></dd><dt>Keel</dt><dd><pre>beneath</pre></dd>"
        f"<dt>Mast</dt></dl><p>{WORDS}</p>"
    )
    assert [text for _, text in read(f"<html><body>{page}</body></html>")] == [
        "Port\nLeft.", WORDS.strip(), "Bow", f"Stem\n{(WORDS * 5).strip()}", "one", "Keel",
        "beneath", "Mast", WORDS.strip(),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("<meta charset='windows-1251'><p>Слова</p>".encode("cp1251"), "Слова"),
        ('<?xml version="1.0" encoding="iso-8859-1"?><p>Café</p>'.encode("latin-1"), "Café"),
        ("<p>Слова</p>".encode("utf-16"), "Слова"),
        ("<meta charset=iso-8859-1><p>“48 €” – …</p>".encode("cp1252"), "“48 €” – …"),
        ("<!-- <meta charset=koi8-r> --><meta charset=windows-1251><p>Слова</p>".encode("cp1251"),
         "Слова"),
        ("<meta charset='utf-16'><p>Grüße</p>".encode(), "Grüße"),
        ("<meta charset='nonsense'><p>Grüße</p>".encode(), "Grüße"),
    ],
)  # fmt: skip
def test_encodings_are_as_declared_or_as_found(data: bytes, text: str) -> None:
    assert read(data) == [((), text)]


def test_pages_of_nothing_are_refused() -> None:
    for page in ("", "   ", "<p></p>", "<!-- only a remark -->"):
        with pytest.raises(UnreadableFileError):
            extract("a.html", page.encode())


def test_deep_and_long_pages_are_read_in_little_time() -> None:
    started = time.process_time()  # of this process: no other can make it longer
    read("<ul><li>x" * 120 + "</ul>" * 120)
    read("<div class='menu'>" * 200 + "deep" + "</div>" * 200)
    read("<p>word</p>" * 20_000)
    assert time.process_time() - started < 30
