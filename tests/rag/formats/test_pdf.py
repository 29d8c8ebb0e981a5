"""PDF: lines to paragraphs as a reader sees them, on pages that the tests draw."""

import pytest
from tests_files import column, pdf

from rag.formats.dispatch import extract
from rag.formats.extract import Extract
from rag.formats.pdf.columns import in_reading_order
from rag.formats.pdf.headers_footers import RunningHeads
from rag.formats.pdf.lines import Line, mirrored_if_leftward
from rag.formats.pdf.paragraphs import Paragraphs
from rag.text.paragraphs import paragraphs
from vector_store.records import context_of

PROSE = [
    "The harbour of the old town was built when the river still",
    "ran by its walls, and ships from the islands came to trade.",
    "Salt, wool and timber were weighed where the market stands.",
]


def read(data: bytes) -> list[tuple[int | None, tuple[str, ...], str]]:
    return placed(extract("a.pdf", data))


def placed(found: Extract) -> list[tuple[int | None, tuple[str, ...], str]]:
    kept = paragraphs(found.text, found.blocks, places=found.places)
    return [
        (p.page, context_of((), p.headings, p.columns), found.text[p.start : p.end]) for p in kept
    ]


def test_lines_are_put_together_and_pages_counted() -> None:
    found = extract("a.pdf", pdf(column(PROSE), [], column(PROSE[:1]), title="A Report"))
    assert found.title == "A Report"
    assert placed(found) == [(1, (), " ".join(PROSE)), (3, (), PROSE[0])]
    assert [place.label for place in found.places] == ["page 1", "page 2", "page 3"]


def test_pages_that_are_pictures_are_named_and_what_text_they_hold_is_read() -> None:
    stamp = [(300, 20, 8, "Archive of the port, 12 May")]
    pages = [column(PROSE), stamp, [], [], column(PROSE[:1]), stamp]
    found = extract("a.pdf", pdf(*pages, pictures=(1, 2, 3, 4, 6)))
    [part] = found.unread
    assert part.name == "pages 2-4, 6"
    assert part.reason.startswith("pictures with hardly any text (a scan)")
    assert [text for _, _, text in placed(found)][:2] == [" ".join(PROSE), stamp[0][3]]
    assert extract("a.pdf", pdf(stamp)).unread == ()  # short, and no picture
    [part] = extract("a.pdf", pdf(stamp, pictures=(1,))).unread
    assert (part.name, part.reason[:9]) == ("page 1", "a picture")


def test_a_wide_gap_an_indentation_and_a_list_begin_paragraphs() -> None:
    second = column(PROSE, y=600)
    indented = [(90.0, 500.0, 11.0, PROSE[0]), *column(PROSE[1:], y=486.8)]
    items = column(["• First thing to do", "• Second thing to do"], y=400)
    page = [*column(PROSE), *second, *indented, *items]
    whole = " ".join(PROSE)
    assert [text for _, _, text in read(pdf(page))] == [
        whole, whole, whole, "• First thing to do", "• Second thing to do",
    ]  # fmt: skip


def test_large_letters_are_headings() -> None:
    page = [(72, 740, 20, "Harbours"), (72, 715, 15, "Of the north"), *column(PROSE, y=680)]
    assert read(pdf(page)) == [(1, ("Harbours", "Of the north"), " ".join(PROSE))]


def test_a_chapter_heads_its_numbered_sections_though_their_letters_are_as_large() -> None:
    first = [(72, 740, 15, "The archive"), *column(PROSE, y=700), (72, 600, 15, "2.1 Areas"),
             *column(PROSE, y=560), (72, 500, 15, "2.1.1 Main"), *column(PROSE, y=460)]  # fmt: skip
    second = [(72, 740, 15, "2.2 Sections"), *column(PROSE, y=700)]
    assert [headings for _, headings, _ in read(pdf(first, second))] == [
        ("The archive",),
        ("The archive", "2.1 Areas"),
        ("The archive", "2.1 Areas", "2.1.1 Main"),
        ("The archive", "2.2 Sections"),
    ]


def test_a_title_page_heads_nothing() -> None:
    title = [(72, 740, 30, "Harbours of the North"), (72, 680, 20, "The Port Society")]
    page = [(72, 740, 20, "Salt"), *column(PROSE, y=700)]
    assert read(pdf(title, page)) == [
        (1, (), "Harbours of the North"),
        (1, (), "The Port Society"),
        (2, ("Salt",), " ".join(PROSE)),
    ]


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        (["We saw the har-", "bour."], "We saw the harbour."),
        (["It is well-", "known, the well-known one."], "It is well-known, the well-known one."),
        (["A high-", "level, low-level, high view."], "A high-level, low-level, high view."),
        (["In Baden-", "Baden it rains."], "In Baden-Baden it rains."),
        (["From 1990-", "2000 it grew."], "From 1990-2000 it grew."),
    ],
)  # fmt: skip
def test_words_broken_at_a_lines_end_are_mended(lines: list[str], joined: str) -> None:
    assert [text for _, _, text in read(pdf(column([*PROSE, *lines])))] == [
        f"{' '.join(PROSE)} {joined}"
    ]


def test_two_columns_are_read_one_after_the_other() -> None:
    left = ["The left column holds the", "first half of this text, and", "it goes on to the end."]
    right = ["The right column holds the", "second half, which comes", "after the first one."]
    page = [*column(left, x=72), *column(right, x=320)]
    assert [text for _, _, text in read(pdf(page))] == [" ".join(left), " ".join(right)]


def test_columns_written_line_by_line_are_read_column_by_column() -> None:
    left = [f"Left text line {n} goes on and" for n in range(12)]
    right = [f"right text line {n} does as well" for n in range(12)]
    rows = zip(column(left, x=72), column(right, x=320), strict=True)
    texts = [text for _, _, text in read(pdf([line for row in rows for line in row]))]
    assert " ".join(texts) == " ".join([*left, *right])


def test_three_columns_written_line_by_line_are_read_one_after_the_other() -> None:
    columns = [[f"{side} line {n:02} of its column" for n in range(16)]
               for side in ("Left", "middle", "right")]  # fmt: skip
    written = [column(lines, x=x) for lines, x in zip(columns, (40, 230, 420), strict=True)]
    rows = [line for row in zip(*written, strict=True) for line in row]
    texts = [text for _, _, text in read(pdf(rows))]
    assert " ".join(texts) == " ".join(line for lines in columns for line in lines)


def test_lines_written_in_no_order_are_read_from_the_top() -> None:
    lines = [f"Line {n:02} of a text goes on, and so" for n in range(16)]
    written = column(lines)
    mixed = [written[n * 7 % 16] for n in range(16)]
    assert " ".join(text for _, _, text in read(pdf(mixed))) == " ".join(lines)
    right = [f"right {n:02} column of the very page" for n in range(16)]
    both = [*mixed, *(column(right, x=330)[n * 5 % 16] for n in range(16))]
    assert " ".join(text for _, _, text in read(pdf(both))) == " ".join([*lines, *right])


def test_running_heads_are_no_passages_after_the_first() -> None:
    bodies = [[f"{word} {line}" for line in PROSE] for word in ("One", "Two", "Three", "Four")]
    pages = [
        [(72.0, 760.0, 9.0, "The Harbour Review"), *column(lines), (300.0, 30.0, 9.0, f"{n}")]
        for n, lines in enumerate(bodies, 1)
    ]
    found = extract("a.pdf", pdf(*pages))
    assert found.text.count("The Harbour Review") == 4
    texts = [text for _, _, text in placed(found)]
    assert texts == ["The Harbour Review", *map(" ".join, bodies)]


def test_heads_that_change_are_told_by_the_pages_number() -> None:
    bodies = [[f"{word} {line}" for line in PROSE] for word in ("One", "Two", "Three", "Four")]
    pages = [
        [(72.0, 760.0, 11.0, f"{n + 40} {lines[0][:9]} in short"), *column(lines)]
        for n, lines in enumerate(bodies)
    ]
    assert [text for _, _, text in read(pdf(*pages))] == [" ".join(lines) for lines in bodies]


def test_a_raised_number_stays_in_its_line_as_the_mark_of_a_note() -> None:
    page = [
        (72, 700, 11, "Salt was weighed here"),
        (179, 704, 7, "12"),
        (190, 700, 11, "and sold."),
    ]
    assert [text for _, _, text in read(pdf(page))] == ["Salt was weighed here [12] and sold."]


def test_scripts_that_run_to_the_left_have_their_margin_there() -> None:
    texts = [
        "هذا هو السطر الأول من الفقرة الأولى",
        "وهذا سطرها الثاني.",
        "فقرة أخرى تبدأ في هذا السطر",
    ]
    lefts = [72, 300, 72]
    rows = [
        [Line(text, left, 700 - 14 * n, 500, 711 - 14 * n, 11, False, False)]
        for n, (text, left) in enumerate(zip(texts, lefts, strict=True))
    ]
    lines = in_reading_order(mirrored_if_leftward(rows))
    made = [piece.text for piece in Paragraphs([lines]).of(lines, RunningHeads([lines]))]
    assert made == [f"{texts[0]} {texts[1]}", texts[2]]
