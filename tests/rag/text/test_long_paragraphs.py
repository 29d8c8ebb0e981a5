"""Paragraphs without an end: cut where a person would, no letter lost, whatever the format."""

import itertools
from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from tests_support import write_files

from rag import Library
from rag.formats.worker import Worker
from rag.indexing.readers import Reading, TextReader, WorkerReader
from rag.indexing.source_files import LoadedFile, SourceFile
from rag.text.blocks import Block
from rag.text.long_paragraphs import LONGEST, readable
from rag.text.paragraphs import paragraphs
from vector_store.records import Paragraph

SENTENCE = "The clerk of the harbour wrote a letter to the council about the price of salt. "


def parts(text: str, language: str = "en") -> list[str]:
    whole = [Paragraph(0, len(text), 1)]
    return [text[p.start : p.end] for p in readable(text, whole, language)]


def test_a_long_paragraph_is_cut_at_sentence_ends_into_parts_of_about_one_length() -> None:
    made = parts((SENTENCE * 30).strip())  # 2,429 letters
    assert made == [(SENTENCE * 15).strip()] * 2
    assert parts((SENTENCE * 24).strip()) == [(SENTENCE * 24).strip()]  # 1,943 letters


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("12:01 the door opens\n" * 300, "opens"),  # a log: lines
        ("word " * 1_000, "word"),  # no sentence: words
        ("x" * 5_000, "x"),  # no word: letters
        ("北京的春天很美。" * 500, "。"),  # no spaces
        ('a."' * 2_000, ""),
    ],
)
def test_without_sentences_lines_words_and_letters_are_kept_whole(text: str, ends: str) -> None:
    made = parts(text.strip())
    assert len(made) == -(-len(text.strip()) // LONGEST) or len(made) > 2
    assert all(LONGEST // 4 <= len(part) <= LONGEST for part in made[:-1])
    assert all(part.endswith(ends) for part in made)
    assert "".join("".join(made).split()) == "".join(text.split())


def test_a_letter_is_not_parted_from_its_accents() -> None:
    made = parts("e\N{COMBINING ACUTE ACCENT}" * 1_500)
    assert len(made) == 2
    assert all(part.startswith("e") and len(part) % 2 == 0 for part in made)


def test_a_part_keeps_headings_page_and_place_and_what_says_nothing_is_left_out() -> None:
    text = SENTENCE * 30 + "=" * 5_000 + " " + SENTENCE * 30
    given = [Paragraph(0, 10, 1), Paragraph(0, len(text), 2, 7, ("Letters",), "row 9")]
    made = readable(text, given, "en")
    assert [part.number for part in made] == list(range(1, len(made) + 1))
    assert {(p.page, p.headings, p.place) for p in made[1:]} == {(7, ("Letters",), "row 9")}
    assert not any(set(text[p.start : p.end]) == {"="} for p in made)


@given(
    st.text(alphabet=st.sampled_from(list('aé .!?\n\r\t"«»א北\u0301\ud800\x1c=')), max_size=300),
    st.integers(1, 40),
)
def test_no_letter_is_lost_none_stands_twice_and_no_part_is_long(text: str, times: int) -> None:
    text *= times
    whole = paragraphs(text, [Block(0, len(text))])
    made = readable(text, whole, "")
    assert all(0 < part.end - part.start <= LONGEST for part in made)
    assert all(one.end <= other.start for one, other in itertools.pairwise(made))
    bounds = [0, *itertools.chain.from_iterable((p.start, p.end) for p in made), len(text)]
    left_out = "".join(text[a:b] for a, b in zip(bounds[::2], bounds[1::2], strict=True))
    assert not set(left_out) & set("aéא北")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("line.txt", SENTENCE * 2_000),
        ("line.md", SENTENCE * 2_000),
        ("line.html", f"<p>{SENTENCE * 2_000}</p>"),
        ("cell.csv", f'speaker,text\nclerk,"{SENTENCE * 2_000}"\nmayor,Nothing.\n'),
    ],
)
def test_whatever_holds_an_endless_line_its_passages_can_be_read(
    name: str, text: str, library: Library, tmp_path: Path
) -> None:
    write_files(tmp_path / "docs", {name: text})
    library.add(tmp_path / "docs")
    passages = library.contents(str(tmp_path / "docs" / name)).passages
    assert len(passages) > 70
    assert max(len(passage.text) for passage in passages) <= LONGEST
    assert sum(passage.text.count("price of salt") for passage in passages) == 2_000
    assert library.verify().problems == ()
    if name.endswith("csv"):
        assert passages[5].paragraph.place == "row 2"


def reading(reader: TextReader | WorkerReader, text: str) -> Reading:
    source = SourceFile(Path("/folder/notes.txt"), "notes.txt")
    return reader.read(LoadedFile(source, text.encode(), "0" * 64))


def test_a_plain_text_is_read_alike_in_this_process_and_in_the_worker() -> None:
    text = "\ufeffREPORT\n\nOne\x00 line\r\nand\x0btwo.\u200b\n\n1. Scope\n\n" + SENTENCE * 90
    with Worker() as worker:
        assert reading(WorkerReader(worker), text) == reading(TextReader(), text)


def test_a_large_text_and_any_markdown_are_for_the_worker() -> None:
    def file(name: str, size: int) -> LoadedFile:
        return LoadedFile(SourceFile(Path("/folder") / name, name), b"x" * size, "0" * 64)

    assert TextReader().reads(file("a.TXT", 1 << 20))
    assert not TextReader().reads(file("a.txt", (1 << 20) + 1))
    assert not TextReader().reads(file("a.md", 10))
    with Worker() as worker:
        assert WorkerReader(worker).reads(file("a.md", 10))


def test_headings_and_headers_of_a_megabyte_do_not_stand_with_every_paragraph() -> None:
    text = "H" * 100_000 + "\n" + SENTENCE * 2
    [one] = paragraphs(
        text,
        [
            Block(0, 100_000, 1, "H" * 100_000),
            Block(100_001, len(text), columns="column, " * 100_000),
        ],
    )
    assert [*map(len, one.headings), len(one.columns)] == [500, 2_000]
