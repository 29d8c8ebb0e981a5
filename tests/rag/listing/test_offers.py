"""What of a question its mentions are offered of."""

import pytest

from rag.listing.offers import listable
from rag.query.syntax import parse


@pytest.mark.parametrize(
    ("question", "texts"),
    [
        ('Who met "Iwan Roberts" and "iwan  roberts"?', ("Iwan Roberts",)),
        ("Which documents mention clean water?", ("clean water",)),
        ("Gabriel Diaz", ("Gabriel Diaz",)),
        ("What does SF-7777 cost?", ("SF-7777",)),
        ("Who pays the rent?", ()),
        ('"Iwan Roberts" type:md', ()),
        ('"Iwan Roberts" -club', ()),
    ],
)
def test_names_phrases_and_numbers_are_listed(question: str, texts: tuple[str, ...]) -> None:
    assert listable(parse(question)) == texts
