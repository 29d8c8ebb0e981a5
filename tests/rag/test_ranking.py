"""One ranking from two: hand-computed."""

import pytest

from rag.ranking import fuse


def test_scores_are_stretched_and_weighted() -> None:
    fused = fuse({1: 0.9, 2: 0.5, 3: 0.1}, {2: 8.0, 3: 4.0})
    assert fused == pytest.approx({1: 0.6, 2: 0.6 * 0.5 + 0.4, 3: 0.0})


def test_equal_scores_all_count_in_full() -> None:
    assert fuse({1: 0.5, 2: 0.5}, {}) == pytest.approx({1: 0.6, 2: 0.6})
    assert fuse({}, {7: 3.0}) == pytest.approx({7: 0.4})
    assert fuse({}, {}) == {}
