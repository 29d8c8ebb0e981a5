"""Files broken, or made to break a reader, in part: the rest is read, the part is named."""

import io
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from spreadsheet_files import cell, ods, old_workbook, row
from tests_files import W, docx, epub, multipart, odt, paragraph, pdf, pptx, xlsx, zipped
from tests_support import PATIENCE, wait_until

from rag.errors import UnreadableFileError
from rag.formats.extract import Extract
from rag.formats.worker import Limits, Worker


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker() as made:
        yield made


def lines_of(extract: Extract) -> list[tuple[str, str]]:
    """Return of each place that is named its name and its first line."""
    return [
        (place.label, extract.text[place.start :].partition("\n")[0]) for place in extract.places
    ]


HEAD = row(cell("Sound"), cell("words"))


FAR_CELL = row(cell("", 16_384), times=1_048_574) + row(cell("", 16_383), cell("slip"))
FAR_COUNT = row(cell("Sound"), cell("", 10**12), cell("words"))
FAR_ROW = row(times=10**12) + row(cell("end"))
FILLED = row(cell("hey", 16_384), times=1_048_576) + row(cell("end"))


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        (HEAD + FAR_CELL, [("row 1", "Sound | words"), ("row 1048576", "| | slip")]),
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


def test_an_attached_document_of_a_kind_that_is_not_read_is_named(worker: Worker) -> None:
    parts = (f"{PLAIN}One.", NAMED("a.ppt", "application/x") + "x", NAMED("b.png", "image/png"))
    extract = worker.read("a.eml", f"Subject: x\n{multipart('mixed', 'a', *parts)}".encode())
    assert [(part.name, part.reason[:36]) for part in extract.unread] == [
        ("attachment a.ppt", "files of type .ppt are not supported"),
        ("attachment b.png", "files of type .png are not supported"),
    ]


def test_frames_of_a_saved_page_are_read(worker: Worker) -> None:
    frame = f"{PAGE}<p>Framed."
    page = multipart("related", "a", f"{PAGE}<title>T</title><p>Outer.", frame, frame)
    extract = worker.read("a.mht", f"Subject: x\n{page}".encode())
    assert (extract.title, extract.text) == ("T", "Outer.\n\nFramed.")
    assert lines_of(extract)[-1] == ("frame 2", "Framed.")


QUOTES = [
    'City,Said\nQom,"one\nBasra,two\nKufa,three\n',
    'City,Said\nQom,"one"\nBasra,"two\nKufa,"three"\nBasel,"a ""b"" c"\n',
]


@pytest.mark.parametrize("text", QUOTES)
def test_rows_stay_rows_behind_a_quote_that_nothing_closes(worker: Worker, text: str) -> None:
    extract = worker.read("a.csv", text.encode())
    assert extract.text == text
    assert lines_of(extract) == [
        (f"row {number}", line) for number, line in enumerate(text.splitlines(), start=1)
    ]


def test_a_long_cell_costs_no_table(worker: Worker) -> None:
    long = "word " * (17 << 20 >> 2)
    extract = worker.read("a.csv", f"City,Said\nQom,one\nBasra,{long}\nKufa,three\n".encode())
    assert [line[:9] for _, line in lines_of(extract)] == [
        "City,Said", "Qom,one", "Basra,wor", "Kufa,thre"
    ]  # fmt: skip


def test_rich_text_that_breaks_off_is_named(worker: Worker) -> None:
    whole = rb"{\rtf1 One \{.\par {\pict\bin4 {{{{}Two.\par}"
    assert worker.read("a.rtf", whole).unread == ()
    broken = worker.read("a.rtf", whole[:-6])
    assert broken.text.startswith("One {.")
    assert [part.name for part in broken.unread] == ["the rest of it"]


def test_zeros_in_a_page_part_no_words(worker: Worker) -> None:
    assert worker.read("a.html", b"<p>Fi\0rst</p><p>Second</p>").text == "First\n\nSecond"


def without(data: bytes, lost: str) -> bytes:
    """Return an archive in which an entry is missing."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return zipped({name: archive.read(name) for name in archive.namelist() if name != lost})


def damaged(data: bytes, broken: str) -> bytes:
    """Return an archive in which the XML of an entry is damaged."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        return zipped({name: b"<" if name == broken else archive.read(name) for name in names})


NOTES = f"<w:footnotes {W}><w:footnote>{paragraph('A note.')}</w:footnote></w:footnotes>"
WORD = docx(paragraph("Sound."), footnotes=NOTES, header=NOTES, styles=f"<w:styles {W}/>")
SLIDES = pptx(("A", "Sound.", "Say it."), ("B", "More.", ""))
BOOK = epub(("One", "<p>Sound."), ("Two", "<p>More."))


@pytest.mark.parametrize("spoil", [without, damaged])
@pytest.mark.parametrize(
    ("name", "data", "entry", "part"),
    [
        ("a.docx", WORD, "word/footnotes.xml", "its footnotes"),
        ("a.docx", WORD, "word/header.xml", "its header.xml"),
        ("a.pptx", SLIDES, "ppt/notesSlides/n0.xml", "slide 1, notes"),
        ("a.pptx", SLIDES, "ppt/slides/slide1.xml", "slide 2"),
        ("a.xlsx", xlsx(One=[["Sound."]], Two=[["More."]]), "xl/worksheets/sheet2.xml", "Two"),
    ],
)  # fmt: skip
def test_a_part_that_is_damaged_or_gone_is_named(
    worker: Worker, name: str, data: bytes, entry: str, part: str, spoil: object
) -> None:
    assert callable(spoil)
    extract = worker.read(name, spoil(data, entry))
    assert "Sound." in extract.text
    assert [unread.name for unread in extract.unread] == [part]


def test_what_holds_no_text_costs_none_when_it_is_damaged(worker: Worker) -> None:
    styles = worker.read("a.docx", damaged(WORD, "word/styles.xml"))
    assert styles.text.startswith("Sound.")
    assert [part.name for part in styles.unread] == ["its styles"]
    text = odt("<text:p>Sound.</text:p>")
    with zipfile.ZipFile(io.BytesIO(text)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    extract = worker.read("a.odt", zipped({**entries, "meta.xml": b"<"}))
    assert (extract.text, extract.unread) == ("Sound.", ())


def test_slides_and_chapters_that_are_nowhere_are_named(worker: Worker) -> None:
    for name, data, entry, reference, part in (
        ("a.pptx", SLIDES, "ppt/presentation.xml", b's1"', "slide 2"),
        ("a.epub", BOOK, "OPS/book.opf", b'idref="c1"', "chapter gone"),
    ):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = {one: archive.read(one) for one in archive.namelist()}
        gone = reference.replace(b"s1", b"gone").replace(b"c1", b"gone")
        entries[entry] = entries[entry].replace(reference, gone)
        extract = worker.read(name, zipped(entries))
        assert "Sound." in extract.text
        assert [unread.name for unread in extract.unread] == [part]


def drawing_itself() -> bytes:
    """Return a PDF of two pages, the second with a form that draws itself twice."""
    resources = "/Resources << /Font << /F1 3 0 R >> /XObject << /X 8 0 R >> >>"
    page = f"/Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] {resources}"

    def stream(text: str, entries: str, draws: int) -> str:
        drawn = f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET\n" + "/X Do\n" * draws
        return f"<< {entries} /Length {len(drawn)} >>\nstream\n{drawn}\nendstream"

    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Count 2 /Kids [4 0 R 6 0 R] >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        f"<< {page} /Contents 5 0 R >>",
        stream("Sound words.", "", 0),
        f"<< {page} /Contents 7 0 R >>",
        stream("Second page.", "", 1),
        stream("Form.", f"/Type /XObject /Subtype /Form /BBox [0 0 612 792] {resources}", 2),
    ]
    numbered = (f"{number} 0 obj\n{one}\nendobj\n" for number, one in enumerate(objects, start=1))
    return f"%PDF-1.7\n{''.join(numbered)}trailer << /Root 1 0 R >>\n".encode()


@pytest.mark.skipif(sys.platform != "linux", reason="no limit on memory elsewhere")
def test_a_page_that_draws_itself_costs_no_document() -> None:
    with Worker(Limits(memory=400 << 20)) as worker:
        for name, data, where in (
            ("a.pdf", drawing_itself(), "page 2"),
            ("a.zip", zipped({"a.pdf": drawing_itself(), "b.txt": "Last."}), "a.pdf/page 2"),
        ):
            extract = worker.read(name, data)
            assert extract.text.split()[:2] == ["Sound", "words."]
            assert [(part.name, part.reason[:28]) for part in extract.unread] == [
                (where, "reading it takes more memory")
            ]
        assert extract.text.endswith("Last.")


def test_a_document_whose_pages_cannot_be_loaded_is_no_scan(worker: Worker) -> None:
    gone = pdf([(72, 700, 12, "Sound words.")]).replace(b"/Kids [4 0 R]", b"/Kids [9 0 R]")
    with pytest.raises(UnreadableFileError, match=r"the page is damaged .*; save the file anew"):
        worker.read("a.pdf", gone)
    half = pdf([(72, 700, 12, "Sound words.")], []).replace(b"[4 0 R 6 0 R]", b"[4 0 R 9 0 R]")
    extract = worker.read("a.pdf", half)
    assert (extract.text, [part.name for part in extract.unread]) == ("Sound words.", ["page 2"])


CRASHING = (
    "import os; import rag.formats.plain as t; real = t.read; "
    "t.read = lambda data, name: os.abort() if b'crash' in data else real(data, name)"
)


def test_an_entry_that_brings_the_process_down_costs_itself_alone() -> None:
    with Worker(before=CRASHING) as worker:
        inner = zipped({"c.txt": "crash", "d.txt": "Two."})
        extract = worker.read(
            "a.zip", zipped({"a.txt": "One.", "b.txt": "crash", "i.zip": inner, "e.txt": "Three."})
        )
        assert extract.text.split() == ["One.", "Two.", "Three."]
        assert [(part.name, part.reason[:18]) for part in extract.unread] == [
            ("b.txt", "its reader crashed"), ("i.zip/c.txt", "its reader crashed")
        ]  # fmt: skip
        assert worker.started == 3


def test_a_file_with_too_many_such_entries_is_given_up() -> None:
    with Worker(before=CRASHING) as worker:
        crashing = zipped({f"{number}.txt": "crash" for number in range(9)} | {"z.txt": "x"})
        with pytest.raises(UnreadableFileError, match="its reader crashed"):
            worker.read("a.zip", crashing)
        assert worker.started == 4


def test_notes_and_text_boxes_of_a_sheet_are_read(worker: Worker) -> None:
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relation = f'<Relationship Id="{{0}}" Type="{office}/{{0}}" Target="../{{0}}.xml"/>'.format
    kinds = relation("comments") + relation("drawing")
    with zipfile.ZipFile(io.BytesIO(xlsx(One=[["Sound."]], Two=[["More."]]))) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    entries["xl/worksheets/_rels/sheet1.xml.rels"] = (
        f"<Relationships>{kinds}</Relationships>".encode()
    )
    entries["xl/comments.xml"] = (
        b'<comments><commentList><comment ref="B7"><text><r><t>Ask </t></r><r><t>Ada.</t></r>'
        b"</text></comment></commentList></comments>"
    )
    entries["xl/drawing.xml"] = (
        b"<wsDr><sp><txBody><p><r><t>In a box.</t></r></p></txBody></sp></wsDr>"
    )
    extract = worker.read("a.xlsx", zipped(entries))
    assert [placed for placed in lines_of(extract) if "," in placed[0]] == [
        ("sheet One, row 1", "Sound."),
        ("sheet One, note at B7", "Ask Ada."),
        ("sheet One, text box", "In a box."),
        ("sheet Two, row 1", "More."),
    ]
    broken = worker.read("a.xlsx", zipped({**entries, "xl/comments.xml": b"<"}))
    assert [part.name for part in broken.unread] == ["One, notes"]


def test_comments_and_heads_of_an_opendocument_text_are_read(worker: Worker) -> None:
    comment = "<office:annotation><text:p>A remark.</text:p></office:annotation>"
    text = odt(f"<text:p>Sound{comment} words.</text:p>")
    spaces = 'xmlns:s="urn:style" xmlns:t="urn:text"'
    head = (
        "<s:header><t:p>The Harbour Company</t:p></s:header><s:footer><t:p>Page 1</t:p></s:footer>"
    )
    with zipfile.ZipFile(io.BytesIO(text)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    entries["styles.xml"] = f"<s:styles {spaces}>{head}</s:styles>".encode()
    extract = worker.read("a.odt", zipped(entries))
    assert extract.text.split("\n\n") == ["Sound words.", "A remark.", "The Harbour Company"]


def test_cells_far_from_the_rest_cost_no_old_workbook(worker: Worker) -> None:
    sheets = {f"S{n}": [(1, 1, "Sound"), (1, 3, "words"), (65535, 255, "slip")] for n in range(5)}
    extract = worker.read("a.xls", old_workbook(**sheets, Last=[(4, 0, "Other words.")]))
    assert [placed for placed in lines_of(extract) if "," in placed[0]] == [
        *(
            (f"sheet S{n}, row {number}", line)
            for n in range(5)
            for number, line in ((2, "Sound | words"), (65536, "| | slip"))
        ),
        ("sheet Last, row 5", "Other words."),
    ]


@pytest.mark.slow
def test_an_entry_that_takes_all_the_time_costs_itself_alone() -> None:
    endless = CRASHING.replace("os.abort()", "__import__('time').sleep(3_600)")
    with Worker(before=endless) as worker:
        worker.read("a.txt", b"It has begun.")
        worker._limits = Limits(seconds=20.0)  # enough for a busy machine to start the next process
        entries = zipped({"a.txt": "One.", "b.txt": "crash", "c.txt": "Two."})
        extract = worker.read("a.zip", entries)
        assert extract.text.split() == ["One.", "Two."]
        assert [(part.name, part.reason) for part in extract.unread] == [
            ("b.txt", "reading it took longer than 20 seconds")
        ]


def test_an_interrupted_reading_is_not_taken_up_again(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    writes = f"begun = os.open({str(begun)!r}, os.O_WRONLY | os.O_CREAT); import rag.formats.plain"
    endless = CRASHING.replace("os.abort()", "(os.write(begun, b'x'), sum(iter(int, 1)))")
    before = endless.replace("import rag.formats.plain", writes, 1)
    reasons: list[str] = []

    def read() -> None:
        with pytest.raises(UnreadableFileError) as refused:
            worker.read("a.zip", zipped({"a.txt": "crash", "b.txt": "Two."}))
        reasons.append(str(refused.value))

    with Worker(before=before) as worker:
        reading = threading.Thread(target=read)
        reading.start()
        wait_until(lambda: begun.exists() and bool(begun.stat().st_size))
        worker.interrupt()
        reading.join(PATIENCE)
        assert len(reasons) == 1
        assert worker.started == 1


def test_text_outside_a_books_paragraphs_is_read(worker: Worker) -> None:
    body = "<p>One.</p><code>two <b>bold</b></code><cite>three<p>four</p>five</cite>"
    book = f"<FictionBook><body><section>{body}</section></body></FictionBook>"
    assert worker.read("a.fb2", book.encode()).text.split() == [
        "One.", "two", "bold", "three", "four", "five"
    ]  # fmt: skip
