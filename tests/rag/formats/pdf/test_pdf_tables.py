"""PDF: tables as rows with the names of their columns, and what only looks like one."""

import pytest
from tests_drawn_pdf import drawn_pdf, grid, lines, text

from rag.formats.dispatch import extract
from rag.text.paragraphs import paragraphs

ACROSS = (72, 180, 330, 520)


def read(data: bytes) -> list[str]:
    found = extract("a.pdf", data)
    kept = paragraphs(found.text, found.blocks, places=found.places)
    return [found.text[p.start : p.end] for p in kept]


def cells(*rows: tuple[float, tuple[str, ...]], columns: tuple[float, ...] = ACROSS) -> str:
    """Draw cells: of each row its height and texts."""
    return "".join(
        text(x + 4, y, cell)
        for y, row in rows
        for x, cell in zip(columns, row, strict=False)
        if cell
    )


def test_numbers_stay_in_their_column_where_a_cell_is_empty() -> None:
    stream = cells(
        (700, ("Branch", "2022", "2023", "2024")),
        (684, ("Lund", "1,204", "1,310", "1,455")),
        (668, ("Malmö", "980", "", "1,020")),
        (652, ("Ystad", "411", "398", "402")),
        columns=(72, 180, 260, 340),
    )
    assert read(drawn_pdf(stream)) == [
        "Branch | 2022 | 2023 | 2024\nLund | 1,204 | 1,310 | 1,455\n"
        "Malmö | 980 | | 1,020\nYstad | 411 | 398 | 402"
    ]


def test_rows_of_a_long_table_have_the_names_of_their_columns() -> None:
    rows = [(700 - 16 * n, (f"Branch number {n}", f"{n * 700:,}", f"{n * 811:,}"))
            for n in range(1, 40)]  # fmt: skip
    found = extract("a.pdf", drawn_pdf(cells((700, ("Branch", "Sold", "Let")), *rows)))
    blocks = [(found.text[b.start : b.end], b.columns) for b in found.blocks]
    assert blocks[5] == ("Branch number 5 | 3,500 | 4,055", "Branch | Sold | Let")


LAMP = "Lamp flickers | Loose contact in the socket | Tighten the screw at the terminal block"


def test_cells_of_several_lines_are_one_in_a_ruled_table() -> None:
    down = (720, 700, 660, 620)
    stream = grid(ACROSS, down) + cells(
        (706, ("Fault", "Cause", "Remedy")),
        (680, ("Lamp flickers", "", "")),
        (686, ("", "Loose contact in", "Tighten the screw")),
        (673, ("", "the socket", "at the terminal block")),
        (640, ("Motor is hot", "", "Clean the grille")),
        (646, ("", "Fan blocked by", "")),
        (633, ("", "dust", "")),
    )
    assert read(drawn_pdf(stream)) == [
        f"Fault | Cause | Remedy\n{LAMP}\nMotor is hot | Fan blocked by dust | Clean the grille"
    ]


def test_cells_of_several_lines_are_one_without_rules() -> None:
    stream = cells(
        (700, ("Fault", "Cause", "Remedy")),
        (684, ("Lamp flickers", "Loose contact in", "Tighten the screw")),
        (671, ("", "the socket", "at the terminal block")),
        (655, ("Motor is hot", "Fan blocked by", "Clean the grille")),
        (642, ("", "dust", "")),
        (626, ("Pump is loud", "Air in the pipe", "Open the vent")),
    )
    assert read(drawn_pdf(stream)) == [
        f"Fault | Cause | Remedy\n{LAMP}\n"
        "Motor is hot | Fan blocked by dust | Clean the grille\n"
        "Pump is loud | Air in the pipe | Open the vent"
    ]


def test_a_label_over_several_rows_or_columns_of_a_ruled_table_stands_in_each() -> None:
    rules = (
        "72 720 m 520 720 l S 72 600 m 520 600 l S 180 700 m 520 700 l S 72 680 m 520 680 l S\n"
        "180 660 m 520 660 l S 72 640 m 520 640 l S 180 620 m 520 620 l S\n"
        "72 720 m 72 600 l S 180 720 m 180 600 l S 520 720 m 520 600 l S 330 700 m 330 600 l S\n"
    )
    stream = (
        rules
        + text(330, 706, "Sold")
        + cells(
            (694, ("Region", "", "")),
            (686, ("", "2022", "2023")),
            (656, ("North", "", "")),
            (666, ("", "11", "12")),
            (646, ("", "21", "22")),
            (626, ("South", "31", "32")),
            (606, ("", "41", "42")),
        )
    )
    [table] = read(drawn_pdf(stream))
    assert table.split("\n")[2:] == ["North | 11 | 12", "North | 21 | 22", "South | 31 | 32",
                                     "South | 41 | 42"]  # fmt: skip


def test_a_title_above_and_prose_around_are_no_part_of_a_table() -> None:
    prose = ("The figures below are those that the branches sent in by the end of March,",
             "and they were checked by the auditors of the society in the same month.")  # fmt: skip
    stream = lines(*prose, y=760) + text(72, 716, "Table 3. Members by branch") + cells(
        (690, ("Branch", "Members", "Boats")),
        (674, ("Lund", "204", "31")),
        (658, ("Ystad", "411", "98")),
        (642, ("Visby", "95", "20")),
    ) + lines(*prose, y=600)  # fmt: skip
    assert read(drawn_pdf(stream)) == [
        " ".join(prose),
        "Table 3. Members by branch",
        "Branch | Members | Boats\nLund | 204 | 31\nYstad | 411 | 98\nVisby | 95 | 20",
        " ".join(prose),
    ]


LEFT = [f"left column line {n} of a text goes" for n in range(9)]
RIGHT = [f"right column line {n} does so as" for n in range(9)]


@pytest.mark.parametrize(
    "stream",
    [
        lines(*LEFT) + lines(*RIGHT, x=330),
        "".join(
            text(72, 700 - 16 * n, f"Chapter {n} of the book") + text(500, 700 - 16 * n, f"{n * 7}")
            for n in range(1, 9)
        ),
        "".join(
            text(72, 700 - 16 * n, f"{n}.") + text(110, 700 - 16 * n, f"Thing number {n} to do")
            for n in range(1, 9)
        ),
        "".join(
            text(90 + 30 * (n % 2), 700 - 16 * n, f"A verse of a song, the {n}th of all")
            + (text(500, 700 - 16 * n, str(n)) if n % 5 == 0 else "")
            for n in range(1, 16)
        ),
        "".join(
            text(72, 700 - 16 * n, f"Name of field {n} ....................") +
            text(330, 700 - 16 * n, "Date ..................") for n in range(1, 9)
        ),
    ],
    ids=["two columns", "a table of contents", "a list", "verses", "a form"],
)  # fmt: skip
def test_what_only_looks_like_a_table_is_none(stream: str) -> None:
    assert not any("|" in passage for passage in read(drawn_pdf(stream)))


@pytest.mark.parametrize("offset", [0, -6, -12], ids=["top", "middle", "bottom"])
def test_rows_of_wrapped_cells_are_told_by_the_gaps_between_them(offset: float) -> None:
    stream = cells(
        (700, ("Fault", "Cause", "Remedy")),
        (676 + offset, ("Lamp flickers", "", "")),
        (676 + offset / 2, ("", "Loose contact in", "")),
        (664 + offset / 2, ("", "the socket", "")),
        (676, ("", "", "Tighten the screw")),
        (664, ("", "", "at the terminal")),
        (652, ("", "", "block")),
        (628, ("Motor is hot", "Fan blocked by", "Clean the grille")),
        (616, ("", "dust", "and the fan wheel")),
        (592, ("Pump is loud", "Air in the pipe", "Open the vent")),
    )
    assert read(drawn_pdf(stream)) == [
        f"Fault | Cause | Remedy\n{LAMP}\n"
        "Motor is hot | Fan blocked by dust | Clean the grille and the fan wheel\n"
        "Pump is loud | Air in the pipe | Open the vent"
    ]


def test_rules_between_columns_alone_do_not_make_a_table_one_row() -> None:
    stream = grid((72, 180, 260, 340), (716, 692, 630)) + cells(
        (698, ("Branch", "2022", "2023")),
        (676, ("Lund", "1,204", "1,310")),
        (658, ("Malmö", "980", "")),
        (640, ("Ystad", "411", "398")),
        columns=(72, 180, 260),
    )
    assert read(drawn_pdf(stream)) == [
        "Branch | 2022 | 2023\nLund | 1,204 | 1,310\nMalmö | 980\nYstad | 411 | 398"
    ]


def test_two_rows_of_names_over_numbers_name_each_column() -> None:
    numbers = [(650 - 16 * n, (f"Branch number {n}", *(f"{n * k:,}" for k in (311, 7, 402, 9))))
               for n in range(1, 30)]  # fmt: skip
    columns = (72, 190, 260, 330, 400)
    stream = text(215, 680, "2022") + text(355, 680, "2023") + cells(
        (664, ("Branch", "Sold", "Let", "Sold", "Let")), *numbers, columns=columns
    )  # fmt: skip
    found = extract("a.pdf", drawn_pdf(stream))
    names = {block.columns for block in found.blocks if block.columns}
    assert names == {"Branch | 2022 Sold | 2022 Let | 2023 Sold | 2023 Let"}


def test_rows_overleaf_have_the_names_of_the_columns_where_the_table_begins() -> None:
    across, down = (72, 180, 260, 340), [716 - 18 * n for n in range(31)]
    rows = [("Branch", "Sold", "Let")]
    rows += [(f"Branch number {n}", f"{n * 311:,}", f"{n * 7}") for n in range(1, 60)]
    pages = [
        grid(across, down) + cells(
            *((702 - 18 * n, row) for n, row in enumerate(rows[at : at + 30])), columns=across
        )
        for at in (0, 30)
    ]  # fmt: skip
    found = extract("a.pdf", drawn_pdf(*pages))
    last = found.blocks[-1]
    assert found.text[last.start : last.end] == "Branch number 59 | 18,349 | 413"
    assert last.columns == "Branch | Sold | Let"


def test_a_table_beside_running_text_is_a_table_and_the_text_is_none() -> None:
    prose = [f"running text in line {n} goes on at" for n in range(14)]
    table = cells(
        (690, ("Town", "Boats", "Men")),
        (676, ("Lund", "31", "204")),
        (662, ("Ystad", "98", "411")),
        (648, ("Visby", "20", "95")),
        columns=(72, 150, 210),
    )
    below = lines(*(f"The left column of line {n} as." for n in range(9)), y=620)
    passages = read(drawn_pdf(table + below + lines(*prose, x=330, y=690)))
    assert passages[0] == "Town | Boats | Men\nLund | 31 | 204\nYstad | 98 | 411\nVisby | 20 | 95"
    assert passages[-1] == " ".join(prose)
