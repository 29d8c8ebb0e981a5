"""The signs that a question may hold, and that they are kept to."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from tests_support import write_files

from rag import Library
from rag.errors import QuestionError
from rag.query.conditions import Admission
from rag.query.syntax import Filter, Search, parse, pieces_of, plain, without_piece


@pytest.mark.parametrize(
    ("typed", "words", "phrases", "without", "filters"),
    [
        ("Who pays?", "Who pays?", (), (), ()),
        ('"old harbour" keeper', "old harbour keeper", ("old harbour",), (), ()),
        ("“old harbour”, «le port»?", "old harbour, le port?", ("old harbour", "le port"), (), ()),
        ("harbour -rain -“Gaza City”", "harbour", (), ("rain", "Gaza City"), ()),
        ("ships type:md in Basra", "ships in Basra", (), (), ("type:md",)),
        ('ships document:"Annual report" after:2024-05', "ships", (), (),
         ('document:"Annual report"', "after:2024-05")),
        ("a co-author - and more -5", "a co-author - and more -5", (), (), ()),
        ('an unpaired " mark', 'an unpaired " mark', (), (), ()),
        ("the type: of it, a/type:md", "the type: of it, a/type:md", (), (), ()),
        ('a "..." holds no word', 'a ... holds no word', (), (), ()),
    ],
)  # fmt: skip
def test_a_question_is_taken_apart(
    typed: str, words: str, phrases: tuple, without: tuple, filters: tuple
) -> None:
    found = parse(typed)
    assert (found.phrases, found.without) == (phrases, without)
    assert tuple(map(str, found.filters)) == filters
    assert found.words == words


def test_nothing_left_to_search_for_is_refused() -> None:
    for typed in ("-rain", "type:md", "type:md -rain ?"):
        with pytest.raises(QuestionError, match="only excludes things"):
            parse(typed)
    with pytest.raises(QuestionError, match="is no date"):
        parse("ships after:2024-13")
    assert Filter("after", "2024-05").day == date(2024, 5, 1)


def test_pieces_are_taken_out_as_they_stand() -> None:
    typed = 'ships "old harbour" -rain type:md'
    assert [piece.typed for piece in pieces_of(typed)] == ['"old harbour"', "-rain", "type:md"]
    assert parse(typed).pieces == pieces_of(typed)
    assert [(piece.kind, piece.value) for piece in pieces_of(typed)] == [
        ("phrase", "old harbour"),
        ("without", "rain"),
        ("type", "md"),
    ]
    assert without_piece(typed, "-rain") == 'ships "old harbour" type:md'


@pytest.mark.parametrize(
    ("phrase", "text", "held"),
    [
        ("old harbour", "The Old\n  harbour.", True),
        ("old harbour", "The old harbours.", False),
        ("the king’s man", "the king's man", True),
        ("co-operate", "they co‑operate", True),
        ("caf\u00e9", "a cafe\u0301 there", True),
        ("a.b", "axb", False),
        ("東京", "私は東京に住む", True),
        ("بغداد", "في بغداد اليوم", True),
    ],
)
def test_a_phrase_is_held_word_for_word(phrase: str, text: str, held: bool) -> None:
    assert Admission(Search("", "", (phrase,))).admits(text) is held
    assert Admission(Search("", "", (), (phrase,))).admits(text) is not held


@given(st.text(max_size=80))
def test_any_text_can_be_asked(typed: str) -> None:
    try:
        found = parse(typed)
    except QuestionError:
        return
    assert Admission(found).admits("x") in (True, False)
    assert plain(typed).words == typed.strip()


@pytest.fixture
def harbours(library: Library, tmp_path: Path) -> Library:
    docs = write_files(
        tmp_path / "docs",
        {
            "a.md": "The old harbour of Basra is deep.\n\nThe harbour is old, and it rains there.",
            "b.txt": "Old ships lie in the harbour of Basra.\n\nRain fell on the old harbour.",
            "reports/c.txt": "A harbour was planned.",
        },
    )
    library.add(docs)
    return library


def shown(library: Library, question: str) -> list[str]:
    return sorted(passage.text for passage in library.ask(question, k=10).passages)


def test_phrases_exclusions_and_filters_are_enforced(harbours: Library) -> None:
    assert shown(harbours, '"old harbour"') == [
        "Rain fell on the old harbour.",
        "The old harbour of Basra is deep.",
    ]
    assert shown(harbours, '"old harbour" -rain') == ["The old harbour of Basra is deep."]
    assert shown(harbours, '"old harbour" type:txt') == ["Rain fell on the old harbour."]
    assert shown(harbours, "harbour folder:reports") == ["A harbour was planned."]
    assert shown(harbours, "harbour document:b") == shown(harbours, "harbour document:b.txt")
    assert shown(harbours, '"harbour old"') == []
    assert shown(harbours, "harbour after:2001 document:a.md document:c.txt -old") == [
        "A harbour was planned."
    ]
    with pytest.raises(QuestionError, match="No document of the library matches before:1999"):
        harbours.ask("harbour before:1999")


def test_exact_phrases_alone_are_answered_by_what_holds_them(harbours: Library) -> None:
    assert harbours.ask('"harbour was planned"').answered
    assert not harbours.ask('"harbour was sold"').answered
    assert harbours.ask(plain('"harbour was sold"')).passages  # signs without meaning
