"""Reports that nothing was found: what was searched, with what, and what was nearest."""

import hashlib
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from docx import Document
from tests_support import write_files

from rag import Library
from rag.answers import Answer, Missing
from rag.cli.main import run
from rag.errors import QuestionError
from rag.export.report import AbsenceReport, absence_report, written
from vector_store.records import UnreadFile

MOMENT = datetime(2026, 3, 5, 12, 30, 7, tzinfo=timezone(timedelta(hours=2)))
FILES = {"a.txt": "Rivers flow.\n\n# Boats *sail*.", "b.txt": "Qom holds conferences.", "c.txt": ""}


@pytest.fixture
def documents(library: Library, tmp_path: Path) -> Library:
    library.add(write_files(tmp_path / "docs", FILES))
    return library


def declined(library: Library, question: str = "router password?") -> Answer:
    answer = library.ask(question)
    assert answer.state == "not_found"
    return answer


def with_missing(report: AbsenceReport, *missing: Missing) -> AbsenceReport:
    return replace(report, answer=replace(report.answer, missing=missing))


def test_a_report_says_when_and_in_what_nothing_was_found(documents: Library) -> None:
    answer = declined(documents, 'SF-7777 -"no boats" type:txt')
    report = absence_report(documents, answer, where=("docs/*",), moment=MOMENT)
    report = with_missing(report, Missing("identifier", "SF-7777", "documents"))
    digests = sorted(
        hashlib.sha256(FILES[name].encode()).hexdigest() for name in ("a.txt", "b.txt")
    )
    digest = hashlib.sha256("".join(f"{one}\n" for one in digests).encode()).hexdigest()
    text = written(report, "markdown").decode()
    assert text.startswith(
        "# Not found in the documents\n\nQuestion:\n\n"
        '> SF-7777 -"no boats" type:txt\n\n'
        "- Asked: 2026-03-05 10:30:07 UTC\n"
        "- Searched: 3 passages of 2 documents\n"
        "- Only documents matching: docs/\\*\n"
        '- Phrases, exclusions and filters: -"no boats" type:txt\n'
        "- Could not be read: 1 file\n"
        f"- Searched with: Quoth {report.quoth}, model hashing\n"
        f"- Documents in the library: sha256 {digest} of their sorted digests\n\n"
        "## What is missing\n\n- SF-7777 stands in no document.\n\n"
        "## Nearest passages\n\n> "
    )
    assert "## Files of the library that could not be read\n\n- c.txt: the file is empty\n" in text
    assert "not that there is none." in text


def test_the_nearest_passages_are_quoted_with_citation_digest_and_estimate(
    documents: Library,
) -> None:
    answer = declined(documents)
    text = written(absence_report(documents, answer), "markdown").decode()
    assert "> \\# Boats \\*sail\\*." in text
    for passage in answer.passages:
        citation = passage.citation
        assert f"sha256 {citation.sha256}, characters {citation.start} to {citation.end}" in text
    assert text.count("Estimated probability that it answers: ") == len(answer.passages) == 3
    assert text.count("% (unlikely)") == 3
    assert documents.folder not in text


def test_the_word_file_says_the_same(documents: Library) -> None:
    report = absence_report(documents, declined(documents), moment=MOMENT)
    made = Document(io.BytesIO(written(report, "docx")))
    texts = [paragraph.text for paragraph in made.paragraphs]
    assert texts[:4] == [
        "Not found in the documents",
        "Question:",
        "router password?",
        "Asked: 2026-03-05 10:30:07 UTC",
    ]
    assert {"# Boats *sail*.", "Qom holds conferences.", "c.txt: the file is empty"} <= set(texts)
    assert made.paragraphs[0].style.name == "Heading 1"


def test_of_many_unread_files_a_hundred_are_named_and_the_rest_counted(
    documents: Library,
) -> None:
    report = absence_report(documents, declined(documents))
    unread = tuple(UnreadFile(f"/x/{n}", f"scan{n}.pdf", "damaged") for n in range(103))
    text = written(replace(report, unread=unread), "markdown").decode()
    assert text.count(".pdf: damaged") == 100
    assert "scan99.pdf: damaged\n\nAnd 3 more files.\n" in text
    assert "/x/" not in text


def test_what_answers_or_may_is_no_absence(documents: Library) -> None:
    answer = documents.ask('"Rivers flow"')
    assert answer.state == "answered"
    with pytest.raises(QuestionError, match="There is no absence to report"):
        absence_report(documents, answer)


def test_the_moment_of_a_report_is_now(documents: Library) -> None:
    before = datetime.now(UTC)
    report = absence_report(documents, declined(documents))
    assert before <= report.moment <= datetime.now(UTC)


@pytest.mark.parametrize("suffix", [".md", ".docx", ".DOCX"])
def test_ask_writes_a_report(
    documents: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str], suffix: str
) -> None:
    file = tmp_path / f"report{suffix}"
    arguments = ["ask", "--library", documents.folder, "--report", str(file)]
    assert run([*arguments, "router password?"]) == 1
    text = file.read_text("utf-8") if suffix == ".md" else ""
    made = Document(file).paragraphs[2].text if suffix != ".md" else text.split("> ")[1]
    assert made.splitlines()[0] == "router password?"
    file.unlink()
    assert run([*arguments, '"Rivers flow"']) == 0
    assert not file.exists()
    assert "No report was written" in capsys.readouterr().err


def test_a_report_that_cannot_be_written_says_why(
    documents: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["ask", "router password?", "--library", documents.folder, "--report"]
    assert run([*arguments, str(tmp_path / "report.pdf")]) == 2
    assert "ends in .md or .docx" in capsys.readouterr().err
    assert run([*arguments, str(tmp_path / "missing" / "report.md")]) == 2
    assert "No such file or directory" in capsys.readouterr().err
