"""Questions for the documents that mention something."""

import pytest

from rag.query.exact.literal_text import plain
from rag.query.exact.mentions import is_name, mentioned


@pytest.mark.parametrize(
    ("question", "what"),
    [
        ("Which documents mention Gabriel Diaz?", "Gabriel Diaz"),
        ("what files contain SF-1008", "SF-1008"),
        ("Where is Berlin mentioned?", "Berlin"),
        ("In which documents is Berlin mentioned?", "Berlin"),
        ("List all documents that mention heating", "heating"),
        ("Which files contain the word 'lease'?", "lease"),
        ("Is Ann Poe mentioned anywhere?", "Ann Poe"),
        ("Welche Dokumente erwähnen Frau Keller?", "Frau Keller"),
        ("In welchen Dokumenten wird Keller erwähnt?", "Keller"),
        ("Quels documents mentionnent Berlin ?", "Berlin"),
        ("¿Qué documentos mencionan a Ana Ruiz?", "Ana Ruiz"),
    ],
)
def test_what_is_looked_for(question: str, what: str) -> None:
    identifier = mentioned(question)
    assert identifier is not None
    assert identifier.text == what


@pytest.mark.parametrize(
    "question",
    [
        "Which documents mention who signed and when the lease ends?",
        "Which universities offer scholarships?",
        "Who mentions Berlin?",
        "Where is Berlin?",
        "",
    ],
)
def test_other_questions_are_none(question: str) -> None:
    identifier = mentioned(question)
    assert identifier is None


def test_words_are_whole_and_in_order() -> None:
    identifier = mentioned("Which documents mention Gabriel Diaz?")
    assert identifier is not None
    texts = ("by GABRIEL\nDIAZ.", "Gabriel Diazo", "Diaz Gabriel")
    assert [identifier.stands_in(plain(text)) for text in texts] == [True, False, False]


def test_names_are_told_from_other_words() -> None:
    words = ("Gabriel Diaz", "SF-1008", "heating", "problems with the heating")
    assert [is_name(one) for one in words] == [True, True, True, False]
