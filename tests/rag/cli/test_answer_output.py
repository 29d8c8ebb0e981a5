"""What `quoth ask` prints of an answer in each of its states."""

import pytest
from answers_support import answer_in, cited_passage as passage

from rag.answers import Answer, Missing, Searched, UnknownLanguage
from rag.cli.answer_output import show_answer
from rag.models.registry import SMALL, multilingual


def in_tibetan(model: str) -> Answer:
    return Answer(
        question="ས་གཞི།",
        answered=False,
        confidence=0,
        passages=(),
        searched=Searched(2, 19, 0),
        unknown_language=UnknownLanguage("bo", "Tibetan", model),
    )


def test_a_multilingual_model_is_recommended_unless_it_is_in_use(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_answer(in_tibetan(SMALL))
    warning = capsys.readouterr().err
    assert f"The model {SMALL} does not know Tibetan" in warning
    assert f"quoth switch {multilingual()}" in warning
    show_answer(in_tibetan(multilingual()))
    assert "quoth switch" not in capsys.readouterr().err


def test_an_answer_stands_above_its_weaker_matches(capsys: pytest.CaptureFixture[str]) -> None:
    show_answer(answer_in("answered", passage("Yes.", 0.984, 1), passage("Hm.", 0.04, 2)))
    assert capsys.readouterr().out == (
        "Answered: 1 passage from 1 document, quoted word for word (searched 2 documents).\n\n"
        "Yes.\n[1] a.txt, paragraph 1   likely (98%)\n\n"
        "1 weaker match:\n\n"
        "Hm.\n[2] a.txt, paragraph 2   unlikely (4%)\n\n"
    )


def test_what_may_answer_stands_above_its_weaker_matches_and_what_it_lacks_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    missing = (Missing("answer_type", "date", "passages"),)
    passages = passage("Perhaps.", 0.45, 1), passage("Hm.", 0.04, 2)
    show_answer(answer_in("may_answer", *passages, missing=missing))
    assert capsys.readouterr().out == (
        "May answer, read it: 1 passage from 1 document, quoted word for word "
        "(searched 2 documents).\n"
        "None of the nearest passages holds a date.\n\n"
        "Perhaps.\n[1] a.txt, paragraph 1   possible (45%)\n\n"
        "1 weaker match:\n\n"
        "Hm.\n[2] a.txt, paragraph 2   unlikely (4%)\n\n"
    )


def test_a_refusal_says_what_was_searched_what_is_missing_and_what_was_not_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    missing = (
        Missing("words", "quorum", "documents"),
        Missing("answer_type", "number", "passages"),
        Missing("identifier", "SF-7777", "documents"),
        Missing("words", "bylaws\x1b[31m", "documents"),
    )
    show_answer(
        answer_in("not_found", passage("No.", 0.1, 1), missing=missing, searched=Searched(2, 9, 3))
    )
    assert capsys.readouterr().out == (
        "Not found in your documents (searched 9 passages of 2 documents).\n"
        "SF-7777 stands in no document.\n"
        "Words that stand in no document: quorum, bylaws\N{REPLACEMENT CHARACTER}[31m.\n"
        "None of the nearest passages holds a number.\n"
        "3 files could not be read; to list them: quoth status\n"
        "The nearest passages, which do not seem to answer:\n\n"
        "No.\n[1] a.txt, paragraph 1   unlikely (10%)\n\n"
    )


def test_a_passage_that_holds_the_phrase_has_no_percentage(
    capsys: pytest.CaptureFixture[str],
) -> None:
    passages = passage("Blue boats.", 0.9, 1), passage("More blue boats.", 0.01, 2)
    show_answer(answer_in("answered", *passages, question='"blue boats"'))
    assert capsys.readouterr().out == (
        "Answered: 2 passages from 1 document, quoted word for word (searched 2 documents).\n\n"
        "Blue boats.\n[1] a.txt, paragraph 1   holds your words\n\n"
        "More blue boats.\n[2] a.txt, paragraph 2   holds your words\n\n"
    )
