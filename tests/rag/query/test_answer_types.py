"""What a question asks for, and whether a sentence holds it."""

import pytest

from rag.query.answer_types import AnswerType, holds, sought


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("When was it built?", AnswerType.DATE),
        ("In what year did she come?", AnswerType.DATE),
        ("How long did it take?", AnswerType.DATE),
        ("how many students came", AnswerType.NUMBER),
        ("Who wrote it?", AnswerType.NAME),
        ("In which city is it?", AnswerType.NAME),
        ("Where is it?", AnswerType.NAME),
        ("Why did it fail?", AnswerType.REASON),
        ("What is the e-mail address of the clerk?", AnswerType.EMAIL_ADDRESS),
        ("what is her email", AnswerType.EMAIL_ADDRESS),
        ("When did he e-mail her?", AnswerType.DATE),
        ("What is the URL of the form?", AnswerType.WEB_ADDRESS),
        ("What's the town's website?", AnswerType.WEB_ADDRESS),
        ("Who runs the website?", AnswerType.NAME),
        ("Which telephone number has the office?", AnswerType.PHONE_NUMBER),
        ("How many phones are there?", AnswerType.NUMBER),
        ("What does it cost?", None),
        ("متى بنيت؟", None),
        ("", None),
    ],
)
def test_the_wording_tells_what_is_asked_for(question: str, kind: AnswerType | None) -> None:
    assert sought(question) is kind


@pytest.mark.parametrize(
    ("kind", "sentence", "held"),
    [
        (AnswerType.DATE, "It opened in 1931.", True),
        (AnswerType.DATE, "It opened on a Monday.", True),
        (AnswerType.DATE, "It opened.", False),
        (AnswerType.NUMBER, "There were 2,000 of them.", True),
        (AnswerType.NUMBER, "There were twelve of them.", True),
        (AnswerType.NUMBER, "There were some of them.", False),
        (AnswerType.NAME, "It was drawn by Kovač.", True),
        (AnswerType.NAME, "It was drawn in Basra.", False),  # asked about
        (AnswerType.NAME, "Nobody drew it. Perhaps.", False),  # capitals of sentences
        (AnswerType.REASON, "It fell because of rust.", True),
        (AnswerType.REASON, "It fell.", False),
        (AnswerType.EMAIL_ADDRESS, "Write to help@river-bank.example today.", True),
        (AnswerType.EMAIL_ADDRESS, "Meet us @ noon.", False),
        (AnswerType.WEB_ADDRESS, "The form is on https://www.river.example/form now.", True),
        (AnswerType.WEB_ADDRESS, "See river-bank.org for more.", True),
        (AnswerType.WEB_ADDRESS, "Write to help@river-bank.org today.", False),
        (AnswerType.PHONE_NUMBER, "Call +44 (0)20 7946 0018 by day.", True),
        (AnswerType.PHONE_NUMBER, "Call 77 60 00 01.", True),
        (AnswerType.PHONE_NUMBER, "It cost 1,200 in 1931.", False),
    ],
)
def test_a_sentence_holds_the_kind_or_not(kind: AnswerType, sentence: str, held: bool) -> None:
    assert holds(kind, sentence, frozenset({"basra"})) is held
