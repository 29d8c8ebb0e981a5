"""PDF: words by the gaps between letters, raised digits, text turned any way."""

import pytest
from tests_drawn_pdf import drawn_pdf, lines, text, turned

from rag.formats.dispatch import extract
from rag.text.paragraphs import paragraphs

PROSE = (
    "The harbour of the old town was built when the river",
    "still ran by its walls, and ships from the islands came",
    "to trade. Salt, wool and timber were weighed here.",
)
SECOND = (
    "A second paragraph begins after a gap and goes on to",
    "the line below it, where it ends.",
)
WIDTHS = {" ": 278, "a": 556, "b": 556, "d": 556, "e": 556, "f": 278, "i": 222, "l": 222, "n": 556,
          "o": 556, "r": 333, "s": 500, "v": 500}  # fmt: skip


def read(data: bytes) -> list[str]:
    found = extract("a.pdf", data)
    kept = paragraphs(found.text, found.blocks, places=found.places)
    return [found.text[p.start : p.end] for p in kept]


def apart(words: str, gap: float, size: float = 12) -> str:
    """Draw words one by one, `gap` of their size apart."""
    x, drawn = 72.0, ""
    for word in words.split():
        drawn += text(x, 700, word, size=size)
        x += size * (sum(WIDTHS[letter] for letter in word) / 1000 + gap)
    return drawn


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_turned_text_is_read_from_its_first_line(degrees: int) -> None:
    stream = turned(degrees, lines(*PROSE, x=-150, y=60) + lines(*SECOND, x=-150, y=0))
    assert read(drawn_pdf(stream)) == [" ".join(PROSE), " ".join(SECOND)]


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_level_text_of_a_page_that_is_shown_turned_is_read_from_its_first_line(rotate: int) -> None:
    stream = lines(*PROSE) + lines(*SECOND, y=640)
    assert read(drawn_pdf(stream, rotate=rotate)) == [" ".join(PROSE), " ".join(SECOND)]


def test_a_turned_label_is_read_from_its_first_line_beside_level_text() -> None:
    label = turned(270, lines("First line of", "the label", x=0, y=0), x=60, y=500)
    [label_text] = [one for one in read(drawn_pdf(lines(*PROSE, *PROSE) + label)) if "label" in one]
    assert label_text == "First line of the label"


@pytest.mark.parametrize("shift", [0.3, 0.6, 1.0])
def test_text_with_a_shadow_is_quoted_once(shift: float) -> None:
    title = "Hill of all ballot books, 1100"
    rows = "".join(text(72 + x, 700 - x, title, size=14) for x in (0.0, shift))
    letters, x = "", 72.0  # a letter and its shadow in turn
    for letter in "seven barrels of oil":
        letters += text(x, 640, letter, size=12) + text(x + shift, 640 - shift, letter, size=12)
        x += 12 * WIDTHS[letter] / 1000
    assert read(drawn_pdf(rows + letters)) == [title, "seven barrels of oil"]


@pytest.mark.parametrize("gap", [0.14, 0.16, 0.18, 0.25])
def test_words_set_closely_are_apart(gap: float) -> None:
    words = "seven barrels of oil and a line"
    assert read(drawn_pdf(apart(words, gap))) == [words]


def test_letters_set_widely_are_words() -> None:
    stream = text(72, 700, "C H A P T E R   T H R E E", size=16)
    x = 72.0
    for letter in "APPENDIX":
        stream += text(x, 650, letter, size=14)
        x += 20
    stream += text(72, 600, "Das ist sehr w i c h t i g und gut.")
    stream += text(72, 550, "The columns are a b c d e and f.")
    assert extract("a.pdf", drawn_pdf(stream)).text.split("\n\n") == [
        "CHAPTER THREE",
        "APPENDIX",
        "Das ist sehr wichtig und gut.",
        "The columns are a b c d e and f.",
    ]


def raised(before: str, mark: str, after: str, *, rise: float = 5, x: float = 72) -> str:
    """Draw a small mark above, or below, the line."""
    return (
        f"BT /F1 11 Tf {x} 700 Td ({before}) Tj {rise} Ts /F1 7 Tf ({mark}) Tj 0 Ts"
        f" /F1 11 Tf ({after}) Tj ET\n"
    )


@pytest.mark.parametrize(
    ("before", "mark", "after", "rise", "written"),
    [
        ("The reservoir holds 3 x 10", "6", " litres.", 5, "The reservoir holds 3 x 10⁶ litres."),
        ("At most 2", "10", " files.", 5, "At most 2¹⁰ files."),
        ("The yard has 40 m", "2", " in all.", 5, "The yard has 40 m² in all."),
        ("It takes 10", "-3", " s.", 5, "It takes 10⁻³ s."),
        ("CO", "2", " is vented.", -2, "CO₂ is vented."),
        ("Built in 1628", "1", " by masons.", 5, "Built in 1628 [1] by masons."),
        ("Paid for", "2", " by the guild.", 5, "Paid for [2] by the guild."),
        ("It was lost.", "3", " They left.", 5, "It was lost. [3] They left."),
        ("On May 1", "st", " it rained.", 5, "On May 1st it rained."),
    ],
)
def test_raised_and_lowered_digits_are_written_so(
    before: str, mark: str, after: str, rise: float, written: str
) -> None:
    assert read(drawn_pdf(raised(before, mark, after, rise=rise))) == [written]


def test_a_raised_number_is_a_mark_where_its_note_is_at_the_foot() -> None:
    page = raised("About 120", "2", " men were saved.")
    note = "BT 72 60 Td 3 Ts /F1 6 Tf (2) Tj 0 Ts /F1 9 Tf ( Some say 130.) Tj ET\n"
    assert read(drawn_pdf(page)) == ["About 120² men were saved."]
    assert read(drawn_pdf(page + note)) == ["About 120 [2] men were saved.", "[2] Some say 130."]


def test_a_fraction_of_small_digits_is_apart_from_the_number_before_it() -> None:
    page = (
        "BT 72 700 Td /F1 11 Tf (He is 70) Tj 4 Ts /F1 7 Tf (1) Tj 0 Ts /F1 11 Tf (/) Tj"
        " -1 Ts /F1 7 Tf (2) Tj 0 Ts /F1 11 Tf ( years old.) Tj ET\n"
    )
    assert read(drawn_pdf(page)) == ["He is 70 1/2 years old."]


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_words_of_turned_text_that_are_drawn_one_by_one_are_in_order(degrees: int) -> None:
    drawn = "".join(
        apart(line, 0.25).replace(" 700 Td", f" {40 - 15 * n} Td")
        for n, line in enumerate(("seven barrels of oil", "and a line of beans"))
    )
    stream = turned(degrees, drawn, x=306, y=396)
    assert read(drawn_pdf(stream)) == ["seven barrels of oil and a line of beans"]


def test_what_is_wide_beside_a_wide_kerning_is_no_word() -> None:
    stream = "BT /F1 12 Tf 72 700 Td [(AWAY again and a) 120 (g) -120 (ain)] TJ ET\n"
    assert read(drawn_pdf(stream)) == ["AWAY again and again"]
