"""What judgements tell of the passage that now comes first."""

from dataclasses import replace

import pytest

from rag.calibration.judged import JudgedQuestion, judged_question, judged_questions
from vector_store.records import DocumentInfo, Feedback, Paragraph, Passage, Quote

INFO = DocumentInfo(1, "/a", "a", "A", "0", 1, "")
TEXT = "The mill turns."


def passage(start: int = 10, text: str = TEXT, path: str = "/a") -> Passage:
    return Passage(1, replace(INFO, path=path), Paragraph(start, start + len(text), 1), text)


def said(question: str, answers: bool, start: int = 10, text: str = TEXT) -> Feedback:
    return Feedback(question, Quote("/a", "a", start, start + len(text), text), answers)


def none(question: str) -> Feedback:
    return Feedback(question, None, answers=False)


def only(*feedback: Feedback) -> JudgedQuestion:
    [question] = judged_questions(feedback)
    return question


def test_the_latest_judgement_of_a_passage_counts() -> None:
    right, wrong = said("What turns?", True), said("What turns?", False)
    assert only(right).is_right(passage()) is True
    assert only(wrong).is_right(passage()) is False
    assert only(right, wrong).is_right(passage()) is False
    assert only(wrong, right).is_right(passage()) is True
    assert only(right).is_right(passage(50, "Another.")) is None


def test_a_question_said_to_have_no_answer_has_none_until_one_is_named() -> None:
    right, elsewhere = said("What turns?", True), passage(50, "Another.")
    unanswerable = only(right, none("What turns?"))
    assert unanswerable.unanswerable
    assert unanswerable.is_right(passage()) is unanswerable.is_right(elsewhere) is False
    answerable = only(none("What turns?"), right)
    assert not answerable.unanswerable
    assert (answerable.is_right(passage()), answerable.is_right(elsewhere)) == (True, None)
    assert only(none("What turns?"), said("What turns?", False)).unanswerable


@pytest.mark.parametrize(
    "other", ["what turns", " What  turns ?", "WHAT TURNS?!", "What turns\u061f", "What\nturns."]
)
def test_questions_that_differ_in_writing_only_are_one(other: str) -> None:
    question = only(said("What turns?", True), said(other, False))
    assert question.question == other
    assert question.is_right(passage()) is False


def test_one_question_is_found_among_others_however_it_is_spelt() -> None:
    said_of_all = [none("Who?"), said("What turns?", True), none("what  turns")]
    question = judged_question(said_of_all, "WHAT TURNS")
    assert question is not None
    assert (question.question, question.unanswerable) == ("what  turns", True)
    assert judged_question(said_of_all, "What else?") is None


def test_other_words_are_another_question() -> None:
    questions = judged_questions([none("Who?"), none("Why?"), none("who")])
    assert [one.question for one in questions] == ["who", "Why?"]


def test_passages_may_have_been_cut_elsewhere_since() -> None:
    right, wrong = said("What turns?", True), said("What turns?", False)
    longer = passage(0, f"It rains. {TEXT} Slowly.")
    assert only(right).is_right(longer) is True
    assert only(wrong).is_right(longer) is None  # the rest of it may answer
    part = passage(14, "mill turns.")
    assert only(right).is_right(part) is None  # the answer may be in the other part
    assert only(wrong).is_right(part) is False


def test_the_same_text_in_another_document_is_judged_as_well() -> None:
    copy = passage(99, path="/b")
    assert only(said("What turns?", True)).is_right(copy) is True
    assert only(said("What turns?", False)).is_right(copy) is False


def test_a_quote_that_has_changed_tells_nothing() -> None:
    changed = passage(text="The sail turns.")
    assert only(said("What turns?", True)).is_right(changed) is None
    assert only(said("What turns?", False)).is_right(changed) is None
