"""Text to terms: what matches what, and where a term came from."""

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from vector_store.analysis import query_terms, terms, tokens


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


@given(st.text())
def test_every_term_has_a_place_in_the_text(text: str) -> None:
    found = tokens(text)
    assert all(0 <= t.start < t.end <= len(text) for t in found)
    assert all(a.end <= b.start or (a.is_pair and a.end == b.start + 1) for a, b in pairwise(found))
    assert all(t.forms and all(form and " " not in form for form in t.forms) for t in found)
