"""Files that are broken, or made to break a reader, in part: the rest is read, the part is named."""

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


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        (
            HEAD + row(cell("", 16_384), times=1_048_574) + row(cell("", 16_383), cell("slip")),
            [("sheet A &amp; B, row 1", "Sound | words"), ("row 1048576", "|  | slip")],
        ),
        (
            row(cell("Sound"), cell("", 10**12), cell("words")) + row(times=10**12) + row(cell("end")),
            [("row 1", "Sound | words"), ("row 1000000000002", "end")],
        ),
        (HEAD + row(cell("again"), times=1_048_575), [("row 1", "Sound | words"), ("row 2", "again")]),
        (row(cell("hey", 16_384), times=1_048_576) + row(cell("end")), [("row 1", "hey"), ("row 1048577", "end")]),
        (HEAD + row(cell("", 16_382), times=1_048_575), [("row 1", "Sound | words")]),
    ],
)  # fmt: skip
def test_what_a_sheet_repeats_without_end_costs_no_workbook(
    worker: Worker, rows: str, lines: list[tuple[str, str]]
) -> None:
    extract = worker.read("a.ods", ods(**{"A &amp; B": rows, "Two": row(cell("Other words."))}))
    placed = [(label.rpartition(", ")[2], line) for label, line in lines_of(extract)]
    assert [p for p in placed if p[0].startswith("row")] == [
        *((label.rpartition(", ")[2], line) for label, line in lines),
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
