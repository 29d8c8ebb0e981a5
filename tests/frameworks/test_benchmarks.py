"""MTEB and BEIR themselves run Quoth, on a small task made here, and measure what we measure."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests_support import ROOT

from evaluation.datasets.beir import read_dataset
from evaluation.datasets.trec import read_run
from evaluation.quality.benchmarks import BeirSearch, MtebSearch
from rag.cli.main import run

REASON = "run python -m tests.frameworks"
PEOPLE = ("Ali", "Bo", "Cy", "Dee", "Ed", "Flo", "Gus", "Hal", "Ida", "Jo", "Kim", "Lee")
PLACES = ("Basra", "Qom", "Oslo", "Lima")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write a set of twelve people; of three queries one is answered by two of them."""
    rows = [
        {"_id": name, "title": name, "text": f"{name} lives in {PLACES[i % 4]} near number {i}."}
        for i, name in enumerate(PEOPLE)
    ]
    queries = {"q1": "Where does Bo live?", "q2": "Who lives in Oslo?", "q3": "Near number 8"}
    # The last judgement is one that every system misses.
    judged = [
        ("q1", "Bo", 1),
        ("q2", "Cy", 2),
        ("q2", "Gus", 1),
        ("q3", "Ali", 1),
    ]
    folder = tmp_path / "people"
    (folder / "qrels").mkdir(parents=True)
    (folder / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    asked = ({"_id": query, "text": text} for query, text in queries.items())
    (folder / "queries.jsonl").write_text("".join(json.dumps(row) + "\n" for row in asked))
    lines = "".join(f"{query}\t{entry}\t{score}\n" for query, entry, score in judged)
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n" + lines)
    return folder


def evaluated(folder: Path, tmp_path: Path) -> tuple[dict[str, list[str]], dict[str, float]]:
    """Return the run and the means that `quoth evaluate` makes."""
    run_file, json_file = tmp_path / "run", tmp_path / "figures.json"
    asked = ["evaluate", str(folder), "--system", "quoth", "--model", "hashing"]
    assert run([*asked, "--run", str(run_file), "--json", str(json_file)]) == 0
    figures = json.loads(json_file.read_text())["sets"]["people"]["systems"]["quoth"]
    means = {name: figure["mean"] for name, figure in figures.items() if "mean" in figure}
    return read_run(run_file, read_dataset(folder))[1], means


def ordered(results: dict[str, dict[str, float]]) -> dict[str, list[str]]:
    return {q: sorted(found, key=lambda entry: -found[entry]) for q, found in results.items()}


def task_of(folder: Path) -> Any:
    """Make an MTEB task of the set, which comes from no hub."""
    from datasets import Dataset
    from mteb.abstasks.retrieval import AbsTaskRetrieval
    from mteb.abstasks.task_metadata import TaskMetadata

    ours = read_dataset(folder)

    class People(AbsTaskRetrieval):
        metadata = TaskMetadata(
            name="People", description="Twelve people.", type="Retrieval", category="t2t",
            dataset={"path": "none/none", "revision": "1"}, eval_splits=["test"],
            eval_langs=["eng-Latn"], main_score="ndcg_at_10",
        )  # fmt: skip

        def load_data(self, *_: Any, **__: Any) -> None:
            split = {
                "corpus": Dataset.from_list(
                    [{"id": e.id, "title": e.title, "text": e.text} for e in ours.corpus]
                ),
                "queries": Dataset.from_list(
                    [{"id": query, "text": text} for query, text in ours.queries.items()]
                ),
                "relevant_docs": ours.qrels,
                "top_ranked": None,
            }
            self.dataset, self.data_loaded = {"default": {"test": split}}, True

    return People()


@pytest.mark.filterwarnings("default")  # the benchmark's own
def test_mteb_runs_quoth_and_finds_what_quoth_evaluate_finds(folder: Path, tmp_path: Path) -> None:
    mteb = pytest.importorskip("mteb", reason=REASON)
    with MtebSearch("hashing") as search:
        assert isinstance(search, mteb.SearchProtocol)
        made = {"cache": None, "co2_tracker": False, "prediction_folder": tmp_path / "made"}
        found = mteb.evaluate(search, task_of(folder), **made)
    expected, means = evaluated(folder, tmp_path)
    [scores] = found.task_results[0].scores["test"]
    assert scores["ndcg_at_10"] == pytest.approx(means["nDCG@10"], abs=1e-5)
    assert scores["mrr_at_10"] == pytest.approx(means["RR@10"], abs=1e-5)
    assert 0 < scores["ndcg_at_10"] < 1
    [file] = (tmp_path / "made").rglob("*redictions*.json")
    assert ordered(json.loads(file.read_text())["default"]["test"]) == expected


@pytest.mark.filterwarnings("default")
def test_the_program_of_the_page_runs(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mteb = pytest.importorskip("mteb", reason=REASON)
    page = (ROOT / "docs" / "frameworks.md").read_text(encoding="utf-8")
    program = page.split("## Benchmarks")[1].split("```python\n")[1].split("```")[0]
    monkeypatch.setenv("MTEB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(mteb, "get_task", lambda name: task_of(folder))
    made: dict[str, Any] = {}
    exec(compile(program, "frameworks.md", "exec"), made)
    assert 0 < made["scores"].task_results[0].scores["test"][0]["ndcg_at_10"] <= 1


@pytest.mark.filterwarnings("default")
def test_beir_runs_quoth_and_finds_what_quoth_evaluate_finds(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("beir", reason=REASON)
    from beir.datasets.data_loader import GenericDataLoader
    from beir.retrieval.evaluation import EvaluateRetrieval

    corpus, queries, qrels = GenericDataLoader(str(folder)).load(split="test")
    with BeirSearch("hashing") as search:
        asked = EvaluateRetrieval(search, k_values=[1, 10])
        results = asked.retrieve(corpus, queries)
    expected, means = evaluated(folder, tmp_path)
    assert {q: entries[:10] for q, entries in expected.items()} == ordered(results)
    ndcg, *_ = EvaluateRetrieval.evaluate(qrels, results, [10])
    assert ndcg["NDCG@10"] == pytest.approx(means["nDCG@10"], abs=1e-5)
