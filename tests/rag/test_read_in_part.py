"""Files broken, or made to break a reader, in part: the rest is read, the part is named."""

from collections.abc import Iterator

import pytest
from tests_files import zipped

from rag.formats.extracts import Extract
from rag.formats.worker import Worker


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker() as made:
        yield made


def lines_of(extract: Extract) -> list[tuple[str, str]]:
    """Return of each place that is named its name and its first line."""
    return [
        (place.label, extract.text[place.start :].partition("\n")[0]) for place in extract.places
    ]


def ods(**sheets: str) -> bytes:
    """Return an OpenDocument spreadsheet: of each sheet the XML of its rows."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "table")
    )
    tables = "".join(
        f'<table:table table:name="{name}">{rows}</table:table>' for name, rows in sheets.items()
    )
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": "<manifest:manifest/>",
            "content.xml": f"<office:document-content {spaces}><office:body><office:spreadsheet>"
            f"{tables}</office:spreadsheet></office:body></office:document-content>",
        }
    )


def row(*cells: str, times: int = 1) -> str:
    return (
        f'<table:table-row table:number-rows-repeated="{times}">{"".join(cells)}</table:table-row>'
    )


def cell(text: str, times: int = 1) -> str:
    content = f"<text:p>{text}</text:p>" if text else ""
    kind = 'office:value-type="string" ' if text else ""
    end = f">{content}</table:table-cell>" if text else "/>"
    return f'<table:table-cell {kind}table:number-columns-repeated="{times}"{end}'


HEAD = row(cell("Sound"), cell("words"))


FAR_CELL = row(cell("", 16_384), times=1_048_574) + row(cell("", 16_383), cell("slip"))
FAR_COUNT = row(cell("Sound"), cell("", 10**12), cell("words"))
FAR_ROW = row(times=10**12) + row(cell("end"))
FILLED = row(cell("hey", 16_384), times=1_048_576) + row(cell("end"))


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        (HEAD + FAR_CELL, [("row 1", "Sound | words"), ("row 1048576", "|  | slip")]),
        (FAR_COUNT + FAR_ROW, [("row 1", "Sound | words"), ("row 1000000000002", "end")]),
        (
            HEAD + row(cell("again"), times=1_048_575),
            [("row 1", "Sound | words"), ("row 2", "again")],
        ),
        (FILLED, [("row 1", "hey"), ("row 1048577", "end")]),
        (HEAD + row(cell("", 16_382), times=1_048_575), [("row 1", "Sound | words")]),
    ],
)
def test_what_a_sheet_repeats_without_end_costs_no_workbook(
    worker: Worker, rows: str, lines: list[tuple[str, str]]
) -> None:
    extract = worker.read("a.ods", ods(**{"A &amp; B": rows, "Two": row(cell("Other words."))}))
    placed = [(label.rpartition(", ")[2], line) for label, line in lines_of(extract)]
    assert [p for p in placed if p[0].startswith("row")] == [
        *lines,
        ("row 1", "Other words."),
    ]
    assert extract.unread == ()


def test_a_sheet_that_is_too_large_even_so_is_named(worker: Worker) -> None:
    wide = "".join(row(cell(""), *[cell("x", 1_000)] * 10) for _ in range(401))
    extract = worker.read("a.ods", ods(One=wide, Two=row(cell("Other words."))))
    assert extract.text == "Other words."
    assert [(part.name, part.reason[:25]) for part in extract.unread] == [
        ("One", "it has more than 4,000,00")
    ]


def nested_mail(levels: int) -> bytes:
    """Return a message of multiparts within each other, each with a word of its own before."""
    mail = "Subject: x\nContent-Type: multipart/mixed; boundary=b0_\n\n"
    for n in range(levels):
        mail += f"--b{n}_\nContent-Type: text/plain\n\nword{n}\n--b{n}_\n"
        mail += f"Content-Type: multipart/mixed; boundary=b{n + 1}_\n\n"
    return f"{mail}--b{levels}_\n\nlast\n".encode()


def test_the_parts_of_a_mail_are_followed_down_to_a_bound(worker: Worker) -> None:
    for levels in (5, 20):
        extract = worker.read("a.eml", nested_mail(levels))
        assert extract.text.split() == ["x", *(f"word{n}" for n in range(levels)), "last"]
        assert extract.unread == ()
    extract = worker.read("a.eml", nested_mail(5_000))
    assert extract.text.split() == ["x", *(f"word{n}" for n in range(30))]
    assert [part.reason[:31] for part in extract.unread] == ["it lies in more than 30 parts o"]


def multipart(kind: str, boundary: str, *parts: str) -> str:
    inner = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return f"Content-Type: multipart/{kind}; boundary={boundary}\n\n{inner}--{boundary}--\n"


PLAIN = "Content-Type: text/plain\n\n"
PAGE = "Content-Type: text/html\n\n"
NAMED = 'Content-Disposition: attachment; filename="{}"\nContent-Type: {}\n\n'.format


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (
            multipart(
                "mixed", "a", multipart("alternative", "b", f"{PLAIN}One.", f"{PAGE}<p>no"),
                multipart("alternative", "c", f"{PLAIN}Two.", f"{PAGE}<p>no"),
            ),
            ["One.", "Two."],
        ),
        (
            multipart(
                "alternative", "a", f"{PLAIN}One.",
                multipart("mixed", "b", f"{PAGE}<p>no", NAMED("t.txt", "text/plain") + "Two."),
            ),
            ["One.", "Two."],
        ),
        (multipart("alternative", "a", f"{PLAIN} ", f"{PAGE}<p>One."), ["One."]),
        (multipart("digest", "a", "\nSubject: y\n\nOne."), ["y", "One."]),
        (NAMED("t.txt", "text/plain") + "One.", ["One."]),
        (NAMED("Letter no. 5", "text/plain") + "One.", ["One."]),
        ("Content-Type: text/csv\n\nOne.", ["One."]),
        ("Content-Type: multipart/mixed\n\nOne.", ["One."]),
    ],
)  # fmt: skip
def test_no_part_of_a_mail_is_passed_over(worker: Worker, message: str, words: list[str]) -> None:
    extract = worker.read("a.eml", f"Subject: x\n{message}".encode())
    assert extract.text.split() == ["x", *words]
    assert extract.unread == ()


def test_frames_of_a_saved_page_are_read(worker: Worker) -> None:
    frame = f"{PAGE}<p>Framed."
    page = multipart("related", "a", f"{PAGE}<title>T</title><p>Outer.", frame, frame)
    extract = worker.read("a.mht", f"Subject: x\n{page}".encode())
    assert (extract.title, extract.text) == ("T", "Outer.\n\nFramed.")
    assert lines_of(extract)[-1] == ("frame 2", "Framed.")
