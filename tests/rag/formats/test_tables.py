"""Tables in any format: which rows name the columns, and what a row is quoted with."""

import pytest

from rag.formats.extract import Gathering
from rag.formats.tables import Row, header

NO_NAMES = (0, 0, "")


@pytest.mark.parametrize(
    ("rows", "start", "end", "names"),
    [
        ([["Part", "Maker"], ["Gear", "Halden"]], 0, 1, "Part | Maker"),
        ([["Region", "2023", "2024"], ["North", "12", "15"]], 0, 1, "Region | 2023 | 2024"),
        ([["", "2023", "2024"], ["North", "1950", "1951"]], 0, 1, "| 2023 | 2024"),
        ([["Week", "1", "2", "3"], ["Sales", "5", "7", "9"]], 0, 1, "Week | 1 | 2 | 3"),
        ([["Age", "0-14", "65+"], ["Men", "5", "6"]], 0, 1, "Age | 0-14 | 65+"),
        (
            [["Region", "2023", "2023"], ["Region", "sales", "cost"], ["North", "1", "2"]],
            *(0, 2, "Region | 2023 sales | 2023 cost"),
        ),
        (
            [["", "2023", "", "2024", ""], ["Region", *["sales", "cost"] * 2], [*"N1234"]],
            *(0, 2, "Region | 2023 sales | 2023 cost | 2024 sales | 2024 cost"),
        ),
        (
            [["", "sales", "sales"], ["Region", "2023", "2024"], ["North", "1", "2"]],
            *(0, 2, "Region | sales 2023 | sales 2024"),
        ),
        ([["Prices", "", ""], ["Item", "Price", "Unit"], [*"N1k"]], 1, 2, "Item | Price | Unit"),
        ([["Prices"] * 3, ["Item", "Price", "Unit"], [*"N1k"]], 1, 2, "Item | Price | Unit"),
        (
            [["To", "Ada"], ["On", "1 May"], [], ["Item", "Count", "Price", "Sum"], [*"N123"]],
            *(3, 4, "Item | Count | Price | Sum"),
        ),
        (
            [["In euros", "", "2023", "", "2024"], ["", *["Goodwill", "Cash"] * 2], [*"N1234"]],
            *(0, 2, "In euros | Goodwill | 2023 Cash | Goodwill | 2024 Cash"),
        ),
        ([["Name", "Note", "Note"], ["Oslo", "5", "6"]], 0, 1, "Name | Note | Note"),
        ([["Oslo", "1950"], ["Bergen", "1960"]], *NO_NAMES),
        ([["1", "2"], ["4", "5"]], *NO_NAMES),
        ([["INV-23-1", "Ann", "9.5"], ["INV-23-2", "Bob", "8"], ["INV-24-7", "C", "1"]], *NO_NAMES),
        ([["Mon", "closed", "closed"], ["Tue", "open", "closed"], ["Wed", "", "open"]], *NO_NAMES),
        ([["Gear", "Halden"], ["Rotor", "Norvik"], ["Valve", "Halden"]], *NO_NAMES),
        ([["a@b.example", "Ann"], ["b@b.example", "Bob"]], *NO_NAMES),
        ([["Oslo", "Bergen"]], *NO_NAMES),
        ([["One"], ["Two"]], *NO_NAMES),
    ],
)
def test_a_header_is_told_by_what_stands_below_it(
    rows: list[Row], start: int, end: int, names: str
) -> None:
    seen = header(rows)
    assert (seen.start, seen.end, seen.names) == (start, end, names)


def test_a_file_may_mark_its_header() -> None:
    rows = [["Plan"] * 2, ["Oslo", "1950"], ["Bergen", "1960"], ["Oslo", "1970"]]
    assert header(rows, 2).names == "Oslo | 1950"
    assert header(rows, 3).names == "Oslo Bergen | 1950 1960"
    assert header(rows, 0).names == ""


def blocks(rows: list[Row], headers: int | None = None) -> list[tuple[str, str]]:
    gathered = Gathering()
    gathered.table(rows, headers)
    found = gathered.extract()
    return [(found.text[b.start : b.end], b.columns) for b in found.blocks]


def test_rows_of_a_long_table_have_the_names_of_all_header_rows() -> None:
    body = [[f"City {n}", str(n), str(2 * n)] for n in range(200)]
    rows = [["Sales of cities"] * 3, ["City", "2023", "2023"], ["City", "in", "out"], *body]
    found = blocks(rows)
    assert found[:4] == [
        ("Sales of cities", ""),
        ("City | 2023", ""),
        ("City | in | out", ""),
        ("City 0 | 0 | 0", "City | 2023 in | 2023 out"),
    ]
    assert found[-1] == ("City 199 | 199 | 398", "City | 2023 in | 2023 out")


def test_a_short_table_is_quoted_whole_with_its_header() -> None:
    rows = [["", "2023", "2024"], ["North", "1", ""], ["", "", ""], ["South", "", "5"]]
    assert blocks(rows) == [("| 2023 | 2024\nNorth | 1\nSouth | | 5", "")]
