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


def test_every_topic_offered_is_answered_and_is_another(seeds_library: Library) -> None:
    question = "How many ships carried medical equipment to Basra in 1950?"
    found = topics(seeds_library, question, seeds_library.ask(question, k=8).passages)
    assert found
    for topic in found:
        asked = seeds_library.ask(f'"{topic.phrase}"')
        assert asked.answered
        assert topic.phrase.lower() in asked.passages[0].text.lower()
    words = [set(topic.phrase.lower().split()) for topic in found]
    for at, one in enumerate(words):
        assert all(2 * len(one & other) < min(len(one), len(other)) for other in words[:at])


def test_nothing_is_offered_that_has_to_do_with_something_else(seeds_library: Library) -> None:
    for question in ("How do I reset my router password?", "What is the wifi password in Oslo?"):
        assert topics(seeds_library, question, seeds_library.ask(question).passages) == []


def test_an_empty_library_offers_nothing(library: Library) -> None:
    assert topics(library, "Who may vote?", ()) == []
