"""What of a page is seen, at once or after a click; what is a menu, and what only sounds so."""

import pytest

from rag.formats.dispatch import extract

WORDS = "The harbour was built when the river still ran by the walls of the old town. " * 3


def read(body: str) -> list[str]:
    """Return the blocks of a page after a paragraph that makes it a page."""
    page = f"<html><body><p>{WORDS}</p>{body}</body></html>"
    found = extract("a.html", page.encode())
    blocks = [found.text[block.start : block.end] for block in found.blocks]
    assert blocks[0] == WORDS.strip()
    return blocks[1:]


@pytest.mark.parametrize(
    "page",
    [
        "<h3><button aria-expanded=false aria-controls=p1>Parking?</button></h3>"
        "<div id=p1 hidden><p>On the meadow.</p></div>",
        "<h3><button data-bs-toggle=collapse data-bs-target='#p1'>Parking?</button></h3>"
        "<div id=p1 class='accordion-collapse collapse' style='display:none'>On the meadow.</div>",
        "<button aria-controls=p1>Parking?</button><div id=p1 hidden>On the meadow.</div>",
        "<details><summary>Parking?</summary><p>On the meadow.</p></details>",
        "<dl><dt><button aria-expanded=false>Parking?</button></dt><dd hidden>On the meadow.</dd>"
        "</dl>",
        "<div role=tablist><a role=tab href='#p1'>Parking?</a></div>"
        "<div role=tabpanel id=p1 style='display: none'>On the meadow.</div>",
        "<ul class='nav nav-tabs'><li><a data-toggle=tab href='#p1'>Parking?</a></li></ul>"
        "<div class=tab-content><div class=tab-pane id=p1>On the meadow.</div></div>",
    ],
)
def test_a_question_is_read_with_the_answer_that_a_click_opens(page: str) -> None:
    assert read(page) == ["Parking?\nOn the meadow."]


@pytest.mark.parametrize(
    "page",
    [
        "<p onclick='t(\"x\")'>Parking</p><div id=x style='display:none'>On the meadow.</div>",
        "<a href='#x'>Parking</a><p id=x hidden>On the meadow.</p>",
        "<a href='javascript:show(\"x\")'>Parking</a><p></p><p id=x hidden>On the meadow.</p>",
        "<p>Parking</p><p hidden=until-found>On the meadow.</p>",
        "<div class=faq><p>Parking</p><p style='display: none'>On the meadow.</p></div>",
        "<div>Parking</div><div class=answer style='display: none'>On the meadow.</div>",
        "<h3 class=toggle>Parking</h3><p hidden>On the meadow.</p>",
        "<p>Parking</p><a data-bs-target='#x'></a><div role=dialog id=x><p>On the meadow.</p>"
        "<button>Close</button></div>",
    ],
)
def test_what_may_be_opened_is_read(page: str) -> None:
    assert read(page) == ["Parking", "On the meadow."]


@pytest.mark.parametrize(
    "page",
    [
        "<p style='display:none'>secret</p>",
        "<p hidden>secret</p>",
        "<p style='visibility: hidden'>secret</p>",
        "<template><p>secret</p></template><noscript>secret</noscript>",
        "<span class=sr-only>secret</span>",
        "<i class='icon fa' aria-hidden=true>secret</i><span class=material-icons>secret</span>",
        "<h4><p></p></h4><p hidden>secret</p><button>secret</button>",
        "<form><input type=hidden value=secret><input type=submit value=secret>"
        "<input type=password value=secret></form>",
    ],
)
def test_what_nobody_can_see_is_not_read(page: str) -> None:
    assert read(page) == []


def test_forms_are_read_as_they_are_shown() -> None:
    page = (
        "<form><p>Permits are issued on Tuesdays.</p><p><label>Name</label><input value='Ada'></p>"
        "<p><label for=c>Country</label></p><p><select id=c><option>Norway<option selected>Sweden"
        "</select></p><p><label><input type=checkbox checked> Ice class</label></p>"
        "<table><tr><td>Beam<td><input value='3 m'><tr><td>Length<td><input value='12 m'></table>"
        "<input type=search name=q><button>Go</button></form>"
    )
    assert read(page) == [
        "Permits are issued on Tuesdays.", "Name: Ada", "Country: Sweden", "☑ Ice class",
        "Beam | 3 m\nLength | 12 m",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("page", "texts"),
    [
        ("<section id=share-capital><h2>Shares</h2><p>Two.</p></section>", ["Shares", "Two."]),
        ("<div class=menu><h3>Lunch</h3><p>Soup, 4 euros</p></div>", ["Lunch", "Soup, 4 euros"]),
        ("<ul class=menu><li>Soup<li>Fish of the day</ul>", ["Soup\nFish of the day"]),
        ("<p class=share>Each share is 20 pounds.</p>", ["Each share is 20 pounds."]),
        ("<table class=social><tr><th>Zone<th>Fee<tr><td>A<td>3</table>", ["Zone | Fee\nA | 3"]),
        ("<div id=cookies><h2>Cookies</h2><p>One is set.</p></div>", ["Cookies", "One is set."]),
        ("<section id=related-work><h2>Related work</h2><p>Others, <a href=x>as A</a>, differ "
         "in their aims.</p></section>", ["Related work", "Others, as A, differ in their aims."]),
        ("<div id=toc-notes>The notes are of 1900.</div>", ["The notes are of 1900."]),
        ("<div id=footer-note>Closed in May</div>", ["Closed in May"]),
        ("<aside><p>The bridge is closed.</p></aside>", ["The bridge is closed."]),
        ("<footer>Open daily, call 555 1234. <a href=x>Map</a></footer>",
         ["Open daily, call 555 1234. Map"]),
        ("<section id=newsletter-2024><h2>News</h2><p>A bear came.</p></section>",
         ["News", "A bear came."]),
    ],
)  # fmt: skip
def test_nothing_is_dropped_for_a_word_in_its_name(page: str, texts: list[str]) -> None:
    assert read(page) == texts


@pytest.mark.parametrize(
    "page",
    [
        "<div class=menu><a href=a>One</a> <a href=b>Two</a></div>",
        "<div class=related><h3>Related</h3><ul><li><a href=a>One<li><a href=b>Two</ul></div>",
        "<div class=cookie-banner><p>We use cookies. <a href=p>Why</a></p><button>Accept</button>"
        "</div>",
        "<div class=newsletter><form>E-mail <input name=e><button>Subscribe</button></form></div>",
        "<div class=breadcrumbs><a href=/>Home</a> &gt; <a href=/x>Docs</a> &gt; Page</div>",
        "<form><label>Search</label><input name=q><button>Go</button></form>",
        "<div role=dialog><p>Stay in touch!</p><button>No</button></div>",
        "<aside><ul><li><a href=a>One thing</a></ul></aside>",
        "<footer>© 2024 The Harbour Board. All rights reserved. <a href=x>Imprint</a></footer>",
        "<header>The Harbour Board <a href=x>Home</a> <a href=y>All the news</a></header>",
    ],
)
def test_menus_and_banners_are_still_left_out(page: str) -> None:
    assert read(page) == []
