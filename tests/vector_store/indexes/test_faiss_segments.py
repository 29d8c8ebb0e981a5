"""Large segments: codes pick rows, full vectors decide, and little is missed."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from vector_store.indexes.dense import DenseIndex
from vector_store.indexes.faiss_segments import Segment

DIMENSIONS = 32


def batch(passages: int, *, windows: int = 2, seed: int = 0) -> tuple:
    """Return vectors in clusters, two windows a passage, four passages a document."""
    chance = np.random.default_rng(seed)
    centres = chance.normal(size=(40, DIMENSIONS))
    rows = passages * windows
    vectors = centres[chance.integers(0, 40, rows)] + 0.6 * chance.normal(size=(rows, DIMENSIONS))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    ids = np.repeat(np.arange(1, passages + 1), windows)
    return ids, (ids - 1) // 4 + 1, vectors.astype(np.float16).astype(np.float32)


@pytest.fixture(scope="module")
def data() -> tuple:
    return batch(3_000)


@pytest.fixture(scope="module", params=["coded", "exact"])
def segment(request: pytest.FixtureRequest, data: tuple) -> Segment:
    limit = 1_000 if request.param == "coded" else 1_000_000
    made = Segment.build(DIMENSIONS, [data], coded_from=limit)
    assert (made.codes is not None) == (request.param == "coded")
    return made


def test_the_nearest_rows_are_found_with_their_true_scores(segment: Segment, data: tuple) -> None:
    vectors = data[2]
    found_of_best = 0
    for query in vectors[::300]:
        truth = vectors @ query
        rows, scores = segment.nearest(query, 20)
        assert scores == pytest.approx(truth[rows], abs=1e-5)
        assert all(a >= b for a, b in pairwise(scores))
        found_of_best += len(set(rows[:10]) & set(np.argsort(-truth)[:10]))
    assert found_of_best >= 0.97 * 10 * 20
    assert 0.95 <= segment.recall <= 1
    assert segment.codes is not None or segment.recall == 1


def test_only_allowed_rows_are_found(segment: Segment, data: tuple) -> None:
    vectors = data[2]
    for share in (0.01, 0.4, 0.9):
        allowed = np.random.default_rng(1).random(len(vectors)) < share
        truth = np.where(allowed, vectors @ vectors[7], -np.inf)
        rows, _ = segment.nearest(vectors[7], 10, allowed)
        assert allowed[rows].all()
        assert len(set(rows) & set(np.argsort(-truth)[:10])) >= 9
    rows, _ = segment.nearest(vectors[7], 10, np.zeros(len(vectors), bool))
    assert len(rows) == 0


def test_rows_are_found_however_near_those_lie_that_are_not_allowed(
    segment: Segment, data: tuple
) -> None:
    """The codes see the nearest rows only, and none of those is allowed."""
    truth = data[2] @ data[2][7]
    allowed = truth < np.sort(truth)[-1_000]
    rows, _ = segment.nearest(data[2][7], 10, allowed)
    assert set(rows) == set(np.argsort(np.where(allowed, -truth, np.inf))[:10])


def test_a_saved_segment_is_read_back(segment: Segment, data: tuple, tmp_path: Path) -> None:
    segment.write(tmp_path / "saved")
    again = Segment.read(tmp_path / "saved", DIMENSIONS)
    assert again.recall == segment.recall
    assert np.array_equal(again.documents, data[1])
    for query in data[2][::500]:
        for one, other in zip(segment.nearest(query, 9), again.nearest(query, 9), strict=True):
            assert np.array_equal(one, other)
    with pytest.raises(ValueError, match="another model"):
        Segment.read(tmp_path / "saved", DIMENSIONS * 2)
    np.save(tmp_path / "saved" / "passages.npy", data[0][1:])
    with pytest.raises(ValueError, match="one segment"):
        Segment.read(tmp_path / "saved", DIMENSIONS)


def test_a_large_index_forgets_what_was_removed_and_finds_what_was_added(
    data: tuple,
) -> None:
    ids, _, vectors = data
    base = Segment.build(DIMENSIONS, [data], coded_from=1_000)
    large = DenseIndex._over(DIMENSIONS, base)
    query = vectors[100]
    best = large.search(query, 5)
    assert best[0].passage_id == ids[100]
    added = np.array([3_001]), np.array([9_000]), query[None] * 0.99
    now = large.updated(added, np.array([ids[100], best[1].passage_id]))
    assert [m.passage_id for m in now.search(query, 4)] == [
        3_001, *(match.passage_id for match in best[2:5])
    ]  # fmt: skip
    assert ids[100] not in now.similarities(query, [int(ids[100]), 3_001])
    assert now.similarities(query, [3_001]) == pytest.approx({3_001: 0.99}, abs=1e-3)
    assert len(now.passage_ids()) == 2_999
    assert [m.passage_id for m in now.search(query, 5, [9_000])] == [3_001]
    with pytest.raises(ValueError, match="rebuilt"):
        now.write(Path("never"))
    assert large.search(query, 5) == best  # the index of before is as it was
