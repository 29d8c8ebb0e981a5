"""What RTF shows: raised digits, notes with their marks, tables, numbers; what it hides."""

import pytest

from rag.formats.dispatch import extract
from rag.text.paragraphs import paragraphs


def read(body: str) -> list[tuple[str, str]]:
    """Return each paragraph's place and text."""
    data = rf"{{\rtf1\ansi\ansicpg1252{{\fonttbl{{\f0 Arial;}}}}\f0 {body}}}".encode("cp1252")
    extracted = extract("a.rtf", data)
    kept = paragraphs(extracted.text, extracted.blocks, places=extracted.places)
    return [(p.place, extracted.text[p.start : p.end]) for p in kept]


def texts(body: str) -> list[str]:
    return [text for _, text in read(body)]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (r"3 x 10{\super 6} m{\super 2\nosupersub .}\par", "3 x 10⁶ m²."),
        (r"H\sub 2\nosupersub O\par", "H₂O"),
        (r"2\super 10\plain  files\par", "2¹⁰ files"),
        (r"\fs24 2{\up6\fs16 10} files, {\up6 low}\par", "2¹⁰ files, low"),
        (r"\uc0 10{\super 6}\par", "10⁶"),
    ],
)
def test_raised_and_lowered_digits(body: str, text: str) -> None:
    assert texts(body) == [text]


def test_notes_have_their_marks() -> None:
    def note(star: str, kind: str, text: str) -> str:
        inside = rf"{star}\footnote{kind} \pard\plain {{\super \chftn }} {text}\par"
        return rf"{{\super \chftn {{{inside}}}}}"

    body = (
        r"\aftnnrlc Sunk in 1628" + note("", "", "By wind.") + " at sea, 120"
        + note(r"\*", r"\ftnalt", "A list.") + " men" + note("", "", "Again.") + r".\par Next\par"
    )  # fmt: skip
    assert texts(body) == [
        "Sunk in 1628[1] at sea, 120[i] men[2].", "[1] By wind.", "[i] A list.", "[2] Again.",
        "Next",
    ]  # fmt: skip


def test_hidden_text_is_said_to_be_hidden() -> None:
    assert read(r"At ten.{\v  Or later?} Sharp.\par Next\par") == [
        ("", "At ten. Sharp."),
        ("hidden text", "Or later?"),
        ("", "Next"),
    ]


def test_rows_are_a_table() -> None:
    row = r"\trowd\pard\intbl {}\cell {}\cell\row ".format
    body = row("Name", "Age") + row(r"Ada\par Byron", "36") + r"\pard After a | b.\par"
    assert texts(body) == ["Name | Age\nAda Byron | 36", "After a | b."]


def test_numbers_of_lists_are_kept_once() -> None:
    new = r"{\listtext 1.\tab}{\pntext 1.\tab}Open\par "
    old = r"{\pntext\f0 (a)\tab}Open\par {\pntext (b)\tab}Shut\par "
    assert texts(new) == ["1. Open"]
    assert texts(old) == ["(a) Open", "(b) Shut"]


def test_a_lead_in_stays_with_its_list() -> None:
    body = r"Take:\par {\listtext 1.\tab}a rope\par {\listtext 2.\tab}a lamp\par Go.\par"
    assert texts(body) == ["Take:\n1. a rope\n2. a lamp", "Go."]
