"""What is offered when nothing matches: phrases of the documents, each answered when asked for."""

from rag import Library
from rag.chat.suggestions import phrases, topics


def test_phrases_stand_in_the_text_word_for_word() -> None:
    text = (
        "The “Bridges of Heritage” program began in Basra. The Al Mustafa International University "
        "in Qom, for digital art, offers aid. يدعم المركز الثقافي الشباب، ثم المركز الثقافي أيضا."
    )
    found = phrases(text)
    assert "Bridges of Heritage" in found
    assert "Al Mustafa International University" in found
    assert "digital art" in found
    assert "المركز الثقافي" in found
    assert all(phrase in text for phrase in found)


def test_every_topic_offered_is_answered(seeds_library: Library) -> None:
    answer = seeds_library.ask("How do I reset my router password?")
    found = topics(seeds_library, answer.passages)
    assert len(found) == 3
    for topic in found:
        asked = seeds_library.ask(f'"{topic.phrase}"')
        assert asked.answered
        assert topic.phrase.lower() in asked.passages[0].text.lower()


def test_an_empty_library_offers_nothing(library: Library) -> None:
    assert topics(library, ()) == []
