"""Separated values: which mark parts the cells, told by whole records."""

import pytest

from rag.formats.dispatch import extract

Rows = list[tuple[str, str, str]]


def rows(text: str, name: str = "a.csv") -> Rows:
    """Return of each row its place, its text, and the names of its columns."""
    found = extract(name, text.encode())
    assert text.endswith(found.text)
    return [
        (place.label, found.text[block.start : block.end].strip("\r\n"), block.columns)
        for block, place in zip(found.blocks, found.places, strict=True)
    ]


NOTES = (
    'No;Customer;Note\n501;Mill;"Wants bolts, nuts,\nand screws, all of steel."\n'
    '502;Bakery;"Ordered hinge, spring,\nand screws, due 12 May."\n503;Studio;"Silent, cold."\n'
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            NOTES,
            [
                ("row 1", "No;Customer;Note", ""),
                (
                    "row 2",
                    '501;Mill;"Wants bolts, nuts,\nand screws, all of steel."',
                    "No | Customer | Note",
                ),
                (
                    "row 3",
                    '502;Bakery;"Ordered hinge, spring,\nand screws, due 12 May."',
                    "No | Customer | Note",
                ),
                ("row 4", '503;Studio;"Silent, cold."', "No | Customer | Note"),
            ],
        ),
        (
            'Name,Note\nAnn,"one; two;\nthree; four; five"\nBob,"six; seven\neight"\n',
            [
                ("row 1", "Name,Note", ""),
                ("row 2", 'Ann,"one; two;\nthree; four; five"', "Name | Note"),
                ("row 3", 'Bob,"six; seven\neight"', "Name | Note"),
            ],
        ),
        (
            "Name\tNote\nAnn\tone, two, three\nBob\tfour, five\n",
            [
                ("row 1", "Name\tNote", ""),
                ("row 2", "Ann\tone, two, three", "Name | Note"),
                ("row 3", "Bob\tfour, five", "Name | Note"),
            ],
        ),
        (
            "Sales of 2024, by region, in euros\n\nRegion;Sum\nNorth;1,5\nSouth;2,5\n",
            [
                ("row 1", "Sales of 2024, by region, in euros", ""),
                ("row 2", "Region;Sum", ""),
                ("row 3", "North;1,5", "Region | Sum"),
                ("row 4", "South;2,5", "Region | Sum"),
            ],
        ),
        (
            "Sales, 2024\nName,City,Note\nAnn,Oslo,new\nBob,Rome,old\n",
            [
                ("row 1", "Sales, 2024", ""),
                ("row 2", "Name,City,Note", ""),
                ("row 3", "Ann,Oslo,new", "Name | City | Note"),
                ("row 4", "Bob,Rome,old", "Name | City | Note"),
            ],
        ),
        (
            "sep=;\r\nName;Sum\r\nAnn;1,5\r\n",
            [("row 1", "Name;Sum", ""), ("row 2", "Ann;1,5", "Name | Sum")],
        ),
        (
            "1,5;2,5;3,5\n4,5;5,5;6,5\n",
            [("row 1", "1,5;2,5;3,5", ""), ("row 2", "4,5;5,5;6,5", "")],
        ),
        (
            "Region|2023|2024\nNorth, east|5|7\nSouth|9|8\n",
            [
                ("row 1", "Region|2023|2024", ""),
                ("row 2", "North, east|5|7", "Region | 2023 | 2024"),
                ("row 3", "South|9|8", "Region | 2023 | 2024"),
            ],
        ),
        ("Oslo\nRome, the city\n", [("row 1", "Oslo", ""), ("row 2", "Rome, the city", "")]),
    ],
)
def test_records_stay_whole_whatever_marks_their_text_holds(text: str, expected: Rows) -> None:
    assert rows(text) == expected


def test_a_table_named_for_tabs_may_have_others() -> None:
    assert rows("Name\tNote\nAnn\ta,b\n", "a.tsv")[1][2] == "Name | Note"
    assert rows("Name,Note\nAnn,b\n", "a.tsv")[1][2] == "Name | Note"


def test_a_long_table_is_told_by_its_beginning() -> None:
    text = "Name;Note\n" + 'Ann;"a, b,\nc"\n' * 20_000
    found = extract("a.csv", text.encode())
    assert len(found.blocks) == 20_001
    assert found.places[-1].label == "row 20001"
