"""Numbers as programs draw them, and raised characters as Unicode has them."""

import pytest

from rag.formats.typesetting.numerals import NUMBERINGS
from rag.formats.typesetting.raised import lowered, note_mark, raised


@pytest.mark.parametrize(
    ("numbering", "numbers", "drawn"),
    [
        ("decimal", (1, 12), "1 12"),
        ("decimal-leading-zero", (7, 12), "07 12"),
        ("lower-roman", (1, 4, 9, 14, 40, 1999, 4000), "i iv ix xiv xl mcmxcix 4000"),
        ("upper-roman", (8,), "VIII"),
        ("lower-alpha", (1, 26, 27, 52, 703), "a z aa az aaa"),
        ("lower-repeated", (1, 26, 27, 52, 53), "a z aa zz aaa"),
        ("upper-alpha", (0, 2), "0 B"),
        ("hebrew", (1, 15, 16, 22, 500), "א טו טז כב תק"),
        ("chinese", (0, 3, 10, 11, 20, 105, 1010), "〇 三 十 十一 二十 一百〇五 一千〇一十"),
        ("ordinal", (1, 2, 3, 11, 22, 113), "1st 2nd 3rd 11th 22nd 113th"),
        ("circled", (1, 20, 21), "① ⑳ 21"),
    ],
)
def test_numbers_are_drawn_as_the_program_draws_them(
    numbering: str, numbers: tuple[int, ...], drawn: str
) -> None:
    assert " ".join(map(NUMBERINGS[numbering], numbers)) == drawn


@pytest.mark.parametrize(
    ("text", "shown"),
    [("6", "⁶"), ("-3", "⁻³"), ("2n", "²ⁿ"), (" 12 ", " ¹² "), ("st", "st"), ("½", "½"),
     ("2,5", "^(2,5)"), ("q1", "^(q1)")],
)  # fmt: skip
def test_exponents_are_characters_and_ordinals_stay(text: str, shown: str) -> None:
    assert raised(text) == shown


def test_indices_and_marks_of_notes() -> None:
    assert [lowered(text) for text in ("2", "10", "max", "i+1")] == ["₂", "₁₀", "max", "ᵢ₊₁"]
    assert [note_mark(mark) for mark in ("1", " 12 ", "[3]", "(a)", "*")] == [
        "[1]", "[12]", "[3]", "[a]", "[*]",
    ]  # fmt: skip
