"""What a question may have meant, in the words of the documents."""

from pathlib import Path

import pytest
from tests_support import write_files

from rag import Library
from rag.query.spelling import suggestion
from rag.query.syntax import parse

TEXTS = {
    "club.txt": "Iwan Roberts made 278 league appearances.\n\nHe left the club in 2004.",
    "town.txt": "University of Oslo: this university lies in Oslo.",
    "other.txt": "The wife of the keeper lives on the route to Oslo.\n\nMarta Rovere paints.",
}


@pytest.fixture
def club(library: Library, tmp_path: Path) -> Library:
    library.add(write_files(tmp_path / "texts", TEXTS))
    return library


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("Iwan Robberts league apperances", "Iwan Roberts league appearances"),
        ("iwan robberts type:txt", "iwan Roberts type:txt"),
        ("How old is Iwan Robberts?", "How old is Iwan Roberts?"),
        ("Who knew Marta Rovera?", "Who knew Marta Rovere?"),
        ("apperances", "appearances"),
        ("Which univercity is in Oslo?", "Which university is in Oslo?"),
        ("What is the wifi password in Oslo?", ""),  # no wife
        ("How do I reset my router?", ""),  # no route
        ("Iwan Roberts league appearances", ""),
        ("Where is SF-7777?", ""),
        ("是什么?", ""),
    ],
)
def test_misspelt_words_are_corrected_from_the_documents(
    club: Library, asked: str, meant: str
) -> None:
    with club.store.view() as view:
        assert suggestion(view, parse(asked)) == meant


def test_an_answer_suggests_a_spelling(club: Library) -> None:
    answer = club.ask("Did Iwan Robberts pay VAT?")
    assert answer.suggestion == "Did Iwan Roberts pay VAT?"
    assert list(answer.to_dict())[-1] == "suggestion"
    [row] = club.ask_table(["Did Iwan Robberts pay VAT?"])
    assert row.suggestion == "Did Iwan Roberts pay VAT?"


def test_an_empty_library_suggests_nothing(library: Library) -> None:
    assert library.ask("Iwan Robberts").suggestion == ""
