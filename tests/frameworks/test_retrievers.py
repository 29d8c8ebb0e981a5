"""One contract of all frameworks' retrievers: what `Library.ask` quotes, and nothing else."""

from typing import TYPE_CHECKING

import pytest
from tests_support import BASRA, QOM

from rag import Library, QuestionError

if TYPE_CHECKING:
    from .conftest import Framework

ANSWERED = "Which university offers scholarships?"
UNANSWERED = "How long is the Danube?"


def test_it_gives_what_the_library_quotes(
    framework: "Framework", seeds_library: Library, seed_questions: list[str]
) -> None:
    retriever = framework.make(seeds_library, k=4)
    declined = 0
    for question in seed_questions:
        answer = seeds_library.ask(question, k=4)
        found = framework.ask(retriever, question)
        quoted = answer.passages if answer.answered else ()
        assert [(text, score) for text, score, _ in found] == [(p.text, p.score) for p in quoted]
        for (_, _, told), passage in zip(found, quoted, strict=True):
            citation = {**passage.citation.to_dict(), "also": list(passage.citation.also)}
            assert {name: told[name] for name in citation} == citation
            assert (told["answered"], told["confidence"]) == (True, answer.confidence)
        declined += not answer.answered
    assert declined == 4
    assert len(seed_questions) == 16


def test_nearest_misses_come_when_wanted(framework: "Framework", seeds_library: Library) -> None:
    misses = seeds_library.ask(UNANSWERED, k=2).passages
    found = framework.ask(framework.make(seeds_library, k=2, nearest_misses=True), UNANSWERED)
    assert [text for text, _, _ in found] == [passage.text for passage in misses]
    assert [told["answered"] for _, _, told in found] == [False, False]


def test_where_is_kept_to(framework: "Framework", seeds_library: Library) -> None:
    def documents(where: list[str]) -> set[str]:
        retriever = framework.make(seeds_library, k=9, where=where, nearest_misses=True)
        return {told["document"] for _, _, told in framework.ask(retriever, ANSWERED)}

    assert documents([]) == {BASRA, QOM}
    assert documents(["000_*"]) == {BASRA}
    assert documents(["004_*"]) == {QOM}


def test_a_question_that_cannot_be_asked_is_refused(
    framework: "Framework", seeds_library: Library
) -> None:
    with pytest.raises(QuestionError, match="question is empty"):
        framework.ask(framework.make(seeds_library), "  ")
