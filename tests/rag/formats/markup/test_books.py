"""Chapters, notes and labels of encodings in EPUB and FictionBook."""

import pytest
from tests_files import zipped

from rag.formats.dispatch import extract
from rag.text.paragraphs import paragraphs


def cited(name: str, data: bytes) -> list[tuple[str, str]]:
    """Return of each paragraph of a book its place and its text."""
    found = extract(name, data)
    kept = paragraphs(found.text, found.blocks, places=found.places)
    return [(p.place, found.text[p.start : p.end]) for p in kept]


def book(pages: dict[str, str], contents: str, *, ncx: str = "", linear: str = "yes") -> bytes:
    """Return a book of pages by name, with the list of its navigation, or an NCX's points."""
    items = "".join(
        f'<item id="{name}" href="{name}.xhtml" media-type="application/xhtml+xml"/>'
        for name in pages
    )
    spine = "".join(f'<itemref idref="{name}" linear="{linear}"/>' for name in pages)
    return zipped(
        {
            "META-INF/container.xml": '<container><rootfiles><rootfile full-path="OPS/book.opf"/>'
            "</rootfiles></container>",
            "OPS/book.opf": f'<package><manifest>{items}<item id="nav" properties="nav" '
            'href="n.xhtml" media-type="application/xhtml+xml"/><item id="ncx" href="toc.ncx" '
            f'media-type="application/x-dtbncx+xml"/></manifest><spine>{spine}</spine></package>',
            "OPS/n.xhtml": '<html xmlns:epub="http://www.idpf.org/2007/ops"><body>'
            f'<nav epub:type="toc"><ol>{contents}</ol></nav><nav epub:type="page-list"><ol>'
            '<li><a href="c1.xhtml#page7">7</a></li></ol></nav></body></html>',
            "OPS/toc.ncx": f"<ncx><navMap>{ncx}</navMap></ncx>",
            **{f"OPS/{n}.xhtml": f"<html><body>{body}</body></html>" for n, body in pages.items()},
        }
    )


ONE_FILE = (
    "<p>A Book of Ships, told by a pilot of the river for those who come after him.</p>"
    '<p class="t" id="a">The Marten</p><p>It sank in May<a id="page7"></a>.</p>'
    '<p>No man was lost.</p><p class="t"><a id="b"/>The Otter</p><p>It sank in June.</p>'
)


@pytest.mark.parametrize("is_ncx", [False, True])
def test_each_chapter_of_a_file_has_its_own_name(is_ncx: bool) -> None:
    targets = (("c1.xhtml#a", "The Marten"), ("c1.xhtml#b", "The Otter"))
    entries = "".join(f'<li><a href="{target}">{name}</a></li>' for target, name in targets)
    points = "".join(
        f'<navPoint><navLabel><text>{name}</text></navLabel><content src="{target}"/></navPoint>'
        for target, name in targets
    )
    made = book({"c1": ONE_FILE}, "" if is_ncx else entries, ncx=points if is_ncx else "")
    assert cited("b.epub", made) == [
        ("", "A Book of Ships, told by a pilot of the river for those who come after him."),
        ("chapter The Marten", "The Marten"),
        ("chapter The Marten", "It sank in May."),
        ("chapter The Marten", "No man was lost."),
        ("chapter The Otter", "The Otter"),
        ("chapter The Otter", "It sank in June."),
    ]


def test_levels_of_the_contents_stand_in_the_name() -> None:
    contents = (
        '<li><span>Part One</span><ol><li><a href="c1.xhtml">Ships</a><ol>'
        '<li><a href="c1.xhtml#s1">Old</a></li><li><a href="c1.xhtml#s2">New</a></li></ol></li>'
        '</ol></li><li><a href="c2.xhtml#x">Boats</a></li>'
    )
    page = "<h1>Ships</h1><p>All.</p><h2 id='s1'>Old</h2><p>One.</p><h2 id='s2'>New</h2><p>Two.</p>"
    made = book({"c1": page, "c2": "<p>Three.</p>"}, contents)
    found = extract("b.epub", made)
    kept = paragraphs(found.text, found.blocks, places=found.places)
    assert [(p.place, p.headings) for p in kept] == [
        ("chapter Part One > Ships", ("Ships",)),
        ("chapter Part One > Ships > Old", ("Ships", "Old")),
        ("chapter Part One > Ships > New", ("Ships", "New")),
        ("chapter Boats", ()),
    ]


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ('<p>One.</p><p>End. <a id="b"></a></p><p>Two.</p>', ["A", "A", "B"]),
        ('<p>One.</p><p>Mid <a id="b">dle</a>.</p><p>Two.</p>', ["A", "B", "B"]),
        ('<p>One.</p><h2><a id="b">B</a></h2><p>Two.</p>', ["A", "B"]),
        ('<p>One.</p><div><section id="b"><p>Two.</p></section></div>', ["A", "B"]),
        ('<p>One.</p><a name="b"></a><p>Two.</p>', ["A", "B"]),
        ('<p>One.</p><ul><li>x</li><li id="b">Two.</li></ul>', ["A", "A", "B"]),
    ],
)
def test_a_chapter_begins_at_its_anchor(body: str, places: list[str]) -> None:
    contents = '<li><a href="c1.xhtml">A</a></li><li><a href="c1.xhtml#b">B</a></li>'
    made = cited("b.epub", book({"c1": body}, contents))
    assert [place for place, _ in made] == [f"chapter {place}" for place in places]


def test_a_chapter_goes_on_in_files_that_the_contents_do_not_name() -> None:
    contents = '<li><a href="c1.xhtml">A</a></li><li><a href="c2.xhtml#b">B</a></li>'
    rest = "The rest of the chapter before, which is longer than any line over a title is."
    pages = {"c1": "<p>One.</p>", "c2": f'<p>{rest}</p><p id="b">Two.</p>'}
    assert cited("b.epub", book(pages, contents)) == [
        ("chapter A", "One."), ("chapter A", rest), ("chapter B", "Two."),
    ]  # fmt: skip


def test_notes_in_a_file_of_their_own_have_their_marks() -> None:
    pages = {
        "c1": '<p>Sunk in 1628<sup><a href="notes.xhtml#n1" id="r1">1</a></sup> and raised.</p>',
        "notes": '<p id="n1">Or 1629. <a href="c1.xhtml#r1">↩</a></p>',
    }
    contents = '<li><a href="c1.xhtml">One</a></li><li><a href="notes.xhtml">Notes</a></li>'
    assert cited("b.epub", book(pages, contents, linear="no")) == [
        ("chapter One", "Sunk in 1628 [1] and raised."), ("chapter Notes", "[1] Or 1629."),
    ]  # fmt: skip


def test_a_page_of_a_book_in_latin_1_is_read_as_windows_wrote_it() -> None:
    body = '<?xml version="1.0" encoding="iso-8859-1"?><html><body><p>“48 €” – …</p></body></html>'
    package = (
        '<package><manifest><item id="c" href="c.xhtml" media-type="application/xhtml+xml"/>'
        '</manifest><spine><itemref idref="c"/></spine></package>'
    )
    data = zipped({"book.opf": package, "c.xhtml": body.encode("cp1252")})
    assert cited("b.epub", data) == [("", "“48 €” – …")]


FB2 = '<FictionBook xmlns:l="http://www.w3.org/1999/xlink"><body>{}</body>{}</FictionBook>'


def test_fictionbook_sets_digits_notes_and_deleted_text_apart() -> None:
    text = FB2.format(
        '<section><title><p>One</p></title><p>In 1628<a l:href="#n1" type="note">1</a>, '
        "10<sup>6</sup> H<sub>2</sub>O, <strikethrough>9</strikethrough> 11.</p></section>",
        '<body name="notes"><section id="n1"><title><p>1</p></title><p>Or 1629.</p></section>'
        "</body>",
    )
    assert cited("b.fb2", text.encode()) == [
        ("chapter One", "In 1628 [1], 10⁶ H₂O, [deleted: 9] 11."), ("chapter One", "[1] Or 1629."),
    ]  # fmt: skip


def test_fictionbook_tables_and_encodings() -> None:
    table = (
        '<table><tr><th>Place</th><th>Fee</th></tr><tr><td rowspan="2">Pool</td><td>7 €</td></tr>'
        "<tr><td>9 €</td></tr></table>"
    )
    text = '<?xml version="1.0" encoding="iso-8859-1"?>' + FB2.format(table, "")
    assert cited("b.fb2", text.encode("cp1252")) == [("", "Place | Fee\nPool | 7 €\nPool | 9 €")]
