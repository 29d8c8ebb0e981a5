"""The numbers of lists and the cells of tables, as a browser draws them."""

import pytest

from rag.formats.dispatch import extract
from rag.formats.markup.tables import Cell, Grid, Row


def read(body: str) -> list[str]:
    found = extract("a.html", f"<html><body>{body}</body></html>".encode())
    return [found.text[block.start : block.end] for block in found.blocks]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<ol start='7'><li>Close the door.</li><li>Go.</li></ol>", "7. Close the door.\n8. Go."),
        ("<ol type='a'><li>x<li>y</ol>", "a. x\nb. y"),
        ("<ol type='I' start='4'><li>x</ol>", "IV. x"),
        ("<ol style='list-style-type: lower-roman'><li>x<li>y</ol>", "i. x\nii. y"),
        ("<ol reversed><li>x<li>y<li>z</ol>", "3. x\n2. y\n1. z"),
        ("<ol><li>x<li value='5'>y<li>z</ol>", "1. x\n5. y\n6. z"),
        ("<ol><li>x<ol type='a'><li>y<li>z</ol><li>w</ol>", "1. x\na. y\nb. z\n2. w"),
        ("<ol><li>x<ul><li>y</ul><li>z</ol>", "1. x\ny\n2. z"),
        ("<ol style='list-style: none'><li>x<li>y</ol>", "x\ny"),
        ("<ul style='list-style: decimal'><li>x<li>y</ul>", "1. x\n2. y"),
        ("<ol><li><p>One</p><p>more</p><li><h4>Two</h4></ol>", "1. One\nmore\n2. Two"),
        ("<ol><li style='display: none'>x<li>y</ol>", "1. y"),
        ("<ol start='x'><li value=''>y</ol>", "1. y"),
    ],
)
def test_items_begin_with_their_number(html: str, text: str) -> None:
    assert read(html) == [text]


def test_a_long_list_is_cited_item_by_item_with_numbers() -> None:
    words = "word " * 150
    page = f"<ol start='9'><li><p>{words}</p><p>More.</p></li><li>{words}</li></ol>"
    assert read(page) == [f"9. {words.strip()}", "More.", f"10. {words.strip()}"]


def test_style_sheets_of_the_page_name_numberings() -> None:
    page = (
        "<style>/* a */ ol.alpha, .b { list-style-type: lower-alpha } #toc { list-style: none }"
        "</style><ol class='alpha'><li>x</ol><ol id='toc'><li>y</ol><ol><li>z</ol>"
    )
    assert read(page) == ["a. x", "y", "1. z"]


HOURS = (
    "<table><thead><tr><th rowspan='2'>Room</th><th colspan='2'>Hours</th></tr>"
    "<tr><th>Summer</th><th>Winter</th></tr></thead><tbody><tr><td rowspan='2'>Hall</td>"
    "<td>8-20</td><td>9-17</td></tr><tr><td colspan='2'>closed</td></tr></tbody></table>"
)


def test_a_cell_stands_in_all_rows_and_columns_that_it_spans() -> None:
    assert read(HOURS) == [
        "Room | Hours\nRoom | Summer | Winter\nHall | 8-20 | 9-17\nHall | closed | closed"
    ]


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("<tr><th>Place<th>Day<th>Fee<tr><td rowspan=0>Pool<td>Sat<td>7<tr><td>Sun<td>9",
         ["Place | Day | Fee", "Pool | Sat | 7", "Pool | Sun | 9"]),
        ("<tr><th>A<th>B<tr><td>1<td>2<tr><td colspan=9>Group<tr><td>3<td>4",
         ["A | B", "1 | 2", "Group", "3 | 4"]),
        ("<tr><th>A<th>B<tr><td rowspan=3>x<tr><td>1<tr><td>2", ["A | B", "x | 1", "x | 2"]),
        ("<tr><th>A<th>B<tfoot><tr><td>Sum<td>3</tfoot><tbody><tr><td>x<td>3",
         ["A | B", "x | 3", "Sum | 3"]),
        ("<tr><th scope=row>Fee<td>10", ["Fee | 10"]),
        ("<tr><th>A<th>B<tr><td>x<td><ul><li>one<li>two</ul>", ["A | B", "x | one; two"]),
        ("<tr><form><td>a<td>b</form><tr><td>c<td>d", ["a | b", "c | d"]),
    ],
)  # fmt: skip
def test_rows_of_tables(html: str, lines: list[str]) -> None:
    assert read(f"<table>{html}</table>") == ["\n".join(lines)]


def test_titles_of_a_table_stand_before_it() -> None:
    page = (
        "<table><caption>Fees</caption><tr><th colspan=2>In euros<tr><th>A<th>B<tr><td>1<td>2"
        "</table>"
    )
    assert read(page) == ["Fees", "In euros", "A | B\n1 | 2"]


def test_tables_for_the_layout_are_read_as_blocks() -> None:
    page = (
        "<table><tr><td><p>Left.</p><p>More.</p></td><td><h2>Right</h2></td></tr><tr><td>a<td>b"
        "</table><table><tr><td><div>One</div><tr><td>Two</table>"
    )
    assert read(page) == ["Left.", "More.", "Right", "a", "b", "One", "Two"]
    assert read("<table><tr><td><table><tr><td>x<td>y<tr><td>1<td>2</table></table>") == [
        "x | y\n1 | 2"
    ]


@pytest.mark.parametrize(
    ("rows", "headers"),
    [
        ([[Cell("A", is_header=True), Cell("B", is_header=True)], [Cell("1"), Cell("2")]], 1),
        ([[Cell("A", is_header=True), Cell("1")], [Cell("B", is_header=True), Cell("2")]], 0),
        ([[Cell("A"), Cell("B")], [Cell("1"), Cell("2")]], None),
        ([[Cell(""), Cell("B", is_header=True)], [Cell("1", is_header=True), Cell("2")]], 1),
    ],
)
def test_header_rows_are_those_that_the_markup_marks(
    rows: list[list[Cell]], headers: int | None
) -> None:
    assert Grid.of([Row(cells) for cells in rows]).headers == headers


def test_spans_made_to_be_large_are_not_spread() -> None:
    first = Row([Cell("x", rows=65_534) for _ in range(300)])
    rows = [first, *(Row([Cell("y", columns=1_000), Cell("z")]) for _ in range(3_000))]
    grid = Grid.of(rows)
    assert sum(map(len, grid.rows)) < 10_000 + 8 * 6_300
