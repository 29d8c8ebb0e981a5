"""A second reading by another parser confirms quotes, or shows where it differs."""

import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests_files import docx, pdf
from tests_support import write_files

from rag import Library
from rag.documents import second_reading
from rag.documents.second_reading import compare
from rag.formats.worker import Worker
from vector_store.records import DocumentInfo, Paragraph, Passage

INFO = DocumentInfo(1, "/a", "a", "a", "0", 1)


def passage(text: str, place: str = "") -> Passage:
    return Passage(1, INFO, Paragraph(0, len(text), 1, place=place), text)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        (
            "a.html",
            b"<h1>Harbour</h1><script>no</script><p>It holds 3 &times; 10<sup>6</sup> litres.",
        ),
        ("a.txt", "It holds 3 × 10⁶ litres.".encode()),
        ("a.csv", "It holds 3 × 10⁶ litres.".encode("utf-16")),
        (
            "a.eml",
            b"Subject: x\nContent-Type: text/html\n\n<p>It holds 3 &times; 10<sup>6</sup> litres.",
        ),
        ("a.fb2", "<FictionBook><p>It holds 3 × 10<sup>6</sup> litres.</p></FictionBook>".encode()),
    ],
)
def test_what_other_parsers_read_confirms_a_quote(name: str, data: bytes) -> None:
    with Worker() as worker:
        compared = compare(name, name, data, [passage("It holds 3 × 10⁶ litres.")], worker)
    assert compared is not None
    assert (compared.agreements, compared.differences) == ((1.0,), ())


def test_a_wrong_quote_is_listed_with_both_readings() -> None:
    page = b"<p>Rules.<p>The deposit is 450 euros for a season, and is paid back in autumn.<p>End."
    quoted = "The deposit is 45 euros for the season, and is not paid back in autumn."
    with Worker() as worker:
        compared = compare("a.html", "a.html", page, [passage(quoted)], worker)
    assert compared is not None
    [difference] = compared.differences
    assert 0.8 < difference.agreement < second_reading.LEAST_AGREEMENT
    assert difference.text == quoted
    assert "450 euros for a season, and is paid back" in difference.other


def test_what_stands_nowhere_agrees_in_little() -> None:
    with Worker() as worker:
        compared = compare("a.txt", "a.txt", b"Rain fell.", [passage("Boats lie there.")], worker)
    assert compared is not None
    assert compared.differences[0].agreement < 0.5


def test_numbers_that_are_drawn_need_not_stand_in_the_file() -> None:
    page = b"<ol start=7><li>Close the door.<li>Turn off the lamp.</ol>"
    with Worker() as worker:
        own = passage("7. Close the door.\n8. Turn off the lamp.")
        compared = compare("a.html", "a.html", page, [own], worker)
    assert compared is not None
    assert compared.differences == ()


def test_files_within_the_file_and_other_kinds_are_left_out() -> None:
    with Worker() as worker:
        attached = passage("Of an attachment.", "attachment b.txt")
        assert compare("a.eml", "a.eml", b"Subject: x\n\ny", [attached], worker) is None
        assert compare("a.rtf", "a.rtf", b"{\\rtf1 a}", [passage("a")], worker) is None
        assert compare("a.docx", "a.docx", b"broken", [passage("a")], worker) is None


@pytest.mark.parametrize("poppler", [False, True])
def test_verify_reads_a_second_time(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, poppler: bool
) -> None:
    if poppler and shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext here")
    if not poppler:
        monkeypatch.setattr(shutil, "which", lambda name: None)
    lines = [(72, 700, 11, "The harbour is deep, and boats lie there in winter.")]
    docs = write_files(
        tmp_path / "docs",
        {"a.pdf": pdf(lines), "b.docx": docx("<w:p><w:r><w:t>Rain fell.</w:t></w:r></w:p>")},
    )
    library.add(docs)
    verification = library.verify()
    assert verification.problems == ()
    witness = "poppler" if poppler else "PDFium's own order"
    assert [
        (one.document, one.witness, one.agreements) for one in verification.second_readings
    ] == [
        ("a.pdf", witness, (1.0,)),
        ("b.docx", "its XML", (1.0,)),
    ]
    assert library.verify(second_reading=False).second_readings == ()


@pytest.mark.skipif(os.name != "posix", reason="the program is a shell script")
@pytest.mark.parametrize("script", ["yes", "exit 1", "sleep 600"])
def test_a_program_that_fails_or_does_not_end_gives_no_second_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    program = tmp_path / "pdftotext"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda name: str(program))
    monkeypatch.setattr(second_reading, "_SECONDS", 1.0)
    monkeypatch.setattr(second_reading, "_LONGEST", 10_000)
    with Worker() as worker:
        assert compare("a.pdf", "a.pdf", pdf([]), [passage("Rain fell.")], worker) is None


def test_what_there_is_no_time_for_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([0.0, 1.0, second_reading._COMPARING_SECONDS + 1])
    monkeypatch.setattr(second_reading, "time", SimpleNamespace(monotonic=lambda: next(moments)))
    own = [passage("Rain fell."), passage("Boats lie there."), passage("The harbour is deep.")]
    with Worker() as worker:
        compared = compare("a.txt", "a.txt", b"Rain fell.", own, worker)
    assert compared is not None
    assert (compared.agreements, compared.skipped) == ((1.0,), 2)


def test_a_text_that_is_too_long_is_not_compared_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_reading, "_LONGEST", 20)
    with Worker() as worker:
        texts = (b"Rain fell.", b"Rain fell." * 2)
        compared = [
            compare("a.txt", "a.txt", text, [passage("Rain fell.")], worker) for text in texts
        ]
    assert [one is None for one in compared] == [False, True]


def test_a_repeated_passage_and_an_earlier_one_are_found() -> None:
    """Passages are looked for from the last place on, and then from the beginning."""
    own = [passage("Boats lie there."), passage("Rain fell."), passage("Rain fell.")]
    with Worker() as worker:
        text = b"Rain fell. Boats lie there. Rain fell."
        compared = compare("a.txt", "a.txt", text, own, worker)
        late = compare("a.txt", "a.txt", b"Rain fell. Boats lie there.", own, worker)
    assert compared is not None
    assert late is not None
    assert compared.agreements == late.agreements == (1.0, 1.0, 1.0)
