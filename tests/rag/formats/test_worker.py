"""The worker: hostile files cost one sentence, and the next file is read all the same."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from tests_files import docx, odt, paragraph, pdf, pptx, xlsx, zipped
from tests_support import PATIENCE, ROOT, wait_until

from rag.errors import UnreadableFileError
from rag.formats import safe_zip
from rag.formats.worker import Limits, Worker

SOUND = docx(paragraph("Sound words."))
PRETEND = "import rag.formats.office.docx as d; real = d.read; d.read = lambda data, name: "


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker() as made:
        yield made


def refusal(worker: Worker, name: str, data: bytes) -> str:
    with pytest.raises(UnreadableFileError) as refused:
        worker.read(name, data)
    assert worker.read("sound.docx", SOUND).text == "Sound words."
    return str(refused.value)


def test_one_process_reads_file_after_file(worker: Worker) -> None:
    before = worker.started
    for number in range(5):
        assert (
            worker.read("a.docx", docx(paragraph(f"Number {number}."))).text == f"Number {number}."
        )
    assert worker.started <= before + 1
    assert 0 < worker.peak < 500


def test_a_large_program_has_no_larger_worker() -> None:
    large = bytearray(700 << 20)
    large[:: 1 << 12] = b"x" * len(large[:: 1 << 12])  # so that the memory is truly used
    with Worker() as worker:
        for _ in range(3):
            worker.read("a.docx", SOUND)
        assert worker.started == 1
        assert worker.peak < 300


def test_a_reader_that_never_ends_is_ended() -> None:
    endless = PRETEND + "sum(iter(int, 1)) if name == 'a.docx' else real(data, name)"
    with Worker(Limits(seconds=1.5), before=endless) as worker:
        with pytest.raises(UnreadableFileError, match="reading it took longer than 2 seconds"):
            worker.read("a.docx", SOUND)
        worker._limits = Limits()  # a busy machine may take longer to start the next process
        assert worker.read("sound.docx", SOUND).text == "Sound words."
        assert worker.started == 2


def test_a_reader_that_brings_its_process_down_takes_nothing_else_along() -> None:
    crash = PRETEND + "__import__('os').abort() if name == 'a.docx' else real(data, name)"
    with Worker(before=crash) as worker:
        assert refusal(worker, "a.docx", SOUND).startswith("its reader crashed (exit status")


@pytest.mark.skipif(sys.platform != "linux", reason="no limit on memory elsewhere")
def test_a_reader_that_takes_all_memory_is_stopped() -> None:
    hog = PRETEND + "len(bytearray(1 << 34)) if name == 'a.docx' else real(data, name)"
    with Worker(before=hog) as worker:
        assert "more memory" in refusal(worker, "a.docx", SOUND)


@pytest.mark.parametrize(
    "act",
    [
        "__import__('socket').create_connection(('127.0.0.1', 9))",
        "__import__('subprocess').run(['true'])",
        "__import__('os').system('true')",
        "open('/tmp/written-by-a-reader', 'w')",
        "__import__('pathlib').Path('/tmp/made-by-a-reader').mkdir()",
    ],
)
def test_a_reader_cannot_reach_out(act: str) -> None:
    acting = PRETEND + f"{act} if name == 'a.docx' else real(data, name)"
    with Worker(before=acting) as worker:
        assert "PermissionError: a reader may not" in refusal(worker, "a.docx", SOUND)


def test_modules_in_the_current_folder_are_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lxml.py").write_text("import os\nos.abort()\n")
    monkeypatch.chdir(tmp_path)
    with Worker() as worker:
        assert worker.read("a.docx", SOUND).text == "Sound words."


SOON = "import rag.formats.worker_process as child; real_allow = child._allow; "
SOON += "child._GRACE = 1; child._allow = lambda seconds: real_allow(1); "
"""Lets the system end a reader after two seconds of processor time."""


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on processor time there")
def test_a_worker_whose_parent_died_ends_by_itself(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    endless = f"import os; begun = os.open({str(begun)!r}, os.O_WRONLY | os.O_CREAT); {PRETEND}"
    endless += "(os.write(begun, str(os.getpid()).encode()), sum(iter(int, 1)))"
    code = (
        "import os, pathlib, threading, time\n"
        "from rag.formats.worker import Worker, Limits\n"
        "def die_once_it_reads():\n"
        f"    begun = pathlib.Path({str(begun)!r})\n"
        "    while not (begun.exists() and begun.stat().st_size): time.sleep(0.02)\n"
        "    os._exit(0)\n"
        "threading.Thread(target=die_once_it_reads).start()\n"
        f"worker = Worker(Limits(seconds={PATIENCE}), before={SOON + endless!r})\n"
        f"worker.read('a.docx', {SOUND!r})\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
    pid = int(begun.read_text())
    wait_until(lambda: not _lives(pid))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not (state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z")


def test_closing_ends_the_process_and_reading_starts_another() -> None:
    with Worker() as worker:
        worker.read("a.docx", SOUND)
        worker.close()
        assert worker.read("a.docx", SOUND).text == "Sound words."
        assert worker.started == 2


def test_what_a_library_prints_does_not_disturb(worker: Worker) -> None:
    noisy = PRETEND + "(print('noise' * 9999), os.write(1, b'noise'), real(data, name))[2]"
    with Worker(before=f"import os; {noisy}") as loud:
        assert loud.read("a.docx", SOUND).text == "Sound words."


def test_archives_that_unpack_to_too_much_are_refused(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = zipped({"a.txt": b"\0" * (64 << 20)})
    assert "a ZIP bomb?" in refusal(worker, "a.zip", bomb)
    assert "a ZIP bomb?" in refusal(worker, "a.xlsx", zipped({"x.xml": b" " * (64 << 20)}))
    nested = zipped(
        {"a.zip": zipped({"b.zip": zipped({"c.zip": zipped({"d.zip": zipped({"e.txt": "x"})})})})}
    )
    assert "more than 3 other files" in refusal(worker, "a.zip", nested)
    many = zipped({f"{n}.txt": "" for n in range(safe_zip.MOST_ENTRIES + 1)})
    assert "20,001 entries" in refusal(worker, "a.zip", many)


def test_an_archive_is_not_believed_about_its_sizes(worker: Worker) -> None:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b" " * (64 << 20))
    data = bytearray(made.getvalue())
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = (100).to_bytes(4, "little")  # the unpacked size, as the index has it
    assert "nothing in the archive can be read" in refusal(worker, "a.zip", bytes(data))


def test_entries_that_share_their_bytes_are_refused(worker: Worker) -> None:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("0.txt", os.urandom(1 << 20))
        for number in range(1, 300):  # the index names the one entry three hundred times
            entry = zipfile.ZipInfo(f"{number}.txt")
            first = archive.infolist()[0]
            entry.header_offset, entry.CRC = first.header_offset, first.CRC
            entry.compress_size = entry.file_size = first.file_size
            archive.filelist.append(entry)
    assert "a ZIP bomb?" in refusal(worker, "a.zip", made.getvalue())


def test_entities_are_neither_expanded_nor_fetched(worker: Worker, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret words")
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    for entities in (f'<!ENTITY l0 "ha">{laughs}', f'<!ENTITY l11 SYSTEM "{secret.as_uri()}">'):
        for name, entry in (("a.odt", "content.xml"), ("a.fb2", "")):
            xml = f"<!DOCTYPE a [{entities}]><FictionBook><body><p>&l11;</p></body></FictionBook>"
            data = zipped({entry: xml}) if entry else xml.encode()
            assert "entities" in refusal(worker, name, data)


def test_pages_show_no_other_file(worker: Worker, tmp_path: Path) -> None:
    secret = tmp_path / "secret.html"
    secret.write_text("secret words")
    page = (
        f'<!DOCTYPE html [<!ENTITY x SYSTEM "{secret.as_uri()}">]><p>Seen &x;</p>'
        f'<iframe src="{secret.as_uri()}"></iframe><link rel="import" href="{secret.as_uri()}">'
    )
    assert "secret" not in worker.read("a.html", page.encode()).text


@pytest.mark.slow
def test_markup_nested_without_end_is_read_or_refused(worker: Worker) -> None:
    depth = 100_000
    for name, data in (
        ("a.html", b"<div>" * depth + b"deep"),
        ("a.odt", zipped({"content.xml": "<a>" * depth + "</a>" * depth})),
        ("a.rtf", b"{\\rtf1 " + b"{" * depth + b"deep" + b"}" * depth),
        ("a.docx", docx("<w:sdt>" * depth + "</w:sdt>" * depth)),
        ("a.eml", b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n" * depth),
    ):
        try:
            worker.read(name, data)
        except UnreadableFileError as error:
            assert "crashed" not in str(error)
    assert worker.read("a.pdf", pdf([(72, 700, 12, "Sound words.")])).text == "Sound words."


def _page_of_chapters(page: str) -> bytes:
    item = '<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/>'
    return zipped(
        {
            "META-INF/container.xml": '<container><rootfile full-path="a.opf"/></container>',
            "a.opf": f"<package><manifest>{item}</manifest>"
            '<spine><itemref idref="a"/></spine></package>',
            "a.xhtml": page,
        }
    )


UNCLOSED = {tag: "".join(f"<{tag}><p>word{n}</p>" for n in range(600)) for tag in ("div", "font")}
AFTER = "<blockquote>" * 300 + "</blockquote>" * 300 + "".join(f"<p>word{n}" for n in range(600))
ENDLESS = "<div>" * 100_000 + "".join(f"<p>word{n}</p>" for n in range(600))
VERY_LONG = pytest.param(ENDLESS, marks=pytest.mark.slow)


@pytest.mark.parametrize("page", [*UNCLOSED.values(), AFTER, VERY_LONG])
def test_pages_nested_deep_are_read_whole(worker: Worker, page: str) -> None:
    mail = f"Subject: x\nContent-Type: text/html; charset=utf-8\n\n{page}".encode()
    files = (
        ("a.html", page.encode()),
        ("a.epub", _page_of_chapters(page)),
        ("a.mht", mail),
        ("a.eml", mail),
    )
    for name, data in files:
        extract = worker.read(name, data)
        assert [w for w in extract.text.split() if w.startswith("word")] == [
            f"word{n}" for n in range(600)
        ]
        assert extract.unread == ()


def _nested(depth: int) -> list[tuple[str, bytes]]:
    """Return documents of three words, the second of which lies deep."""
    section, control = ("<section>", "</section>"), ("<w:sdt>", "</w:sdt>")
    book = f"<p>one</p>{section[0] * depth}<p>two</p>{section[1] * depth}<p>three</p>"
    return [
        ("a.fb2", f"<FictionBook><body>{book}</body></FictionBook>".encode()),
        (
            "a.docx",
            docx(
                paragraph("one") + control[0] * depth + paragraph("two")
                + control[1] * depth + paragraph("three")
            ),
        ),
        (
            "a.odt",
            odt(
                "<text:p>one</text:p>" + "<text:section>" * depth + "<text:p>two</text:p>"
                + "</text:section>" * depth + "<text:p>three</text:p>"
            ),
        ),
    ]  # fmt: skip


def test_documents_nested_deep_are_read_or_named(worker: Worker) -> None:
    for name, data in _nested(1_500):
        extract = worker.read(name, data)
        assert (extract.text.split(), extract.unread) == (["one", "two", "three"], ())
    (book, data), *others = _nested(50_000)
    extract = worker.read(book, data)
    deep = "its content is nested too deeply"
    assert (extract.text, [part.reason for part in extract.unread]) == ("one", [deep])
    for name, data in others:
        assert deep in refusal(worker, name, data)


def test_a_book_that_breaks_off_is_named(worker: Worker) -> None:
    for tail in ("<p>two", "<p a=1>two</p><p b>three</p></body></FictionBook>"):
        book = worker.read("a.fb2", f"<FictionBook><body><p>one</p>{tail}".encode())
        assert book.text.startswith("one")
        assert [part.reason[:24] for part in book.unread] == ["it is damaged at line 1,"]


def test_text_that_follows_a_file_in_a_mail_is_read(worker: Worker) -> None:
    part = "--b\nContent-Type: text/plain\n\n{}\n"
    mail = (
        "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n"
        + part.format("Before.") + "--b\nContent-Type: image/png\n\nPNG\n"
        + part.format("After.") + "--b--\n"
    )  # fmt: skip
    assert worker.read("a.eml", mail.encode()).text.split() == ["x", "Before.", "After."]


def test_a_slide_that_is_damaged_or_gone_is_named(worker: Worker) -> None:
    files = entries(pptx(("A", "One.", ""), ("B", "Two.", ""), ("C", "Three.", "")))
    files["ppt/slides/slide1.xml"] = b"<p:sld"
    del files["ppt/slides/slide2.xml"]
    extract = worker.read("a.pptx", zipped(files))
    assert extract.text == "A\n\nOne."
    assert [part.name for part in extract.unread] == ["slide 2", "slide 3"]


def entries(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("last", ["XFD1048576", "XFD60000"])
def test_one_cell_far_from_the_rest_costs_no_workbook(worker: Worker, last: str) -> None:
    row = last.removeprefix("XFD")

    def cell(at: str, text: str) -> str:
        return f'<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>'

    files = entries(xlsx(One=[["x"]], Two=[["Other words."]]))
    files["xl/worksheets/sheet1.xml"] = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        f'<row r="3">{cell("B3", "Sound")}{cell("D3", "words")}</row>'
        f'<row r="{row}">{cell(last, "slip")}</row></sheetData></worksheet>'
    ).encode()
    extract = worker.read("a.xlsx", zipped(files))
    placed = [(place.label, extract.text[place.start :].split("\n")[0]) for place in extract.places]
    assert ("sheet One, row 3", "Sound | words") in placed
    assert (f"sheet One, row {row}", "| | slip") in placed
    assert ("sheet Two, row 1", "Other words.") in placed


@pytest.mark.skipif(sys.platform == "win32", reason="a crash is told by its status alone there")
def test_an_end_for_want_of_memory_is_told_from_a_crash() -> None:
    for message, reason in (
        ("memory allocation of 549755813888 bytes failed", "more memory than a file may take"),
        ("corrupted size vs. prev_size", "save it again"),
    ):
        abort = f"(os.write(2, {message.encode()!r}), os.abort())"
        noise = "(os.write(2, b'n' * 60000), real(data, name))[1]"
        crash = f"import os; {PRETEND}{abort} if name == 'a.docx' else {noise}"
        with Worker(before=crash) as worker:
            for _ in range(3):
                worker.read("b.docx", SOUND)
            assert reason in refusal(worker, "a.docx", SOUND)
