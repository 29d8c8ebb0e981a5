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
    ],
)
def test_a_sentence_holds_the_kind_or_not(kind: AnswerType, sentence: str, held: bool) -> None:
    assert holds(kind, sentence, frozenset({"basra"})) is held
