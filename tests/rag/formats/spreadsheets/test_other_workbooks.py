"""Spreadsheets in the formats of OpenDocument and of Office before 2007: what their cells show."""

import struct

from spreadsheet_files import cell, ods, old_workbook, record, row, rows_of

from rag.formats.dispatch import extract


def value(kind: str, stored: str, shown: str = "", attributes: str = "") -> str:
    name = {"percentage": "value", "float": "value", "date": "date-value"}[kind]
    text = f"<text:p>{shown}</text:p>" if shown else ""
    return (
        f'<table:table-cell office:value-type="{kind}" office:{name}="{stored}" {attributes}>'
        f"{text}</table:table-cell>"
    )


def test_opendocument_cells_are_read_as_shown() -> None:
    rows = row(cell("Discount"), cell("From"), cell("Number")) + row(
        value("percentage", "0.075", "7.5%"),
        value("date", "2025-04-01", "01.04.2025"),
        value("float", "42", "A-00<text:span>042</text:span>"),
        value("float", "12.5"),
    )
    assert rows_of(extract("a.ods", ods(S=rows))) == [
        ("sheet S, row 1", "Discount | From | Number", ""),
        ("sheet S, row 2", "7.5% | 01.04.2025 | A-00042 | 12.5", "Discount | From | Number"),
    ]


def test_opendocument_merged_cells_hidden_parts_and_notes() -> None:
    merged = '<table:table-cell table:number-rows-spanned="2"><text:p>North</text:p>'
    wide = '<table:table-cell table:number-columns-spanned="2"><text:p>Sales</text:p>'
    covered = "<table:covered-table-cell/>"
    note = (
        '<table:table-cell office:value-type="string"><office:annotation><text:p>The real one.'
        "</text:p></office:annotation><text:p>Per</text:p></table:table-cell>"
    )
    rows = (
        '<table:table-column table:number-columns-repeated="2"/>'
        '<table:table-column table:visibility="collapse"/>'
        + row(cell(""), f"{wide}</table:table-cell>", covered)
        + row(cell("Region"), cell("2023"), cell("2024"))
        + row(f"{merged}</table:table-cell>", value("float", "5", "5"))
        + row(covered, note, value("float", "7", "7")).replace(
            "<table:table-row", '<table:table-row table:visibility="filter"'
        )
    )
    found = extract("a.ods", ods(S=rows, Secret=row(cell("x")), hidden="Secret"))
    names = "Region | Sales 2023 | Sales 2024"
    assert rows_of(found) == [
        ("sheet S, row 1", "| Sales", ""),
        ("sheet S, row 2 (column C hidden)", "Region | 2023 | 2024", ""),
        ("sheet S, row 3", "North | 5", names),
        ("sheet S, row 4 (hidden)", "North | Per | 7", names),
        ("sheet S, note at B4", "The real one.", ""),
    ]
    assert [part.name for part in found.unread] == ["Secret"]


def styles(*codes: str) -> bytes:
    """Return the records of styles; style 0 has no format, style 1 the first code, and so on."""
    formats = (
        record(0x041E, struct.pack("<HHB", 164 + n, len(code), 0) + code.encode())
        for n, code in enumerate(codes)
    )
    numbers = (0, *range(164, 164 + len(codes)))
    return b"".join(formats) + b"".join(
        record(0x00E0, struct.pack("<HH16x", 0, n)) for n in numbers
    )


def number(row: int, column: int, style: int, stored: float) -> bytes:
    return record(0x0203, struct.pack("<HHHd", row, column, style, stored))


def test_cells_of_old_workbooks_are_read_as_shown() -> None:
    cells = (
        number(1, 0, 1, 0.075)
        + number(1, 1, 2, 42)
        + record(0x0205, struct.pack("<HHHBB", 1, 2, 0, 0x2A, 1))
        + record(0x0208, struct.pack("<HHHH4xI", 2, 0, 2, 300, 0x20))
        + number(2, 0, 0, 5)
        + record(0x007D, struct.pack("<5H2x", 1, 1, 2000, 0, 1))
    )
    data = old_workbook(styles=styles("0.0%", '"A-"00000'), records=cells, S=[(0, 0, "Discount")])
    assert rows_of(extract("a.xls", data)) == [
        ("sheet S, row 1", "Discount", ""),
        ("sheet S, row 2 (column B hidden)", "7.5% | A-00042 | #N/A", ""),
        ("sheet S, row 3 (hidden)", "5", ""),
    ]
