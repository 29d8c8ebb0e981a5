"""Near misses of questions and texts."""

import random

from evaluation.datasets.question_changes import QuestionChanger, answer_spans, without_answers

QUESTIONS = (
    "When was Basra founded?",
    "Who painted the ceiling of Mosul?",
    "How many bridges did Kufa have in 1911?",
)
TEXT = "Basra lies on a river. It was founded in 636 by Utba. It has two harbours."


def changer(seed: int = 0, **idf: float) -> QuestionChanger:
    return QuestionChanger(QUESTIONS, idf, random.Random(seed))


def test_answers_stand_wherever_their_letters_do() -> None:
    assert answer_spans("Two, or two hundred.", ["two", " ", "hundred"]) == [
        (0, 3),
        (8, 11),
        (12, 19),
    ]
    assert answer_spans("a.b", [".", ""]) == [(1, 2)]


def test_the_sentences_that_answer_are_taken_out() -> None:
    assert without_answers(TEXT, ["636", "in 636"]) == "Basra lies on a river. It has two harbours."
    assert without_answers(TEXT, ["river. It was"]) == "It has two harbours."  # across two
    assert without_answers(TEXT, ["Nothing"]) == TEXT
    assert without_answers("All in 636.", ["636"]) == ""


def test_a_name_is_swapped_for_one_that_the_text_lacks() -> None:
    swaps = {changer(seed).swapped("When was Basra founded?", TEXT) for seed in range(40)}
    assert "When was Mosul founded?" in swaps
    assert "When was Kufa founded?" in swaps
    assert "When was Basra founded?" not in swaps
    assert "When was not Basra founded?" in swaps  # the opposite


def test_a_number_is_swapped_for_another() -> None:
    question = "How many ships came in 1920?"
    swaps = {changer(seed).swapped(question, TEXT) for seed in range(40)}
    assert "How many ships came in 1911?" in swaps


def test_a_transplant_asks_something_else_of_the_same_name() -> None:
    transplants = {changer(seed).transplanted("When was Basra founded?", TEXT) for seed in range(9)}
    assert transplants <= {
        "Who painted the ceiling of Basra?",
        "How many bridges did Basra have in 1911?",
    }
    assert transplants
    assert changer().transplanted("When was it founded?", TEXT) is None


def test_the_same_question_is_no_transplant() -> None:
    alike = QuestionChanger(("When was Mosul founded?",), {}, random.Random(0))
    assert alike.transplanted("When was Basra founded?", "Basra is old.") is None


def test_what_the_text_may_answer_is_no_transplant() -> None:
    asked = QuestionChanger(("Which river has Mosul?",), {}, random.Random(0))
    assert asked.transplanted("When was Basra founded?", "Basra has a river.") is None
