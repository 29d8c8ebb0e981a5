"""Windows: within the limit, on tokens, and together the whole text."""

import pytest
from hypothesis import given, strategies as st

from rag.text.windows import windows
from vector_store.records import Window


def test_a_short_text_is_one_window_with_all_its_characters() -> None:
    assert windows(9, [(1, 3), (4, 8)], size=2) == (Window(0, 9),)
    assert windows(0, [], size=4) == (Window(0, 0),)


def test_a_long_text_is_covered_by_overlapping_windows() -> None:
    tokens = [(2 * i, 2 * i + 1) for i in range(10)]
    assert windows(19, tokens, size=4) == (Window(0, 7), Window(6, 13), Window(12, 19))


def test_a_window_needs_room() -> None:
    with pytest.raises(ValueError, match="at least one token"):
        windows(3, [(0, 3)], size=0)


@given(count=st.integers(0, 200), size=st.integers(1, 50))
def test_every_token_is_in_a_window_and_none_is_too_long(count: int, size: int) -> None:
    tokens = [(3 * i, 3 * i + 2) for i in range(count)]
    found = windows(3 * count, tokens, size=size)
    held = [{t for t in tokens if w.start <= t[0] and t[1] <= w.end} for w in found]
    assert set().union(*held) == set(tokens)
    assert max(map(len, held)) <= size
    assert len(set(found)) == len(found)
