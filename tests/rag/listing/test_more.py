"""All that answers: the passages after the best few, each once, with counts of what was read."""

import pytest
from tests_support import write_files

from rag import Library, QuestionError
from rag.query.syntax import parse

TOWNS = [f"Town{number}" for number in range(60)]


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("towns")
    files = {
        f"{number % 3}/{town}.txt": f"{town} has a harbour with {number} ships.\n\nIt rains there."
        for number, town in enumerate(TOWNS)
    }
    with Library.open(folder / "library", model="hashing") as library:
        library.add(write_files(folder / "texts", files))
        yield library


def test_it_goes_on_to_the_end_and_lists_nothing_twice(towns: Library) -> None:
    question = "Which town has a harbour with ships?"
    answer = towns.ask(question)
    parts = [towns.more(question)]
    while parts[-1].next:
        parts.append(towns.more(question, cursor=parts[-1].next))
    passages = [*answer.passages, *(one for part in parts for one in part.passages)]
    assert len({one.citation.id for one in passages}) == len(passages) == 120
    assert [one.citation.number for one in passages] == list(range(1, 121))
    assert [part.read for part in parts] == [25, 45, 65, 85, 105, 120]
    assert [part.complete for part in parts] == [False] * 5 + [True]
    for part in parts:
        scores = [one.score for one in part.passages]
        assert scores == sorted(scores, reverse=True)
    likely = [one.score for one in passages if one.score >= answer.threshold]
    assert likely == sorted(likely, reverse=True)
    last = parts[-1]
    answering = {one.citation.document for one in passages if one.score >= answer.threshold}
    assert (last.may_answer, last.documents) == (len(likely), len(answering))
    assert [part.may_answer for part in parts] == sorted(part.may_answer for part in parts)


def test_all_that_answers_begins_with_the_answer(towns: Library) -> None:
    question = "Which town has a harbour with ships?"
    best = towns.ask(question)
    every = towns.ask_all(question)
    assert every.passages[0].citation.id == best.passages[0].citation.id
    assert [one.citation.number for one in every.passages] == list(
        range(1, len(every.passages) + 1)
    )
    assert all(one.score >= every.threshold for one in every.passages)
    assert (every.may_answer, every.next) == (len(every.passages), None)
    few = towns.ask_all(question, most_read=25)
    assert (few.read, few.complete) == (25, False)


def test_phrases_and_mentions_are_listed_to_the_last(towns: Library) -> None:
    for question in ('"a harbour with"', "Which documents mention harbour?"):
        every = towns.ask_all(question)
        assert (every.may_answer, every.documents, every.complete) == (60, 60, True)
        assert all("a harbour with" in one.text for one in every.passages)
    without = towns.ask_all('"a harbour with" -ships')
    assert (without.passages, without.complete) == ((), True)
    named = towns.more(parse("harbour ships folder:1"), k=5, size=30)
    assert {one.citation.document.partition("/")[0] for one in named.passages} == {"1"}


def test_cursors_name_their_question_and_the_documents(towns: Library) -> None:
    cursor = towns.more("Which town has ships?", size=3).next
    with pytest.raises(QuestionError, match="Invalid cursor"):
        towns.more("Which town has rain?", cursor=cursor)
    with pytest.raises(QuestionError, match="Invalid cursor"):
        towns.more("Which town has ships?", k=6, cursor=cursor)
    with pytest.raises(QuestionError, match="1 to 30 passages"):
        towns.more("Which town has ships?", size=31)


def test_a_table_has_a_row_for_each_question(towns: Library) -> None:
    rows = list(
        towns.ask_table(
            ['"Town7 has a harbour"', " ", "after:2024-13", "Who is the queen of Denmark?"]
        )
    )
    assert [row.question for row in rows] == [
        '"Town7 has a harbour"',
        "after:2024-13",
        "Who is the queen of Denmark?",
    ]
    assert (rows[0].state, rows[0].quote) == ("answered", "Town7 has a harbour with 7 ships.")
    assert rows[0].citation is not None
    assert rows[0].citation.document == "1/Town7.txt"
    assert (rows[1].state, rows[1].citation) == (None, None)
    assert "is no date" in rows[1].error
    assert (rows[2].state, rows[2].quote) == ("not_found", "")
