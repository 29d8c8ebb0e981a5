"""Quotes in the formats of other programs: word for word, with their citation and digest."""

import csv
import io
import json
from dataclasses import replace

import pytest
from docx import Document
from hypothesis import given, strategies as st
from markdown_it import MarkdownIt

from rag.answers import Citation, State
from rag.export.quotes import FORMATS, Quoted, QuotedQuestion, as_markdown

DIGEST = "ab" * 32
TEXTS = (
    "A plain sentence.",
    "<script>alert(1)</script> **stars** $x$ [a](b) # no heading",
    "1. no list\n- nor this\n=====\n> nor a quote",
    '=HYPERLINK("http://a.example")',
    "الجملة الأولى في النص.",
    "Ends with \x00\x1b[31m and {braces} \\ 100% & more",
)


def asked(*texts: str) -> list[QuotedQuestion]:
    quotes = tuple(
        Quoted(
            text,
            Citation(
                id="p",
                number=number,
                document_id="d",
                document="a_b.txt",
                title="A {b} & c",
                page=None,
                paragraph=number,
                start=5,
                end=5 + len(text),
                sha256=DIGEST,
                path="/x",
            ),
        )
        for number, text in enumerate(texts, start=1)
    )
    return [
        QuotedQuestion("What is *it*?", quotes, "may_answer"),
        QuotedQuestion("And else?", (), "not_found"),
    ]


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_holds_the_digest_and_no_path(name: str) -> None:
    data = FORMATS[name].write(asked(*TEXTS))
    if name != "docx":
        assert DIGEST.encode() in data
        assert b"/x/" not in data


def test_json_and_csv_hold_quotes_as_they_are() -> None:
    rows = json.loads(FORMATS["json"].write(asked(*TEXTS)))
    assert [quote["text"] for quote in rows[0]["quotes"]] == list(TEXTS)
    assert rows[0]["quotes"][1]["citation"]["paragraph"] == 2
    assert [row["state"] for row in rows] == ["may_answer", "not_found"]
    table = list(
        csv.DictReader(io.StringIO(FORMATS["csv"].write(asked(*TEXTS)).decode("utf-8-sig")))
    )
    assert [row["quote"].removeprefix("'") for row in table] == list(TEXTS)
    assert table[3]["quote"].startswith("'=")
    assert {row["state"] for row in table} == {"may_answer"}


@pytest.mark.parametrize(
    ("state", "count", "sentence"),
    [
        ("answered", 1, "Answered:"),
        ("may_answer", 1, "May answer, read it:"),
        ("not_found", 0, "Not found in the documents."),
        ("not_found", 1, "Not found in the documents. Of the nearest passages:"),
        ("answered", 0, "The passages shown are no longer in the documents."),
        (None, 0, "Not found in the documents."),
        (None, 1, "> One."),
    ],
)
def test_the_state_stands_below_the_question(
    state: State | None, count: int, sentence: str
) -> None:
    questions = [QuotedQuestion("Q", asked("One.")[0].quotes[:count], state)]
    assert as_markdown(questions).decode().split("\n\n")[1].strip() == sentence
    made = Document(io.BytesIO(FORMATS["docx"].write(questions)))
    assert made.paragraphs[1].text == sentence.removeprefix("> ")


def test_markdown_is_a_heading_a_sentence_and_a_quote_with_its_source() -> None:
    assert as_markdown(asked("One.\nTwo.")).decode() == (
        "## What is \\*it\\*?\n\nMay answer, read it:\n\n> One.\n> Two.\n\n"
        f"\\[1\\] a\\_b.txt, paragraph 1  \nsha256 {DIGEST}, characters 5 to 14\n\n"
        "## And else?\n\nNot found in the documents.\n"
    )


def test_a_word_document_holds_them_too() -> None:
    made = Document(io.BytesIO(FORMATS["docx"].write(asked(*TEXTS))))
    texts = [paragraph.text for paragraph in made.paragraphs]
    assert TEXTS[0] in texts
    assert TEXTS[4] in texts
    assert TEXTS[5].replace("\x00", "\ufffd").replace("\x1b", "\ufffd") in texts


def rendered(markdown: str) -> str:
    """Return the text that a reader of Markdown sees in the first block quote."""
    found, depth = [], 0
    for token in MarkdownIt("commonmark").parse(markdown):
        depth += token.nesting if token.type.startswith("blockquote") else 0
        if depth and token.type == "inline":
            found.append("\n")
            for child in token.children or []:
                assert child.type in ("text", "softbreak", "hardbreak", "text_special"), child.type
                found.append(child.content or "\n")
    return " ".join("".join(found).split())


@given(st.text(st.sampled_from("ab *_`#<>[]()!\\&$1.-+=~|:\n"), min_size=1, max_size=40))
def test_markdown_reads_as_the_quote(text: str) -> None:
    quote = Quoted(text, asked("x")[0].quotes[0].citation)
    shown = rendered(as_markdown([QuotedQuestion("Q", (quote,))]).decode())
    assert shown == " ".join(text.split())


def test_bibliographies_name_each_document_once() -> None:
    items = json.loads(FORMATS["csl"].write(asked(*TEXTS)))
    assert len(items) == 1
    assert items[0]["title"] == "A {b} & c"
    assert "paragraphs 1, 2, 3" in items[0]["note"]
    entry = FORMATS["bibtex"].write(asked(*TEXTS)).decode()
    assert entry.startswith("@misc{A-b-c-abababab,")
    assert r"title = {{A \{b\} \& c}}" in entry


def test_a_row_of_a_sheet_is_exported_with_its_sheet_and_its_columns() -> None:
    [question, _] = asked("North | Bodø")
    [quote] = question.quotes
    cited = replace(quote.citation, place="sheet A_b, row 5")
    rows = [QuotedQuestion("Q", (replace(quote, citation=cited, columns="Region | City"),))]
    [row] = csv.DictReader(io.StringIO(FORMATS["csv"].write(rows).decode("utf-8-sig")))
    assert (row["place"], row["columns"], row["page"]) == ("sheet A_b, row 5", "Region | City", "")
    [item] = json.loads(FORMATS["csl"].write(rows))
    assert item["note"] == f"sheet A_b, row 5; paragraph 1; sha256 {DIGEST}"
    note = rf"note = {{sheet A\_b, row 5; paragraph 1; sha256 {DIGEST}}}"
    assert note in FORMATS["bibtex"].write(rows).decode()
    assert b"Region \\| City\n\n> North \\| Bod" in FORMATS["markdown"].write(rows)
