"""Questions that lean on the one before: when words are carried, which, and what is shown."""

import pytest

from rag import Library
from rag.chat.followups import carried_words, follow, leans
from rag.query.syntax import parse

SCHOLARSHIPS = parse("Which scholarships do universities in Basra offer?")


@pytest.mark.parametrize(
    "question",
    [
        "And in Qom?",
        "Who pays for it?",
        "Why?",
        "What about medicine?",
        "Which ones?",
        "Where are they trained?",
        "What is its aim?",
        "By whom?",
        "In which forms?",
        "And Qom?",
        "Et à Qom ?",
        "¿Y en Qom?",
        "وفي قم؟",
        "ומה עם קום?",
        "Why is that?",
    ],
)
def test_these_lean_on_what_was_said(question: str) -> None:
    assert leans(question)


@pytest.mark.parametrize(
    "question",
    [
        "How long is the Danube?",
        "Is it raining in Basra?",
        "scholarships",
        "How do residents of Qom show their solidarity?",
        "Is there a university in Qom?",
        "Who launched projects that connect Basra and Gaza?",
        "How can one reset a password?",
        "And which subjects do scholarships in Basra cover?",
        "Does Israel defend its borders?",
        "Which cities help their neighbours?",
    ],
)
def test_these_say_it_all_themselves(question: str) -> None:
    assert not leans(question)


def test_a_name_takes_the_place_of_the_one_before() -> None:
    assert carried_words("And in Qom?", SCHOLARSHIPS) == ("scholarships", "universities", "offer")
    assert "Basra" in carried_words("Who pays for it?", SCHOLARSHIPS)
    assert carried_words("How long is the Danube?", SCHOLARSHIPS) == ()


def test_what_is_carried_is_named_and_can_be_taken_away(seeds_library: Library) -> None:
    followed = follow(seeds_library, "And in Qom?", SCHOLARSHIPS)
    assert followed.answer.carried == ("scholarships", "universities", "offer")
    assert "Al Mustafa International University" in followed.answer.passages[0].text
    assert followed.other is not None
    assert followed.other.carried == ()
    assert followed.answer.question == "And in Qom?"
    fewer = follow(seeds_library, "And in Qom?", SCHOLARSHIPS, carry=["scholarships"])
    assert fewer.answer.carried == ("scholarships",)
    assert follow(seeds_library, "And in Qom?", SCHOLARSHIPS, carry=[]).other is None


def test_carried_words_stand_before_the_final_mark() -> None:
    assert parse("And in Qom?").with_carried(("offer",)).wording == "And in Qom offer?"
    assert parse("qom").with_carried(("offer",)).wording == "qom offer"
