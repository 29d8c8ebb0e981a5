"""Workbooks (.xlsx): the shown text of cells, merged cells, and what is hidden."""

import io
import zipfile

import pytest
from spreadsheet_files import Rows, rows_of
from tests_files import relations, zipped
from workbook_support import formatted_xlsx, number, row, text

from rag.errors import UnreadableFileError
from rag.formats.dispatch import extract


def read(xml: str, *formats: str | int) -> Rows:
    return rows_of(extract("a.xlsx", formatted_xlsx({"S": xml}, formats)))


def test_cells_are_read_as_their_number_formats_show_them() -> None:
    formats = ("0.0%", '"CHF" #,##0.00', '"A-"00000', "dd.mm.yyyy", "[h]:mm", 14, ";;;")
    cells = [
        number(n, style) for style, n in enumerate([0.075, 12500.5, 42, 45748, 1.25, 45748], 1)
    ]
    xml = f"<sheetData>{row(1, *cells, number(7, 7), number(8.5), text('x', 1))}</sheetData>"
    assert read(xml, *formats) == [
        (
            "sheet S, row 1",
            "7.5% | CHF 12,500.50 | A-00042 | 01.04.2025 | 30:00 | 2025-04-01 | | 8.5 | x",
            "",
        )
    ]


def test_cells_without_a_place_have_their_formats() -> None:
    xml = '<sheetData><row><c><v>1</v></c><c s="1"><v>0.5</v></c></row><row/><row><c s="1"><v>1</v>'
    assert read(f"{xml}</c></row></sheetData>", 9) == [
        ("sheet S, row 1", "1 | 50%", ""),
        ("sheet S, row 3", "100%", ""),
    ]


def test_errors_and_truth_values_are_read_as_shown() -> None:
    xml = (
        '<sheetData><row r="1"><c r="A1" t="e"><v>#N/A</v></c><c r="B1" t="b"><v>1</v></c>'
        '<c r="C1" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="D1"><v>2</v></c></row></sheetData>'
    )
    assert read(xml) == [("sheet S, row 1", "#N/A | TRUE | #DIV/0! | 2", "")]


def test_a_merged_label_stands_in_each_of_its_rows_and_names_each_of_its_columns() -> None:
    body = (
        row(1, text("Staff"))
        + row(2, text("Region"), text("Staff in 2023"), "", text("Staff in 2024"))
        + row(3, "", text("men"), text("women"), text("men"), text("women"))
        + row(4, text("North"), *map(number, (1, 2, 3, 4)))
        + row(5, "", *map(number, (5, 6, 7, 8)))
        + row(6, text("All of these are counted at the end of the year"))
    )
    merged = "".join(
        f'<mergeCell ref="{ref}"/>'
        for ref in ("A1:E1", "A2:A3", "B2:C2", "D2:E2", "A4:A5", "A6:E6")
    )
    names = (
        "Region | Staff in 2023 men | Staff in 2023 women | Staff in 2024 men | Staff in 2024 women"
    )
    assert read(f"<sheetData>{body}</sheetData><mergeCells>{merged}</mergeCells>") == [
        ("sheet S, row 1", "Staff", ""),
        ("sheet S, row 2", "Region | Staff in 2023 | | Staff in 2024", ""),
        ("sheet S, row 3", "Region | men | women | men | women", ""),
        ("sheet S, row 4", "North | 1 | 2 | 3 | 4", names),
        ("sheet S, row 5", "North | 5 | 6 | 7 | 8", names),
        ("sheet S, row 6", "All of these are counted at the end of the year", names),
    ]


def test_merged_cells_without_end_take_no_time() -> None:
    body = row(1, text("Label"), number(1)) + row(2000, "", number(2))
    merged = '<mergeCell ref="A1:XFD1048576"/>' * 2_000
    found = read(f"<sheetData>{body}</sheetData><mergeCells>{merged}</mergeCells>")
    assert found[0] == ("sheet S, row 1", "Label | 1", "")
    assert found[-1] == ("sheet S, row 2000", "Label | 2", "")


def test_years_name_columns() -> None:
    body = row(1, text("Region"), number(2023), number(2024)) + row(
        2, text("North"), number(12), number(15)
    )
    assert read(f"<sheetData>{body}</sheetData>")[1] == (
        "sheet S, row 2",
        "North | 12 | 15",
        "Region | 2023 | 2024",
    )


def test_hidden_sheets_are_not_quoted_but_named() -> None:
    sheet = f"<sheetData>{row(1, text('Words'))}</sheetData>"
    states = {"B": "hidden", "C": "veryHidden"}
    found = extract("a.xlsx", formatted_xlsx(dict.fromkeys("ABC", sheet), (), states))
    assert rows_of(found) == [("sheet A, row 1", "Words", "")]
    reason = "the sheet is hidden; to have it read, unhide it and save the file again"
    assert [(part.name, part.reason) for part in found.unread] == [("B", reason), ("C", reason)]


def test_a_workbook_of_hidden_sheets_says_so() -> None:
    sheets = {"A": "<sheetData/>", "B": f"<sheetData>{row(1, text('Words'))}</sheetData>"}
    with pytest.raises(UnreadableFileError, match="only its hidden sheets hold text"):
        extract("a.xlsx", formatted_xlsx(sheets, (), {"B": "hidden"}))


def test_comments_with_replies_are_read_once() -> None:
    data = formatted_xlsx({"S": f"<sheetData>{row(1, text('Words'))}</sheetData>"})
    copied = (
        "[Threaded comment]\n\nYour version of Excel allows you to read this.\n\nComment:\nWhy?"
    )
    targets = ("c1", "comments", "../c.xml"), ("c2", "threadedComment", "../t.xml")
    parts = {
        "xl/worksheets/_rels/sheet1.xml.rels": relations(*targets),
        "xl/c.xml": f'<comments><comment ref="A1"><text><t>{copied}</t></text></comment>'
        '<comment ref="B1"><text><t>A note.</t></text></comment></comments>',
        "xl/t.xml": '<ThreadedComments><threadedComment ref="A1"><text>Why?</text>'
        '</threadedComment><threadedComment ref="A1"><text>So.</text></threadedComment>'
        "</ThreadedComments>",
    }
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    assert rows_of(extract("a.xlsx", zipped({**entries, **parts}))) == [
        ("sheet S, row 1", "Words", ""),
        ("sheet S, note at B1", "A note.", ""),
        ("sheet S, note at A1", "Why?", ""),
        ("sheet S, note at A1", "So.", ""),
    ]


@pytest.mark.parametrize("hidden", ["1", "true"])
def test_hidden_rows_and_columns_are_said_in_the_citation(hidden: str) -> None:
    columns = f'<cols><col min="2" max="2" hidden="{hidden}"/><col min="3" max="3"/></cols>'
    body = (
        row(1, text("a"), text("b"), text("c"))
        + row(2, text("d"), attributes=f'hidden="{hidden}"')
        + row(3, text("e"))
    )
    assert read(f"{columns}<sheetData>{body}</sheetData>") == [
        ("sheet S, row 1 (column B hidden)", "a | b | c", ""),
        ("sheet S, row 2 (hidden)", "d", "a | b | c"),
        ("sheet S, row 3", "e", "a | b | c"),
    ]
