"""A case in every format, and its dossier: complete, numbered through, and safe to open."""

import csv
import io
import json
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from docx import Document
from tests_support import write_files

from rag import Case, Library, Quoted
from rag.casework.interchange import case_from_json
from rag.export.cases import CASE_FORMATS, questions_of
from rag.export.report import absence_report, case_question

HOSTILE = "<script>alert(1)</script> & **x** שלום"


@pytest.fixture
def case(library: Library, tmp_path) -> Case:
    """Give a case of three quotes, of two questions and none, and of a question in vain."""
    texts = {"fruit.txt": f"Apples are red.\n\n{HOSTILE}\n\nPlums are blue.\n"}
    library.add(write_files(tmp_path / "docs", texts))
    casework = library.casework
    made = casework.new("The <case>", "About & why").id
    [info] = library.documents()
    quotes = [Quoted.of(passage, 1) for passage in library.contents(info.path).passages]
    row = replace(
        quotes[1],
        headings=("Chapter", "Part"),
        columns="Name | Colour",
        fields={"author": "M. Okafor", "date": "2020-05-17"},
        citation=replace(quotes[1].citation, place="sheet Payments, row 8"),
    )
    casework.keep(made, quotes[0], question="Which are red?", state="answered", note="N\n2nd line")
    casework.keep(made, row, question="Which <b>?", state="may_answer", tags=("a", "b"))
    casework.keep(made, quotes[2])
    question = "How does one reset a router?"
    casework.note_question(made, case_question(absence_report(library, library.ask(question))))
    return casework.case(made)


def exported(case: Case, name: str) -> str:
    return CASE_FORMATS[name].write(case).decode("utf-8-sig")


def paragraphs(data: bytes) -> list[str]:
    return [paragraph.text for paragraph in Document(io.BytesIO(data)).paragraphs]


class Text(HTMLParser):
    """Reads an HTML file: the text of each element, and the tags there are."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_quotes_are_numbered_through_and_questions_stand_above_theirs(case: Case) -> None:
    questions = questions_of(case)
    assert [one.question for one in questions] == [
        *("Which are red?", "Which <b>?", ""),
        "How does one reset a router?",
    ]
    numbers = [quote.citation.number for one in questions for quote in one.quotes]
    assert numbers == [1, 2, 3]


def test_a_table_has_a_row_for_each_quote_with_all_that_is_known(case: Case) -> None:
    first, second, third = csv.DictReader(io.StringIO(exported(case, "csv")))
    assert [one["number"] for one in (first, second, third)] == ["1", "2", "3"]
    assert (first["note"], first["state"]) == ("N\n2nd line", "answered")
    assert second["quote"] == HOSTILE
    assert (second["headings"], second["columns"]) == ("Chapter › Part", "Name | Colour")
    assert (second["author"], second["date"]) == ("M. Okafor", "2020-05-17")
    assert (second["tags"], second["place"]) == ("a, b", "sheet Payments, row 8")
    assert first["accessed"] == case.quotes[0].created.date().isoformat()


def test_texts_hold_notes_tags_headings_and_columns(case: Case) -> None:
    for lines in (
        exported(case, "markdown").replace("\\", "").split("\n"),
        paragraphs(CASE_FORMATS["docx"].write(case)),
    ):
        text = "\n".join(lines)
        for part in (
            *("Chapter › Part", "Name | Colour", "Tags: a, b", "Note: N\n2nd line"),
            "[2] fruit.txt, sheet Payments, row 8, paragraph 2",
            "[3] fruit.txt, paragraph 3",
            "Author: M. Okafor",
            "Not found in the documents.",
        ):
            assert part in text


def test_bibliographies_are_of_the_documents_of_a_case(case: Case) -> None:
    [item] = json.loads(exported(case, "csl"))
    accessed = case.quotes[0].created
    assert item["accessed"] == {"date-parts": [[accessed.year, accessed.month, accessed.day]]}
    assert exported(case, "bibtex").count("@misc{") == 1
    assert "sheet Payments, row 8; paragraphs 1, 2, 3" in exported(case, "bibtex")


def test_the_json_file_is_complete(case: Case) -> None:
    read = case_from_json(CASE_FORMATS["json"].write(case))
    assert replace(read, quotes=()) == replace(case, quotes=())
    assert read.quotes == tuple(replace(entry, condition=None) for entry in case.quotes)


@pytest.mark.parametrize("name", ["dossier", "dossier-html"])
def test_a_dossier_holds_questions_quotes_notes_sources_and_reports(case: Case, name: str) -> None:
    data = CASE_FORMATS[name].write(case)
    if name == "dossier":
        lines = paragraphs(data)
    else:
        page = Text(data.decode())
        lines = page.texts
        assert page.tags.isdisjoint({"script", "b", "case", "a", "img", "link"})
        assert "default-src 'none'" in data.decode()
    text = "\n".join(lines)
    digest = case.quotes[0].quote.citation.sha256
    for part in (
        *("The <case>", "About & why", HOSTILE, "Note: N\n2nd line", "Tags: a, b"),
        "Which are red? (answered)",
        "How does one reset a router? (not found in the documents)",
        "3 quotes from 1 document",
        f"[1], [2], [3] fruit: fruit.txt, sha256 {digest}",
        "Not found in the documents",
        "Searched: 3 passages of 1 document",
        "Words that stand in no document: ",
        "[4] fruit.txt, paragraph",  # the nearest passages are numbered on
        "not that there is none",
    ):
        assert part in text, part


def test_what_has_become_of_a_document_is_said(library: Library, case: Case, tmp_path) -> None:
    write_files(tmp_path / "docs", {"fruit.txt": "Apples are red. And sweet."})
    library.add(tmp_path / "docs")
    changed = exported(library.casework.case(case.id), "markdown")
    assert changed.count("these words are still in it") == 1
    assert changed.count("no longer in it") == 2
    library.remove(tmp_path / "docs")
    gone = exported(library.casework.case(case.id), "dossier-html")
    assert gone.count("The document is no longer in the library.") == 3
