"""What a question names decides before any score; what stands nowhere is said."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests_support import write_files

from rag import Answer, Library
from rag.answers import Missing, missing_sentences
from rag.query.query import analyse
from rag.retrieval.calibration import THRESHOLD
from rag.retrieval.exact import occurrences
from rag.retrieval.exact.arrangement import arranged
from rag.retrieval.exact.evidence import CandidateTiers, Findings, Tier

RECORDS = "Claim,Holder,Status\n" + "".join(
    f"SF-{i:04d},Person{i} Name{i * 7 % 300},{'open' if i % 2 else 'closed'}\n"
    for i in range(1, 301)
)
NOTES = (
    "Claim SF-1008 was filed by Gabriel Diaz of Redmond.",
    "Claim SF-1009 was filed by Ann Poe of Tacoma.",
    "The fee is 9,90 euros for members.",
    "The fee is 19,90 euros for guests.",
    "Write to keller@north.example about meals, or to j.keller@south.example about rooms.",
    "Tax form W-2 is sent in January.",
    "Tax form W-4 is filled in by new staff.",
)


def library_of(library: Library, folder: Path, files: dict[str, str]) -> Library:
    library.add(write_files(folder / "docs", files))
    return library


@pytest.fixture
def notes(library: Library, tmp_path: Path) -> Library:
    return library_of(library, tmp_path, {"notes.txt": "\n\n".join(NOTES)})


def first(answer: Answer) -> str:
    return answer.passages[0].text


def nowhere(text: str) -> Missing:
    return Missing("identifier", text, "documents")


def test_every_record_is_told_from_the_others(library: Library, tmp_path: Path) -> None:
    library_of(library, tmp_path, {"claims.csv": RECORDS})
    for i in (1, 8, 77, 299):
        assert f"Person{i} " in first(library.ask(f"SF-{i:04d}", k=1))
        assert f"Person{i} " in first(library.ask(f"Who is the holder of sf {i:04d}?", k=1))


@pytest.mark.parametrize(
    "number", ["SF-7777", "sf 7777", "INV-2024-9999", "33276.75", "a@b.example"]
)
def test_what_stands_nowhere_is_said_and_nothing_answers(notes: Library, number: str) -> None:
    answer = notes.ask(f"Who filed claim {number}?")
    assert (answer.state, answer.answered) == ("not_found", False)
    assert answer.missing == (nowhere(number),)
    assert len(answer.passages) == 5  # the nearest misses
    assert answer.confidence < THRESHOLD


def test_a_passage_with_another_number_never_answers(notes: Library) -> None:
    answer = notes.ask("Who filed claim SF-1009?", k=10)
    assert first(answer) == NOTES[1]
    scores = {passage.text: passage.score for passage in answer.passages}
    assert scores[NOTES[0]] < THRESHOLD
    declined = notes.ask("When is tax form W-9 sent?")
    assert (declined.state, declined.missing[0]) == ("not_found", nowhere("W-9"))


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("9,90", NOTES[2]),
        ("9.90", NOTES[2]),
        ("19,90", NOTES[3]),
        ("SF 1008", NOTES[0]),
        ("sf1009", NOTES[1]),
        ("W-4", NOTES[6]),
        ("KELLER@north.example", NOTES[4]),
        ("What does SF-1009 say?", NOTES[1]),
    ],
)
def test_a_number_alone_is_answered_by_what_holds_it(
    notes: Library, question: str, text: str
) -> None:
    answer = notes.ask(question)
    assert (answer.state, first(answer)) == ("answered", text)


def test_one_of_two_numbers_may_stand_nowhere(notes: Library) -> None:
    answer = notes.ask("SF-1008 SF-9998")
    assert (answer.state, first(answer)) == ("answered", NOTES[0])
    assert answer.missing == (nowhere("SF-9998"),)


def test_names_of_documents_and_columns_hold_a_number(library: Library, tmp_path: Path) -> None:
    fees = {"agreement_v1.txt": "900", "agreement_v2.txt": "950", "agreement_v3.txt": "1,100"}
    files = {
        name: f"The courts of Bern decide.\n\nThe monthly fee is {fee} francs."
        for name, fee in fees.items()
    }
    library_of(library, tmp_path, files)
    for question in ("monthly fee in version 3", "monthly fee agreement_v3", "monthly fee v3"):
        assert "1,100" in first(library.ask(question))
    answer = library.ask("monthly fee in version 4")
    assert (answer.state, answer.missing) == ("not_found", (nowhere("version 4"),))


def test_a_passage_below_the_number_belongs_to_it(library: Library, tmp_path: Path) -> None:
    cases = [
        f"Case AB-{i} was opened by the office in May.\n\nThe engineer inspected a roof of {city}."
        for i, city in ((101, "Bern"), (102, "Basel"), (103, "Chur"))
    ]
    library_of(library, tmp_path, {"cases.txt": "\n\n".join(cases)})
    answer = library.ask("Which roof did the engineer inspect in case AB-102?", k=6)
    likely = [passage.text for passage in answer.passages if passage.score >= THRESHOLD]
    assert likely == [  # the first line only names the case
        "The engineer inspected a roof of Basel.",
        "Case AB-102 was opened by the office in May.",
    ]


def test_the_clause_itself_comes_before_what_refers_to_it(library: Library, tmp_path: Path) -> None:
    clauses = (
        "1. The lease starts in May.",
        "2.1 The rent is due on the fifth.",
        "3. Subletting needs consent, see clause 2.1.",
    )
    library_of(library, tmp_path, {"lease.txt": "\n\n".join(clauses)})
    assert first(library.ask("What does clause 2.1 say?")) == clauses[1]
    absent = library.ask("What does clause 9 say?")
    assert (absent.state, absent.missing) == ("not_found", (nowhere("clause 9"),))


def test_absence_is_not_claimed_unless_it_was_ruled_out(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"a.txt": "\n\n".join(f"Roof {i} of plan 7777 of the SF is new." for i in range(9))}
    library_of(library, tmp_path, files)
    question = "Which roof is in SF-7777?"
    assert library.ask(question).missing == (nowhere("SF-7777"),)
    monkeypatch.setattr(occurrences, "DEPTH", 5)  # fewer than there are with the word
    assert nowhere("SF-7777") not in library.ask(question).missing


def test_documents_that_mention_something_are_listed_one_by_one(
    library: Library, tmp_path: Path
) -> None:
    twice = "Gabriel Diaz signed.\n\nGabriel Diaz left."
    library_of(library, tmp_path, {"a.txt": twice, "b.txt": "By gabriel diaz.", "c.txt": "None."})
    answer = library.ask("Which documents mention Gabriel Diaz?")
    names = [passage.citation.document for passage in answer.passages]
    assert answer.state == "answered"
    assert sorted(names[:2]) == ["a.txt", "b.txt"]
    assert names[2:] == ["a.txt"]
    absent = library.ask("Which documents mention Gabriel Dias?")
    assert (absent.state, absent.missing) == ("not_found", (nowhere("Gabriel Dias"),))
    within = library.ask("Which documents mention Gabriel Diaz?", where="c.txt")
    assert within.missing == (nowhere("Gabriel Diaz"),)


def test_a_refusal_says_which_words_and_what_kind_of_thing_is_missing(
    library: Library, tmp_path: Path
) -> None:
    texts = [f"The harvest of field {i} was good and early." for i in range(100)]
    library_of(library, tmp_path, {"a.txt": "\n\n".join([*texts, "A quince is a fruit."])})
    answer = library.ask("Why did the zeppelin land?")
    assert answer.state == "not_found"
    assert Missing("words", "zeppelin", "documents") in answer.missing
    assert Missing("answer_type", "reason", "passages") in answer.missing


def test_a_passage_with_every_rare_word_may_answer(library: Library, tmp_path: Path) -> None:
    texts = [f"The harvest of field {i} was good and early." for i in range(100)]
    held = "A quince tree stood there, and the gardener was unknown."
    library_of(library, tmp_path, {"a.txt": "\n\n".join([*texts, held, "A quince is a fruit."])})
    wording = "Who was the gardener of the quince?"
    unlikely = [replace(hit, confidence=0.1) for hit in library.search(wording, k=20)]
    unlikely.sort(key=lambda hit: hit.passage.text == held)  # the last of all
    with library.store.view() as view:
        question = analyse(wording, library.embedder, view)
    held_by_all = CandidateTiers(dict.fromkeys((hit.passage.id for hit in unlikely), Tier.HOLDS))
    hits = arranged(unlikely, question, held_by_all, Findings(passages=102))
    assert (hits[0].passage.text, hits[0].confidence) == (held, THRESHOLD)
    assert [hit.confidence for hit in hits[1:]] == [0.1] * (len(hits) - 1)
    nothing = replace(held_by_all, declined=True)
    assert arranged(unlikely, question, nothing, Findings(passages=102)) == unlikely


def test_a_passage_with_the_address_asked_for_may_answer(library: Library, tmp_path: Path) -> None:
    texts = [f"The harvest of field {i} was good and early." for i in range(100)]
    held = "Complaints go to the ombudsman at help@bank.example before May."
    others = ["The ombudsman reads every complaint.", "Write to info@bank.example about loans."]
    library_of(library, tmp_path, {"a.txt": "\n\n".join([*texts, held, *others])})
    wording = "What is the e-mail address of the ombudsman?"
    unlikely = [replace(hit, confidence=0.1) for hit in library.search(wording, k=20)]
    unlikely.sort(key=lambda hit: hit.passage.text == held)
    with library.store.view() as view:
        question = analyse(wording, library.embedder, view)
    tiers = CandidateTiers(dict.fromkeys((hit.passage.id for hit in unlikely), Tier.HOLDS))
    hits = arranged(unlikely, question, tiers, Findings(passages=103))
    assert (hits[0].passage.text, hits[0].confidence) == (held, THRESHOLD)
    without = [hit for hit in unlikely if hit.passage.text != held]
    assert arranged(without, question, tiers, Findings(passages=103)) == without


def test_passages_with_every_rare_word_are_told_by_their_numbers(
    library: Library, tmp_path: Path
) -> None:
    texts = [f"The harvest of field {i} was good and early." for i in range(100)]
    held = "A quince tree stood there, and the gardener was unknown."
    library_of(library, tmp_path, {"a.txt": "\n\n".join([*texts, held, "A quince is a fruit."])})
    answer = library.ask("Who was the gardener of the quince?")
    [number] = [one.citation.number for one in answer.passages if one.text == held]
    assert answer.holding == {number}
    assert "holding" not in answer.to_dict()
    assert library.ask("What is a quince?").holding == frozenset()  # one rare word tells little


def test_what_is_missing_in_plain_english() -> None:
    missing = (
        nowhere("SF-7777"),
        Missing("words", "zeppelin", "documents"),
        Missing("words", "hangar", "documents"),
        Missing("answer_type", "date", "passages"),
        Missing("answer_type", "e-mail address", "passages"),
    )
    assert missing_sentences(missing) == [
        "SF-7777 stands in no document.",
        "Words that stand in no document: zeppelin, hangar.",
        "None of the nearest passages holds a date.",
        "None of the nearest passages holds an e-mail address.",
    ]
