"""Work that ends: at its deadline, when it is cancelled, and whatever is typed."""

from collections.abc import Callable
from pathlib import Path

import anyio
import pytest
import regex
from tests_support import write_files

from rag import AsyncLibrary, Library, Search, deadlines, follow
from rag.async_library import in_thread
from rag.deadlines import Deadline, within
from rag.errors import CancelledWorkError, DeadlineExceededError, QuestionError
from rag.query import conditions
from rag.query.syntax import LONGEST_TYPED, MOST_PIECES, parse, pieces_of
from rag.retrieval import features, phrase_filter, pipeline, ranking

LETTERS = "".join(chr(code) for code in range(0x4E00, 0x4E00 + 655))


@pytest.fixture
def harbours(library: Library, tmp_path: Path) -> Library:
    """Return a library of 300 passages, of which 290 speak of rain."""
    texts = [f"The harbour of year {i} was {'dry' if i < 10 else 'in rain'}." for i in range(300)]
    library.add(write_files(tmp_path / "docs", {"a.txt": "\n\n".join(texts)}))
    return library


def test_a_deadline_holds_for_what_is_called_and_for_deadlines_within() -> None:
    deadlines.check()
    with within(Deadline(0)):
        with pytest.raises(DeadlineExceededError, match="longer than 0 s"):
            deadlines.check()
        with within(Deadline(60)), pytest.raises(DeadlineExceededError):
            deadlines.check()
    with within(Deadline()) as deadline:
        deadlines.check()
        deadline.cancel()
        with pytest.raises(CancelledWorkError):
            deadlines.check()
    deadlines.check()


@pytest.mark.parametrize(
    "ask",
    [
        lambda library: library.ask("harbour", timeout=0),
        lambda library: library.search("harbour -rain", timeout=0),
        lambda library: library.ask("harbour type:txt", timeout=0),
        lambda library: follow(library, "And the rain?", parse("Which harbour?"), timeout=0),
    ],
)
def test_a_question_that_takes_too_long_is_refused(
    harbours: Library, ask: Callable[[Library], object]
) -> None:
    with pytest.raises(DeadlineExceededError, match="Ask for less at once"):
        ask(harbours)


def test_two_questions_of_a_follow_up_share_one_deadline(
    harbours: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Deadline] = []
    start = Deadline.start

    def noted(deadline: Deadline) -> None:
        made.append(deadline)
        start(deadline)

    monkeypatch.setattr(Deadline, "start", noted)
    assert follow(harbours, "And the rain?", parse("Which harbour?"), timeout=60).other is not None
    assert [deadline.seconds for deadline in made] == [60, None]


def test_too_many_or_too_long_pieces_are_refused_and_the_number_told(library: Library) -> None:
    for typed in (
        "harbour " + " ".join(f"-{letter}" for letter in LETTERS),
        "harbour " + " ".join(f'"{letter}"' for letter in LETTERS),
        "harbour " + " ".join(f"type:{letter}" for letter in LETTERS),
    ):
        for read in (parse, pieces_of, library.ask):
            with pytest.raises(QuestionError, match=f"has 655 .* at most {MOST_PIECES} are read"):
                read(typed)
    with pytest.raises(QuestionError, match="has 655 exact phrases"):
        library.ask(Search("x", "x", without=tuple(LETTERS)))
    with pytest.raises(QuestionError, match="2,000 characters in all"):
        parse(f'harbour "{"a " * 1_001}"')
    most = "harbour " + " ".join(f"-{letter}" for letter in LETTERS[:MOST_PIECES])
    assert len(parse(most).without) == MOST_PIECES


def test_patterns_are_compiled_once_and_each_passage_is_looked_at_once(
    harbours: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled, looked_at, weighed = [], [], []
    pattern, admits, weigh = (
        conditions._pattern,
        phrase_filter.Admission.admits,
        features.features_of,
    )

    def compiling(phrase: str) -> "regex.Pattern[str]":
        compiled.append(phrase)
        return pattern(phrase)

    def looking(self: conditions.Admission, text: str) -> bool:
        looked_at.append(text)
        return admits(self, text)

    def weighing(question: object, candidates: list, *others: object) -> features.Features:
        weighed.append(len(candidates))
        return weigh(question, candidates, *others)

    monkeypatch.setattr(conditions, "_pattern", compiling)
    monkeypatch.setattr(phrase_filter.Admission, "admits", looking)
    monkeypatch.setattr(pipeline, "features_of", weighing)
    assert len(harbours.search("harbour year -rain -snow", k=20)) == 10
    assert compiled == ["rain", "snow"]
    assert len(looked_at) == len(set(looked_at)) == 300
    assert len(weighed) == 1
    assert weighed[0] <= ranking.READ + 20


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_work_ends_when_the_call_is_cancelled(backend: str) -> None:
    ended: list[str] = []

    async def main() -> None:
        begun = anyio.Event()

        def work() -> None:
            anyio.from_thread.run_sync(begun.set)
            try:
                while True:
                    deadlines.check()
            except CancelledWorkError:
                ended.append("cancelled")
                raise

        async with anyio.create_task_group() as group:
            group.start_soon(in_thread, work, Deadline())
            await begun.wait()
            group.cancel_scope.cancel()

    anyio.run(main, backend=backend)
    assert ended == ["cancelled"]


def test_what_work_raises_is_raised_as_it_is(library: Library) -> None:
    async def main() -> None:
        with pytest.raises(QuestionError, match="The question is empty"):
            await AsyncLibrary(library).ask(" ")
        with pytest.raises(QuestionError, match="at least one passage"):
            await AsyncLibrary(library).search("x", k=0)

    anyio.run(main)


def test_a_long_question_is_read_in_part_and_says_so(harbours: Library) -> None:
    text = "The harbour of year 7 was dry. " + "It rained on other days. " * 200
    answer = harbours.ask(text)
    assert answer.to_dict()["truncated_at"] == answer.truncated_at == 1_993
    assert answer.question == text.strip()
    assert answer.passages[0].text == harbours.ask(text[:1_993]).passages[0].text
    assert harbours.ask(text[:2_000].strip()).truncated_at is None
    assert harbours.ask("x" * 5_000).truncated_at == 2_560  # 40 letters for each of 64 tokens
    with pytest.raises(QuestionError, match="has 100,001 characters, and at most 100,000"):
        harbours.ask("x" * (LONGEST_TYPED + 1))
