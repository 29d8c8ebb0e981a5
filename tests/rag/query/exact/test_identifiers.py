"""What a question names by a number, a code, an address or a date, and where that stands."""

import pytest

from rag.query.exact.identifiers import asks_nothing_more, identifiers_of, words_beside
from rag.query.exact.literal_text import plain


@pytest.mark.parametrize(
    ("question", "texts"),
    [
        ("Whose claim is SF-7777?", ["SF-7777"]),
        ("whose claim is sf 7777", ["sf 7777"]),
        ("INV-2024-0021's payee", ["INV-2024-0021"]),
        ("inv 2024 0012", ["inv 2024 0012"]),
        ("Is W77 paid?", ["W77"]),
        ("4711/32-B", ["4711/32-B"]),
        ("0x80070005", ["0x80070005"]),
        ("Who owns 1C4RJFBG2NC123456?", ["1C4RJFBG2NC123456"]),
        ("150109-DSP-Milw-505", ["150109-DSP-Milw-505"]),
        ("Who is j.keller@north.example?", ["j.keller@north.example"]),
        ("Who received 33276.75 EUR?", ["33276.75"]),
        ("Wer bekam 33 276,75 Euro?", ["33 276,75"]),
        ("What is on +41 44 668 18 00?", ["+41 44 668 18 00"]),
        ("the account CH93 0076 2011 6238 5295 7", ["CH93 0076 2011 6238 5295 7"]),
        ("§ 12", ["§ 12"]),
        ("What does clause 2.1 say?", ["clause 2.1"]),
        ("the fee in version 3", ["version 3"]),
        ("agreement_v3", ["agreement_v3"]),
        ("flight LX 381 and norm EN 1090-2", ["LX 381", "EN 1090-2"]),
        ("پرونده SF-۷۷۷۷ از کیست؟", ["SF-7777"]),
        ("SF-2001 and SF-1999", ["SF-2001", "SF-1999"]),
        ("What happened on 18 June 2021?", ["18 June 2021"]),
    ],
)
def test_what_names_one_thing_is_an_identifier(question: str, texts: list[str]) -> None:
    assert [one.text for one in identifiers_of(question)] == texts


@pytest.mark.parametrize(
    "question",
    [
        "What happened in 1969?",
        "Apollo 11 and World War 2",
        "When was Windows 10 released?",
        "the 20th century, the 1990s and mid-2020",
        "5km, 10kg and 1080p for an 18-year-old of 24/7 fame, at 10:30",
        "the 2019-2020 season with 25 people aged 18-24",
        "over 9000 people and the top 100 songs of 2020",
        "a 4x4 with .NET 8 and C++",
        "no number at all",
        "",
    ],
)
def test_ordinary_numbers_name_nothing(question: str) -> None:
    assert identifiers_of(question) == ()


@pytest.mark.parametrize("question", ["covid-19", "GPT-4", "50,000 people", "9,90", "2021-06-18"])
def test_what_may_be_put_another_way_is_only_preferred(question: str) -> None:
    [identifier] = identifiers_of(question)
    assert not identifier.strict


@pytest.mark.parametrize(
    ("question", "text", "stands"),
    [
        ("SF-1008", "Claim sf‑1008 was filed.", True),
        ("SF-1008", "Claim SF 1008, open", True),
        ("SF1008", "claim_SF-1008.pdf", True),
        ("SF-1008", "SF-10081", False),
        ("SF-1008", "SF-1008-2", False),
        ("SF-1008", "SF-1008-related costs", True),
        ("INV-2024-001", "INV-2024-0012", False),
        ("INV-12", "INV-12³ is open", True),
        ("4711/32-B", "part 4711/23-B", False),
        ("0x80070005", "Error 0x80070057", False),
        ("j.keller@north.example", "to keller@north.example", False),
        ("keller@north.example", "to j.keller@north.example", False),
        ("keller@north.example", "To: Keller@North.example.", True),
        ("9,90", "The fee is 9,90 euros.", True),
        ("9,90", "The fee is 19,90 euros.", False),
        ("33276.75", "33,276.75 EUR", True),
        ("33276.75", "33 276,75 €", True),
        ("33276.75", "33'276.75", True),
        ("33276.75", "133276.75", False),
        ("1200.00", "1,200 francs", True),
        ("47112", "شماره ۴۷۱۱۲", True),
        ("5000123412341234", "5000 1234 1234 1234", True),
        ("0446681800", "Call 044 668 18 00 for support.", True),
        ("21-cv-00345", "Case No. 2:21-cv-00345", True),
        ("F-16", "two F-16s", True),
        ("F-16", "the F-15", False),
        ("clause 2.1", "2.1 The rent is due.", True),
        ("clause 2.1", "see Section 2.1", True),
        ("clause 2.1", "2.10 Pets", False),
        ("clause 2", "2.1 The rent is due.", True),
        ("article 4", "Article IV", True),
        ("§ 12", "Under § 123 it may be contested.", False),
        ("version 3", "agreement_v3.txt", True),
        ("version 3", "Version 3.1", False),
        ("version 3", "version 13", False),
        ("invoice 4711", "Nr. 4711 is open", True),
        ("case 12", "on 12 May", False),
        ("case 12", "Case no. 12", True),
        ("18 June 2021", "on 2021-06-18", True),
        ("2021-06-18", "am 18. Juni 2021", True),
        ("18.06.2021", "June 18th, 2021", True),
        ("18 June 2021", "18 June 2022", False),
    ],
)
def test_it_stands_in_a_text_however_it_is_spelt(question: str, text: str, stands: bool) -> None:
    [identifier] = identifiers_of(question)
    assert identifier.stands_in(plain(text)) is stands


@pytest.mark.parametrize(
    ("question", "text", "other"),
    [
        ("SF-1008", "Claim SF-1009", True),
        ("SF-1008", "Claim SF-1008", False),
        ("SF-1008", "Invoice INV-1009 of 2024", False),
        ("4711/32-B", "4711/23-B", True),
        ("0x80070005", "0x80070057", True),
        ("W-2", "form W-4", True),
        ("a@b.example", "write to c@d.example", True),
        ("33276.75", "1,200.00 francs", True),
        ("33276.75", "in 2024", False),
        ("clause 2.1", "3.3 Subletting", True),
        ("version 3", "version 2 of May", True),
        ("§ 12", "§ 14", True),
        ("18 June 2021", "19 June 2021", False),  # may answer all the same
    ],
)
def test_another_of_its_shape_is_told(question: str, text: str, other: bool) -> None:
    [identifier] = identifiers_of(question)
    assert identifier.other_in(plain(text)) is other


@pytest.mark.parametrize(
    ("question", "nothing_more"),
    [
        ("SF-1008", True),
        ("What does SF-1008 say?", True),
        ("Was steht in SF-1008?", True),
        ("Who filed SF-1008?", False),
    ],
)
def test_a_question_may_ask_for_what_it_names_alone(question: str, nothing_more: bool) -> None:
    words = words_beside(question, identifiers_of(question))
    assert asks_nothing_more(words) is nothing_more


def test_a_long_list_is_bounded() -> None:
    assert len(identifiers_of(" ".join(f"SF-{i}" for i in range(1000, 1100)))) == 16
