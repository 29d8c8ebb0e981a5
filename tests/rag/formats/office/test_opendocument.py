"""What an OpenDocument text shows: numbers, raised digits, notes, merged cells, what it hides."""

import io
import zipfile

from tests_files import odt, zipped

from rag.formats.dispatch import extract
from rag.text.paragraphs import paragraphs

SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "style", "text")
)


def read(body: str, styles: str = "") -> list[tuple[str, str]]:
    """Return each paragraph's place and text."""
    data = odt(body)
    if styles:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files: dict[str, str | bytes] = {
                name: archive.read(name) for name in archive.namelist()
            }
        part = f"<office:document-styles {SPACES}><office:styles>{styles}</office:styles>"
        data = zipped({**files, "styles.xml": f"{part}</office:document-styles>"})
    extracted = extract("a.odt", data)
    kept = paragraphs(extracted.text, extracted.blocks, places=extracted.places)
    return [(p.place, extracted.text[p.start : p.end]) for p in kept]


def texts(body: str, styles: str = "") -> list[str]:
    return [text for _, text in read(body, styles)]


def level(at: int, numbering: str, more: str = "", kind: str = "list-level-style-number") -> str:
    return f'<text:{kind} text:level="{at}" style:num-format="{numbering}" {more}/>'


def list_style(name: str, *levels: str) -> str:
    return f'<text:list-style style:name="{name}">{"".join(levels)}</text:list-style>'


def listed(*items: str, more: str = 'text:style-name="L"') -> str:
    return f"<text:list {more}>{''.join(items)}</text:list>"


def item(*inside: str, more: str = "") -> str:
    held = "".join(one if one.startswith("<") else f"<text:p>{one}</text:p>" for one in inside)
    return f"<text:list-item {more}>{held}</text:list-item>"


CLAUSES = list_style(
    "L",
    level(1, "1", 'style:num-suffix="."'),
    level(2, "1", 'text:display-levels="2"'),
    level(3, "a", 'style:num-prefix="(" style:num-suffix=")" text:start-value="3"'),
)


def test_items_have_the_numbers_that_are_drawn() -> None:
    inner = listed(item("It begins."), item("It ends.", listed(item("once"), more="")), more="")
    body = listed(item("Term", inner), item("Rent", listed(item("It is due."), more="")))
    assert texts(body, CLAUSES) == [
        "1. Term\n1.1 It begins.\n1.2 It ends.\n(c) once\n2. Rent\n2.1 It is due."
    ]


def test_lists_count_on_only_where_they_say_so() -> None:
    body = (
        listed(item("a"), item("b"), more='text:style-name="L" xml:id="x"')
        + "<text:p>Between.</text:p>"
        + listed(item("c"), more='text:style-name="L" text:continue-numbering="true"')
        + "<text:p>Between.</text:p>"
        + listed(item("d"), item("e", more='text:start-value="9"'))
        + "<text:p>Between.</text:p>"
        + listed(item("f"), more='text:style-name="L" text:continue-list="x"')
    )
    assert texts(body, CLAUSES)[::2] == ["1. a\n2. b", "3. c", "1. d\n9. e", "4. f"]


def test_headers_of_lists_bullets_and_lists_without_a_style_have_no_number() -> None:
    bullets = list_style("B", level(1, "", 'text:bullet-char="•"', "list-level-style-bullet"))
    header = "<text:list-header><text:p>Tasks</text:p></text:list-header>"
    body = (
        listed(header, item("a")) + "<text:p>x</text:p>" + listed(item("b"), more="")
        + "<text:p>y</text:p>" + listed(item("c"), more='text:style-name="B"')
    )  # fmt: skip
    assert texts(body, CLAUSES + bullets) == ["Tasks\n1. a", "x", "b", "y", "c"]


def test_headings_are_numbered_by_the_outline() -> None:
    outline = (
        '<text:outline-style style:name="Outline">'
        + level(1, "I", 'style:num-suffix="."', "outline-level-style")
        + level(2, "1", 'loext:num-list-format="§%1%/%2%" xmlns:loext="lo"', "outline-level-style")
        + "</text:outline-style>"
    )
    body = (
        '<text:h text:outline-level="1">Rent</text:h><text:p>A.</text:p>'
        '<text:h text:outline-level="2">Due</text:h><text:p>B.</text:p>'
        '<text:h text:outline-level="1" text:is-list-header="true">Annex</text:h>'
        "<text:p>C.</text:p>"
    )
    data = texts(body, outline)
    assert data == ["A.", "B.", "C."]
    found = read(body + '<text:h text:outline-level="1">Last</text:h>', outline)
    assert found[-1] == ("", "II. Last")


def test_raised_and_lowered_digits() -> None:
    styles = "".join(
        f'<style:style style:name="{name}" style:family="text">'
        f'<style:text-properties style:text-position="{position}"/></style:style>'
        for name, position in (("up", "super 58%"), ("high", "33% 80%"), ("low", "-25% 58%"))
    )
    span = '<text:span text:style-name="{}">{}</text:span>'.format
    body = f"<text:p>10{span('up', 6)} m{span('high', 2)} of H{span('low', 2)}O</text:p>"
    assert texts(body, styles) == ["10⁶ m² of H₂O"]


def test_notes_have_their_marks() -> None:
    note = (
        "<text:note><text:note-citation>3</text:note-citation><text:note-body>"
        "<text:p>By wind.</text:p></text:note-body></text:note>"
    )
    body = f"<text:p>Sunk in 1628{note} at sea.</text:p>"
    assert texts(body) == ["Sunk in 1628[3] at sea.", "[3] By wind."]


def test_hidden_text_is_said_to_be_hidden() -> None:
    styles = (
        '<style:style style:name="secret" style:family="text">'
        '<style:text-properties text:display="none"/></style:style>'
    )
    body = (
        '<text:section text:display="none"><text:p>All of it.</text:p></text:section>'
        '<text:p>At ten.<text:span text:style-name="secret"> Or later?</text:span></text:p>'
        '<text:p>Odd<text:hidden-paragraph text:is-hidden="true"/></text:p>'
        "<text:p>To <text:placeholder>&lt;Name&gt;</text:placeholder></text:p>"
    )
    assert read(body, styles) == [
        ("hidden text", "All of it."), ("", "At ten."), ("hidden text", "Or later?"),
        ("hidden text", "Odd"), ("", "To"), ("empty field", "<Name>"),
    ]  # fmt: skip


def test_text_boxes_and_notes_are_quoted_once() -> None:
    note = "<text:note><text:note-body><text:p>A note.</text:p></text:note-body></text:note>"
    box = (
        f"<draw:frame><draw:text-box><text:p>In a box.{note}</text:p></draw:text-box></draw:frame>"
    )
    drawn = "<draw:custom-shape><text:p>In a shape.</text:p></draw:custom-shape>"
    body = f"<text:p>Outside.<draw:frame>{box}</draw:frame>{drawn}</text:p>"
    assert texts(body) == ["Outside.", "In a box.", "A note.", "In a shape."]


def test_readings_above_words_follow_them() -> None:
    ruby = (
        "<text:ruby><text:ruby-base>東京</text:ruby-base><text:ruby-text>とうきょう</text:ruby-text>"
        "</text:ruby>"
    )
    assert texts(f"<text:p>{ruby}の本社</text:p>") == ["東京（とうきょう）の本社"]


def test_merged_and_repeated_cells() -> None:
    def cell(text: str, more: str = "") -> str:
        return f"<table:table-cell {more}><text:p>{text}</text:p></table:table-cell>"

    covered = "<table:covered-table-cell/>"
    two_down, two_across = 'table:number-rows-spanned="2"', 'table:number-columns-spanned="2"'
    rows = [
        cell("Region", two_down) + cell("Sales", two_across) + covered,
        covered + cell("2023") + cell("2024"),
        cell("North", two_down) + cell("1") + cell("2"),
        covered + cell("none", two_across) + covered,
        cell("same", 'table:number-columns-repeated="3"'),
        cell("") + cell("", 'table:number-columns-repeated="99999999"'),
    ]
    table = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    assert texts(f"<table:table>{table}</table:table>")[0].splitlines()[1:] == [
        "Region | 2023 | 2024", "North | 1 | 2", "North | none", "same | same | same",
    ]  # fmt: skip


def test_a_lead_in_stays_with_its_list() -> None:
    body = (
        "<text:p>Take:</text:p>" + listed(item("a rope"), item("a lamp")) + "<text:p>Go.</text:p>"
    )
    assert texts(body, CLAUSES) == ["Take:\n1. a rope\n2. a lamp", "Go."]
