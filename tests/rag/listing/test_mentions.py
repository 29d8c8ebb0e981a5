"""Every mention of a text: none is left out, none comes twice, and the counts are honest."""

import os
from pathlib import Path

import pytest
from tests_support import write_files

from rag import DeadlineExceededError, Library, QuestionError
from rag.listing.mentions import spans_of
from rag.query.exact.mentions import literal

TEXTS = {
    "b/harbour.txt": "Anna Keller met ANNA\nKELLER.\n\nAnnabel Keller left.\n\nAnna-Keller Str.",
    "a/notes.md": "# About Anna Keller\n\nShe came.\n\nShe went.\n\n# Others\n\nAnna Keller again.",
    "c/mail.eml": "From: Anna Keller <a@north.example>\nTo: b@south.example\nSubject: Rent\n"
    "Date: Fri, 31 May 2024 10:00:00 +0000\n\nThe rent is due.\n\nIt rises.\n",
}


@pytest.fixture
def harbour(library: Library, tmp_path: Path) -> Library:
    library.add(write_files(tmp_path / "texts", TEXTS))
    for number, name in enumerate(("b/harbour.txt", "a/notes.md")):
        os.utime(tmp_path / "texts" / name, (0, (number + 1) * 86_400 * 400))
    return library


def listed(library: Library, text: str, **options: object) -> list[tuple[str, list[str]]]:
    """Return each mention's document and what is marked in it."""
    return [
        (one.citation.document, [one.text[start:end] for start, end in one.spans])
        for one in library.every_mention(text, **options)
    ]


def test_mentions_are_word_for_word_whatever_the_case_and_the_line(harbour: Library) -> None:
    assert listed(harbour, "anna keller") == [
        ("a/notes.md", []),  # under the heading, once
        ("a/notes.md", ["Anna Keller"]),
        ("b/harbour.txt", ["Anna Keller", "ANNA\nKELLER"]),
        ("c/mail.eml", []),  # by its sender
    ]
    assert listed(harbour, "Keller Anna") == []
    assert listed(harbour, "annabel") == [("b/harbour.txt", ["Annabel"])]
    assert listed(harbour, "anna keller", where="b/*") == [
        ("b/harbour.txt", ["Anna Keller", "ANNA\nKELLER"])
    ]


def test_a_list_goes_on_where_it_ended(harbour: Library) -> None:
    first = harbour.mentions("Anna Keller", limit=1)
    assert (first.count, first.documents, first.complete) == (1, 1, False)
    assert first.next is not None
    parts, cursor = [first], first.next
    while cursor:
        parts.append(harbour.mentions("Anna Keller", limit=1, cursor=cursor))
        cursor = parts[-1].next
    found = [one for part in parts for one in part.mentions]
    assert [one.citation.number for one in found] == [1, 2, 3, 4]
    assert [one.text for one in found] == [one.text for one in harbour.every_mention("Anna Keller")]
    assert [(part.count, part.documents) for part in parts] == [(1, 1), (2, 1), (3, 2), (4, 3)]
    assert [part.complete for part in parts] == [False, False, False, True]
    counted = harbour.mentions("Anna Keller", limit=1, count=True)
    assert (counted.count, counted.documents, counted.complete) == (4, 3, True)
    assert counted.next == first.next


def test_mentions_are_sorted_by_date_and_by_meaning(harbour: Library) -> None:
    by_date = [one.citation.document for one in harbour.every_mention("keller", order="date")]
    assert by_date == ["b/harbour.txt"] * 3 + ["a/notes.md"] * 2 + ["c/mail.eml"]
    newest = harbour.mentions("keller", order="newest", limit=2)
    assert [one.date for one in newest.mentions] == ["2024-05-31", "1972-03-11"]
    assert (newest.count, newest.documents, newest.complete) == (6, 3, True)
    rest = harbour.mentions("keller", order="newest", limit=10, cursor=newest.next)
    assert [one.citation.number for one in rest.mentions] == [3, 4, 5, 6]
    near = next(harbour.every_mention("keller", order="meaning", near="The rent is due."))
    assert near.citation.document == "c/mail.eml"


def test_a_cursor_of_another_list_or_of_other_documents_is_refused(harbour: Library) -> None:
    cursor = harbour.mentions("Anna Keller", limit=1).next
    for wrong in (cursor[:-3], "x", "W10", "Z" * 70_000):
        with pytest.raises(QuestionError, match="Invalid cursor"):
            harbour.mentions("Anna Keller", limit=1, cursor=wrong)
    for other in ({"order": "date"}, {"where": "b/*"}):
        with pytest.raises(QuestionError, match="Invalid cursor"):
            harbour.mentions("Anna Keller", limit=1, cursor=cursor, **other)
    harbour.remove(harbour.documents()[0].path)
    with pytest.raises(QuestionError, match="have changed since this list was begun"):
        harbour.mentions("Anna Keller", limit=1, cursor=cursor)


def test_bad_requests_say_what_to_do(harbour: Library) -> None:
    with pytest.raises(QuestionError, match="Give a word"):
        harbour.mentions("?!")
    with pytest.raises(QuestionError, match="at most 200"):
        harbour.mentions("x" * 201)
    with pytest.raises(QuestionError, match="1 to 1,000 mentions"):
        harbour.mentions("x", limit=0)
    with pytest.raises(DeadlineExceededError):
        harbour.mentions("Anna Keller", timeout=0)


def test_spans_are_of_the_text_as_it_stands() -> None:
    for text, sought, marked in (
        ("Der Eﬃzienz-Bericht", "effizienz", ["Eﬃzienz"]),
        ("In the  North \n Sea", "north sea", ["North \n Sea"]),
        ("No. SF‑1008, sf 1008", "SF-1008", ["SF‑1008", "sf 1008"]),
        ("A\u00adnna and Anna", "anna", ["A\u00adnna", "Anna"]),
        ("Müller, Muller", "müller", ["Müller"]),
        ("Note¹ on note", "note", ["Note", "note"]),
    ):
        assert [text[start:end] for start, end in spans_of(literal(sought), text)] == marked
