"""Text to paragraphs: where each begins and ends, under which headings, in every kind of text."""

import textwrap
from collections.abc import Callable

import pytest
from hypothesis import example, given, strategies as st

from rag.text import markdown, plain_text
from rag.text.blocks import Block, Place
from rag.text.paragraphs import paragraphs

Blocks = Callable[[str], list[Block]]
SENTENCE = "The quick brown fox jumps over the lazy dog and runs into the wood. "


def split(blocks: Blocks, text: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(text[p.start : p.end], p.headings) for p in paragraphs(text, blocks(text))]


def texts(blocks: Blocks, text: str) -> list[str]:
    return [quote for quote, _ in split(blocks, text)]


def test_blank_lines_part_paragraphs() -> None:
    text = f"{SENTENCE}\n\n  \t\n{SENTENCE * 2}\r\n\r\nLast one."
    assert texts(plain_text.blocks, text) == [SENTENCE.strip(), (SENTENCE * 2).strip(), "Last one."]


def test_long_lines_without_blank_ones_are_paragraphs_each() -> None:
    lines = [SENTENCE * 4, SENTENCE * 6, SENTENCE * 3]
    assert texts(plain_text.blocks, "\n".join(lines)) == [line.strip() for line in lines]


@pytest.mark.parametrize("width", [50, 72, 100])
def test_hard_wrapped_lines_stay_together(width: int) -> None:
    wrapped = [textwrap.fill(SENTENCE * n, width) for n in (3, 5)]
    assert texts(plain_text.blocks, "\n\n".join(wrapped)) == wrapped


def test_wrapped_paragraphs_without_blank_lines_part_at_short_last_lines() -> None:
    ending = "This one ends early."
    wrapped = [textwrap.fill(SENTENCE * 4 + ending, 72), textwrap.fill(SENTENCE * 5, 72)]
    assert len(wrapped[0].splitlines()[-1]) < 60
    assert texts(plain_text.blocks, "\n".join(wrapped)) == wrapped


def test_short_sentences_line_by_line_are_paragraphs_each() -> None:
    text = "He came.\nThen she left the house at once.\nNobody knew why."
    assert texts(plain_text.blocks, text) == text.splitlines()


def test_verse_and_addresses_stay_together() -> None:
    text = "Ministry of Culture\nRiver Street 4\nBasra\n\nA rose is\na rose is a rose is\na rose"
    assert texts(plain_text.blocks, text) == text.split("\n\n")


def test_headings_of_plain_text_are_context_only() -> None:
    text = (
        f"ANNUAL REPORT\n\n1. Scope\n\n{SENTENCE}\n\nMethods\n=======\n\n{SENTENCE}\n\n"
        f"What we found\n\n{SENTENCE * 2}"
    )
    assert split(plain_text.blocks, text) == [
        (SENTENCE.strip(), ("ANNUAL REPORT", "1. Scope")),
        (SENTENCE.strip(), ("Methods",)),
        ((SENTENCE * 2).strip(), ("Methods", "What we found")),
    ]


def test_short_facts_are_not_taken_for_headings() -> None:
    text = "Name: Iwan\n\nAge: 45\n\nThe total is 12.\n\nYes"
    assert texts(plain_text.blocks, text) == text.split("\n\n")


@pytest.mark.parametrize(
    "text",
    [
        "1. Preheat the oven to 230 degrees\n\n2. Mix flour and water\n\n3. Bake for 40 minutes",
        f"12 members voted against the plan\n\n{SENTENCE}".replace("plan\n", "plan.\n"),
        f"Part of the money was lost at sea, as the keeper of the books says\n\n{SENTENCE.strip()}",
    ],
)
def test_steps_and_sentences_are_not_taken_for_headings(text: str) -> None:
    assert texts(plain_text.blocks, text) == text.strip().split("\n\n")


def test_what_markdown_takes_no_block_for_is_not_lost() -> None:
    text = 'Text.\n\n[link]: https://example.org "A title"\n'
    assert texts(markdown.blocks, text) == ["Text.", text.split("\n\n")[1].strip()]


def test_markdown_blocks_and_headings() -> None:
    text = (
        "---\nauthor: A\n---\n# Guide\n\nIntro *here*.\n\n## Set-up\n\n"
        "```\n# not a heading\n```\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
        "Under\n-----\n\n> quoted\n\n# Next\n\nEnd"
    )
    assert split(markdown.blocks, text) == [
        ("---\nauthor: A\n---", ()),
        ("Intro *here*.", ("Guide",)),
        ("```\n# not a heading\n```", ("Guide", "Set-up")),
        ("- one\n- two", ("Guide", "Set-up")),
        ("| a | b |\n|---|---|\n| 1 | 2 |", ("Guide", "Set-up")),
        ("> quoted", ("Guide", "Under")),
        ("End", ("Next",)),
    ]


def test_a_long_markdown_table_is_cited_row_by_row_with_the_names_of_its_columns() -> None:
    rows = [f"| Part {n} | Maker of {n} |" for n in range(80)]
    table = "\n".join(["| Part | `Maker` **name** |", "|---|:-:|", *rows])
    text = f"Before.\n\n{table}\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    found = [
        (text[block.start : block.end].strip(), block.columns) for block in markdown.blocks(text)
    ]
    assert [one for one in found if one[0]] == [
        ("Before.", ""),
        ("| Part | `Maker` **name** |", ""),
        ("|---|:-:|", ""),
        *((row, "Part | Maker name") for row in rows),
        ("| a | b |\n|---|---|\n| 1 | 2 |", ""),
    ]


def test_a_long_markdown_list_is_cited_item_by_item() -> None:
    items = [f"- {SENTENCE * 6}" for _ in range(4)]
    assert texts(markdown.blocks, "\n".join(items)) == [item.strip() for item in items]


def test_a_text_of_headings_only_is_not_lost() -> None:
    assert texts(markdown.blocks, "# One\n\n# Two") == ["# One", "# Two"]


def test_a_heading_with_nothing_under_it_is_a_paragraph_of_its_own() -> None:
    text = (
        "# Decision 1: a lift\n\n# Guide\n\nText.\n\n## Warranty: nine years\n\n"
        "## Other\n\nMore.\n\n# Index\n\n## A\n\n### B"
    )
    assert split(markdown.blocks, text) == [
        ("# Decision 1: a lift", ()),
        ("Text.", ("Guide",)),
        ("## Warranty: nine years", ("Guide",)),
        ("More.", ("Guide", "Other")),
        ("### B", ("Index", "A")),
    ]


def test_a_heading_at_the_end_of_a_slide_heads_nothing_on_the_next() -> None:
    text = "Agenda. Budget. 12 a day."
    slides = [Place(0, "slide 1"), Place(16, "slide 2", fresh=True)]
    blocks = [Block(0, 7), Block(8, 15, 1, "Budget."), Block(16, 25)]
    found = paragraphs(text, blocks, places=slides)
    assert [(text[p.start : p.end], p.headings) for p in found] == [
        ("Agenda.", ()),
        ("Budget.", ()),
        ("12 a day.", ()),
    ]


def test_a_heading_above_text_that_is_set_apart_stays_a_heading() -> None:
    text = "Aim one two"
    places = [Place(0, ""), Place(4, "hidden text"), Place(8, "")]
    blocks = [Block(0, 3, 1, "Aim"), Block(4, 7), Block(8, 11)]
    found = paragraphs(text, blocks, places=places)
    assert [(p.place, p.headings) for p in found] == [("hidden text", ("Aim",)), ("", ("Aim",))]


def test_rules_and_empty_lines_are_no_paragraphs() -> None:
    assert texts(plain_text.blocks, "* * *\n\nText.\n\n-----\n\n\ufeff\n") == ["Text."]


def test_pages_and_a_title_are_carried() -> None:
    pages = [Place(0, "page 1", 1), Place(4, "page 2", 2)]
    found = paragraphs("one two", [Block(0, 3), Block(4, 7)], title="T", places=pages)
    assert [(p.number, p.page, p.headings) for p in found] == [(1, 1, ("T",)), (2, 2, ("T",))]


hostile = st.text(
    alphabet=st.one_of(
        st.sampled_from(
            "\r\n\t \f\v\x00\x85\u2028\u2029\ufeff\u202e\u0301#*->|`=1.)é😀ab مر他\ud800"
        ),
        st.characters(),
    ),
    max_size=200,
)


@pytest.mark.parametrize("blocks", [plain_text.blocks, markdown.blocks])
@given(text=hostile)
@example(text="a\r\rb\r\n\nc\x0bd\u2028e\x85f")
@example(text="\ufeff# h\r\n\r\nx\x00\r\n- \ud800")
@example(text="e\u0301\n\n\u202eabc\u202c\n\n😀")
def test_paragraphs_are_exact_ordered_and_lose_no_word(blocks: Blocks, text: str) -> None:
    found = paragraphs(text, blocks(text))
    ends = 0
    for number, paragraph in enumerate(found, start=1):
        quote = text[paragraph.start : paragraph.end]
        assert paragraph.number == number
        assert ends <= paragraph.start < paragraph.end <= len(text)
        assert quote == quote.strip()
        ends = paragraph.end
    if any(c.isalnum() for c in text):
        assert found or not any(
            any(c.isalnum() for c in text[b.start : b.end]) for b in blocks(text)
        )
    covered = {i for block in blocks(text) for i in range(block.start, block.end)}
    outside = [c for i, c in enumerate(text) if i not in covered and c.isalnum()]
    assert outside == []


def test_a_salutation_is_no_heading() -> None:
    text = f"Dear Lucia,\n\n{SENTENCE} {SENTENCE}\n\nYours,\n\nAnna\n"
    assert [headings for _, headings in split(plain_text.blocks, text)] == [()] * 4
