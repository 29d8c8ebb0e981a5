"""The benchmarks: what they time is what users get, and what they simulate is like the real."""

import gzip
import json
import os
import time
from pathlib import Path

import numpy as np
import pytest
from tests_support import write_files

from evaluation.datasets.beir import DatasetError
from evaluation.report.charts import bars, curves
from evaluation.speed import competitors, growth
from evaluation.speed.command import speed
from evaluation.speed.competitors import Worker
from evaluation.speed.index_types import compare
from evaluation.speed.stages import stage_seconds_of
from evaluation.speed.timing import Spread, in_turns, ratios, spread, timed
from evaluation.speed.workloads import (
    SimulatedEmbedder,
    as_files,
    as_readings,
    disk_mib,
    resident_mib,
    spread_over,
    texts,
)
from rag import Library
from rag.models.hashing import HashingEmbedder
from rag.models.registry import SMALL


def test_times_are_spread_and_compared_round_by_round() -> None:
    assert spread([0.001 * i for i in range(1, 101)]) == Spread(100, 50.5, 95.05, 99.01)
    assert ratios([4.0, 9.0, 8.0], [2.0, 3.0, 1.0]) == {"median": 3.0, "least": 2.0, "most": 8.0}
    began = time.perf_counter()
    assert 0.01 <= timed(lambda: time.sleep(0.01)) <= time.perf_counter() - began


def test_what_is_compared_takes_turns_in_changing_order() -> None:
    called: list[str] = []

    def act(name: str) -> float:
        called.append(name)
        return len(called)

    results = in_turns({name: lambda name=name: act(name) for name in "abc"}, 20)
    rounds = ["".join(called[i : i + 3]) for i in range(0, 60, 3)]
    assert all(sorted(names) == ["a", "b", "c"] for names in rounds)
    assert len(set(rounds)) > 3
    assert results["b"] == [1.0 + i for i, name in enumerate(called) if name == "b"]


def test_texts_are_read_from_plain_and_packed_lines(tmp_path: Path) -> None:
    lines = "".join(json.dumps({"text": f"Text\n {i}."}) + "\n" for i in range(3))
    (tmp_path / "a.jsonl").write_text(lines + '{"text": " "}\n')
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    both = [tmp_path / "a.jsonl", tmp_path / "b.jsonl.gz"]
    assert list(texts(both)) == ["Text 0.", "Text 1.", "Text 2."] * 2
    assert spread_over(both, 4) == ["Text 0.", "Text 1."] * 2
    with pytest.raises(DatasetError, match="have 6 paragraphs, fewer than 7"):
        spread_over(both, 7)
    (tmp_path / "c.jsonl").write_text('{"text": "a"}\n{"title": "b"}')
    with pytest.raises(DatasetError, match=r"c\.jsonl, line 2: no JSON"):
        list(texts([tmp_path / "c.jsonl"]))


def test_readings_and_files_hold_the_same_paragraphs(tmp_path: Path, library: Library) -> None:
    sample = [f"Paragraph {i} of many." for i in range(95)]
    as_files(sample, tmp_path / "texts")
    library.add(tmp_path / "texts")
    with Library.in_memory(model="hashing") as other:
        assert other.add_readings(as_readings(sample, 0)) == 95
        for document, other_document in zip(library.documents(), other.documents(), strict=True):
            quotes = [p.text for p in library.contents(document.path).passages]
            assert quotes == [p.text for p in other.contents(other_document.path).passages]
            assert document.passages == other_document.passages
    assert resident_mib() > 20
    sizes = disk_mib(tmp_path / "library")
    assert all(size > 0 for size in sizes.values())


def test_simulated_vectors_are_as_near_each_other_as_real_ones() -> None:
    real = HashingEmbedder()
    sample = [f"{'king queen' if i % 2 else 'rain snow'} word{i % 40} x{i}" for i in range(200)]
    simulated = SimulatedEmbedder(real, sample)
    vectors, parts = simulated.embed_with_spans(["a", "b"] * 150, [[(0, 1)], []] * 150)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(300), abs=1e-5)
    assert parts[0] == pytest.approx(vectors[:1])
    assert len(parts[1]) == 0
    both = vectors, real.embed_documents(sample)
    ours, theirs = (np.sort(v @ v.T, axis=1)[:, -2].mean() for v in both)
    assert ours == pytest.approx(theirs, abs=0.2)
    assert simulated.source.fingerprint != real.source.fingerprint
    assert simulated.embed_query("king") == pytest.approx(real.embed_query("king"))


def test_every_stage_of_an_answer_is_timed(library: Library, tmp_path: Path) -> None:
    library.add(write_files(tmp_path / "docs", {"a.txt": "The king slept.\n\nRain fell."}))
    began = time.perf_counter()
    seconds = stage_seconds_of(library, "Who slept?")
    taken = time.perf_counter() - began
    assert list(seconds)[-1] == "whole"
    assert all(0 < one <= taken for one in seconds.values())


class Echo:
    """A competitor that returns a number from its environment."""

    def add(self, number: float) -> float:
        return number + float(os.environ["QUOTH_TEST_NUMBER"])


def test_a_competitor_has_a_process_and_an_environment_of_its_own() -> None:
    with Worker(Echo, {"QUOTH_TEST_NUMBER": "2"}) as worker:
        assert worker("add", 1.5) == 3.5
        assert "QUOTH_TEST_NUMBER" not in os.environ


@pytest.mark.slow
def test_both_competitors_index_and_return_their_time(tmp_path: Path) -> None:
    write_files(tmp_path / "docs", {"a.txt": "The king slept.\n\nRain fell."})
    began = time.perf_counter()
    plain = competitors.Plain(SMALL)
    seconds = (
        competitors.Indexing(SMALL).index(tmp_path / "docs"),
        plain.index(["The king slept.", "Rain fell."]),
        plain.search("Who slept?"),
    )
    assert min(seconds) > 0
    assert sum(seconds) <= time.perf_counter() - began


@pytest.mark.slow
def test_a_library_grows_and_is_measured_at_every_size(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{"text": f"Paragraph {i} of king {i % 7}."} for i in range(60)]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    points = growth.grow(tmp_path / "library", [tmp_path / "a.jsonl"], ["Which king?"], [12, 80])
    assert [point.passages for point in points] == [12, 80]
    assert [(point.search, point.recall) for point in points] == [("exact", 1.0)] * 2
    assert points[0].disk_mib["database"] < points[1].disk_mib["database"]
    assert points[1].milliseconds["whole"].times == 1
    assert capsys.readouterr().err.count("Point(") == 2


def test_plots_name_what_they_show() -> None:
    assert ">quoth</text>" in bars({"quoth": 3.0, "plain": 1.0}, "passages a second")
    chart = curves({"dense": [(10, 1.0), (100, 10.0)]}, "passages", "milliseconds")
    assert ">dense</text>" in chart
    assert ">milliseconds</text>" in chart


def test_index_types_are_measured_by_recall() -> None:
    chance = np.random.default_rng(0)
    vectors = chance.normal(size=(3_000, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    types = {"Flat": {}, "PQ8x4fs": {}, "IVF16,Flat": {"nprobe": 1}}
    by_type = compare(vectors.astype(np.float16), vectors[:20], types)
    assert (by_type["Flat"].recall_at_10, by_type["Flat"].recall_at_100) == (1.0, 1.0)
    assert by_type["IVF16,Flat"].recall_at_100 < 0.9 < by_type["PQ8x4fs"].recall_at_10
    assert by_type["PQ8x4fs"].mib < by_type["Flat"].mib / 4
    assert by_type["Flat"].milliseconds.times == 20


def test_every_benchmark_is_a_command() -> None:
    assert set(speed.commands) == {"indexing", "query", "cold", "growth", "users", "indexes"}
