"""Bytes to text: encodings told apart, and what is no text refused with its reason."""

import codecs

import pytest
from hypothesis import given, strategies as st

from rag.errors import UnreadableFileError
from rag.text.encodings import decode

RUSSIAN = "Однажды, в студёную зимнюю пору, я из лесу вышел; был сильный мороз. " * 3


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (b"", "utf-8"),
    ],
)
def test_unicode_encodings_are_read_and_the_mark_left_out(mark: bytes, encoding: str) -> None:
    text = "A café in Qom: مرحبا\r\n😀"
    assert decode(mark + text.encode(encoding)) == text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_recognised(encoding: str) -> None:
    text = "This is a plain English text, without a mark."
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("encoding", ["cp1251", "cp866", "koi8-r"])
def test_legacy_encodings_are_detected(encoding: str) -> None:
    assert decode(RUSSIAN.replace("ё", "е").encode(encoding)) == RUSSIAN.replace("ё", "е")


def test_western_legacy_text_keeps_its_accents() -> None:
    text = "Die Universität Köln fördert Studierende aus aller Welt, größtenteils mit Stipendien. "
    assert decode((text * 5).encode("cp1252")) == text * 5


@pytest.mark.parametrize(
    "text",
    [
        "Entry costs 5 €.",
        "85 €",
        "Don’t add ½ cup of milk – stir",
        "Add ½ cup. " * 500,
        "see § 5.",
        "The film is 10 µm thick and must be kept dry.",
        "Der Preis beträgt 85 € – zahlbar „sofort“.",
        "La città è più bella di sera; il caffè costa 1 € e l’università è chiusa lunedì.",
        "artículo 5, la señora Núñez",
        "om Færøerne. Biblioteket er åbent",
        "Temperature is 40 °C ± 2",
        "Straße",
        "Name;Price\nDesk;85 €\nChair;20 €\n",
        "Contents …………………… 5\nIndex …………………… 9",
        "— the chairman couldn’t",
    ],
)
def test_short_western_text_is_no_other_script(text: str) -> None:
    assert decode(text.encode("cp1252")) == text


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1250", "Dzieci wchodzą na wystawę bezpłatnie."),
        ("iso-8859-2", "Dzieci wchodzą na wystawę bezpłatnie."),
        ("cp1250", "Příliš žluťoučký kůň úpěl."),
        ("cp1254", "Dün akşam kar yağdı, bugün güneş parlıyor."),
        ("cp1257", "Vakar vakare snigo, o šiandien šviečia saulė. Knyga guli ant lentynos."),
        ("cp1253", "Η βιβλιοθήκη είναι ανοιχτή"),
        ("cp1255", "הספרייה פתוחה בכל יום חוץ משבת."),
        ("cp1256", "المكتبة مفتوحة كل يوم ما عدا الجمعة."),
        ("mac-roman", "Les réunions du conseil ont lieu chaque été au château, à côté du marché."),
        ("cp850", "Führungen gibt es täglich außer sonntags."),
        ("shift_jis", "図書館は日曜日を除いて毎日開いています。"),
        ("iso-8859-15", "Le cœur de l'œuvre coûte 5 €, à l'été."),
    ],
)
def test_other_encodings_are_told_from_western_ones(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_one_damaged_place_does_not_garble_the_rest() -> None:
    text = "Ceci est un été à Bagdad, où l’on était très bien reçu. " * 4
    data = text.encode() + b"\xff" + text.encode()
    assert decode(data) == text + "\N{REPLACEMENT CHARACTER}" + text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n\t\r\n ", "contains no text"),
        (codecs.BOM_UTF8, "contains no text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 8, "not text"),
        (b"\x7fELF" + bytes(4000), "not text"),
        (bytes(range(1, 9)) * 100, "not text"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8a", "damaged"),
    ],
)
def test_what_is_not_text_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFileError, match=reason):
        decode(data)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_any_utf8_text_comes_back_exactly(text: str) -> None:
    text = "word " + text.lstrip("\ufeff")
    assert decode(text.encode()) == text


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        assert decode(data).strip()
    except UnreadableFileError as error:
        assert str(error)
