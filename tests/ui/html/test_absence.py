"""An answer that was not found as HTML: what is missing, in words of the page, and its report."""

import pytest
from answers_support import answer_in

from rag.answers import Missing
from rag.query.answer_types import AnswerType
from ui.html.absence import absence, missing_list
from ui.html.translations import LANGUAGES, of_language

ENGLISH = of_language("en")


def test_each_thing_that_is_missing_has_a_line_and_words_share_theirs() -> None:
    missing = (
        Missing("words", "quorum", "documents"),
        Missing("answer_type", "date", "passages"),
        Missing("identifier", "SF-7777", "documents"),
        Missing("words", "<b>", "documents"),
        Missing("identifier", "SF-8", "passages"),
        Missing("words", "tide", "passages"),
        Missing("answer_type", "colour", "documents"),  # a kind that the tables do not know
    )
    assert missing_list(missing, ENGLISH) == (
        '<ul class="missing">'
        "<li><bdi>SF-7777</bdi> stands in no document.</li>"
        "<li>No document holds <bdi>colour</bdi>.</li>"
        "<li>Words that stand in no document: "
        "<bdi>quorum</bdi>\N{NO-BREAK SPACE}· <bdi>&lt;b&gt;</bdi></li>"
        "<li>None of the nearest passages holds a date.</li>"
        "<li><bdi>SF-8</bdi> stands in none of the nearest passages.</li>"
        "<li>Words that stand in none of the nearest passages: <bdi>tide</bdi></li>"
        "</ul>"
    )
    assert missing_list((), ENGLISH) == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_answer_has_a_word_in_each_language(language: str) -> None:
    words = of_language(language)
    for kind in AnswerType:
        line = missing_list((Missing("answer_type", kind.value, "passages"),), words)
        assert words.say(f"kind_{kind.value}".replace(" ", "_")) in line
        assert "<bdi>" not in line


def test_a_report_is_saved_for_markdown_and_word() -> None:
    html = absence(answer_in("not_found"), ENGLISH)
    assert '<div class="reports" role="group" aria-label="Save as report">' in html
    assert html.count('<button type="button" data-report=') == 2
    assert html.count("keep-absence") == 1
    assert '<button type="button" data-report="markdown">Markdown</button>' in html
    assert '<button type="button" data-report="docx">Word</button>' in html
