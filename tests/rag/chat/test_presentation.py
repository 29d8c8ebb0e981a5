"""What is shown of an answer at once, what is folded, and in which order."""

from dataclasses import replace

import pytest
from answers_support import answer_in, cited_passage

from rag.answers import Answer, State
from rag.chat.presentation import present


def answer_of(state: State, *scores: float, question: str = "Q") -> Answer:
    passages = [cited_passage(f"Text {n}.", score, n) for n, score in enumerate(scores, start=1)]
    return answer_in(state, *passages, question=question)


@pytest.mark.parametrize(
    ("state", "scores", "strong", "weak", "nearest"),
    [
        ("answered", (0.9, 0.4, 0.14, 0.1), 2, 2, 0),
        ("answered", (0.9, 0.14, 0.4, 0.1), 3, 1, 0),  # in the answer's order, whatever its scores
        ("may_answer", (0.4, 0.2, 0.1), 2, 1, 0),
        ("may_answer", (0.4, 0.02, 0.0), 1, 2, 0),
        ("not_found", (0.2, 0.2, 0.1, 0.1), 0, 0, 3),
    ],
)
def test_only_weaker_matches_of_an_answer_and_nearest_misses_are_folded(
    state: State, scores: tuple[float, ...], strong: int, weak: int, nearest: int
) -> None:
    answer = answer_of(state, *scores)
    shown = present(answer)
    assert [len(group) for group in (shown.strong, shown.weak, shown.nearest)] == [
        *(strong, weak, nearest)
    ]
    if state != "not_found":
        assert shown.strong + shown.weak == answer.passages
    assert not shown.holds_words


@pytest.mark.parametrize("state", ["answered", "may_answer"])
def test_no_passage_that_holds_all_rare_words_is_folded(state: State) -> None:
    answer = answer_of(state, 0.4, 0.1, 0.02, 0.0)
    shown = present(replace(answer, holding=frozenset({1, 3})))
    first, second, third, last = answer.passages
    assert (shown.strong, shown.weak) == ((first, third), (second, last))


def test_passages_that_hold_the_phrase_are_all_shown() -> None:
    answer = answer_of("answered", 0.9, 0.1, question='"exact phrase"')
    shown = present(answer)
    assert (shown.strong, shown.weak, shown.holds_words) == (answer.passages, (), True)
