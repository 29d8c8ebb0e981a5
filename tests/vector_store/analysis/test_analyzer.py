"""Text to terms: what matches what, and where a term came from."""

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from vector_store.analysis.analyzer import query_terms, terms, tokens


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Iraq’s", "iraq"),
        ("Iraq's", "Iraq"),
        ("students'", "student"),
        ("scholarships", "Scholarship"),
        ("café", "cafe\u0301"),
        ("Ångström", "angstrom"),
        ("ﬁnance", "finance"),
        ("2,000", "2000"),
        ("STRASSE", "straße"),
        ("exchanges", "exchange"),
    ],
)
def test_forms_of_one_word_are_one_term(one: str, other: str) -> None:
    assert terms(one) == terms(other)
    assert len(terms(one)) == 1


def test_different_words_stay_different_terms() -> None:
    assert len({*terms("university universe 2000 2001 ISO-9001")}) == 6


def test_a_question_is_searched_by_its_content_words_only() -> None:
    asked = query_terms("What has Qom become known for in the past?")
    assert asked == (("qom",), ("known",), ("past",))
    assert query_terms("Gaza, Gaza and Basra") == (("gaza",), ("basra",))
    assert query_terms("Who is it?") == (("who",), ("is",), ("it",))
    assert query_terms("?!") == ()


def share(one: str, other: str, *languages: str) -> bool:
    """Tell whether two words match: whether they share a term."""
    return bool(set(terms(one, languages)) & set(terms(other, languages)))


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("ar", "والجامعة", "جامعه"),  # and-the-university, teh marbuta
        ("ar", "الوزير", "وزير"),  # a first letter that only looks like "and"
        ("ar", "بالبصرة", "البصرة"),
        ("ar", "إِسْلام", "اسلام"),  # marks, hamza
        ("ar", "كـــتاب", "كتاب"),  # tatweel
        ("ar", "مدرستها", "مدرسة"),
        ("fa", "کتاب‌ها", "كتاب"),  # Persian and Arabic kaf, a joiner before the plural
        ("fa", "کتابهای", "کتاب"),
        ("fa", "ایرانی", "إيراني"),  # Persian and Arabic yeh
        ("fa", "۱۳۹۵", "1395"),
        ("he", "הבית", "בית"),
        ("he", "ובאוניברסיטה", "אוניברסיטה"),
        ("he", "מלכים", "מלך"),  # a final letter
        ("de", "Häuser", "Haus"),
        ("fr", "l’université", "universités"),
        ("es", "traducciones", "traducción"),
        ("ru", "книгами", "книга"),
        ("tr", "kitaplar", "kitap"),
        ("el", "άνθρωποι", "άνθρωπος"),
        ("hi", "लड़कों", "लड़का"),
        ("en", "co\u00adoperation", "cooperation"),  # a soft hyphen
        ("ar", "١٬٠٠٠", "1,000"),
    ],
)
def test_words_are_matched_as_their_language_writes_them(
    language: str, one: str, other: str
) -> None:
    assert share(one, other, language)


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [("ar", "كتاب", "كلب"), ("fa", "دانش", "آموز"), ("he", "בית", "ספר"), ("ja", "東京", "京都")],
)
def test_other_words_stay_other_words(language: str, one: str, other: str) -> None:
    pairs = {token.forms[0] for token in tokens(one, (language,))}
    assert not pairs & {token.forms[0] for token in tokens(other, (language,))}


def test_scripts_without_spaces_are_cut_into_pairs() -> None:
    found = tokens("東京は日本の首都 Tokyo")
    assert [t.forms for t in found] == [
        *(("東京",), ("京は",), ("は日",), ("日本",), ("本の",), ("の首",), ("首都",), ("tokyo",))
    ]
    assert [(t.start, t.end) for t in found[:2]] == [(0, 2), (1, 3)]
    assert terms("東京都") == ["東京", "東", "京", "京都", "都"]  # each letter once
    assert query_terms("京") == (("京",),)
    assert query_terms("학교에서") == (("학교",), ("교에",), ("에서",))
    assert query_terms("ประเทศ")[0] == ("ปร",)


def test_a_question_is_read_in_its_own_language_and_in_those_of_the_documents() -> None:
    assert query_terms("Wann wurde das Haus gebaut?", ("de", "en")) == (
        ("haus",), ("gebaut",)
    )  # fmt: skip
    assert query_terms("universidades", ("es", "en")) == (("univers", "universidad"),)
    assert query_terms("Die Hard", ("en", "de")) == (("die",), ("hard",))
    assert query_terms("متى بنيت الجامعة؟", ("ar",))[0][0] == "بنيت"
    assert query_terms("چه کسی دانشگاه را ساخت؟", ("fa",))[0][0] == "دانشگاه"
    assert query_terms("מתי נבנה הבית?", ("he",))[0][0] == "נבנה"


@given(st.text())
def test_every_term_has_a_place_in_the_text(text: str) -> None:
    found = tokens(text)
    assert all(0 <= t.start < t.end <= len(text) for t in found)
    assert all(a.end <= b.start or (a.is_pair and a.end == b.start + 1) for a, b in pairwise(found))
    assert all(t.forms and all(form and " " not in form for form in t.forms) for t in found)
