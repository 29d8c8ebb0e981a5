"""Quoth as a benchmark's search system ranks as `quoth evaluate` does."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from evaluation.datasets.beir import Dataset, DatasetError, read_dataset
from evaluation.datasets.trec import read_run
from evaluation.quality.benchmarks import BeirSearch, MtebSearch, Results
from rag.cli.main import run

TASK = SimpleNamespace(name="tiny")


def by_mteb(dataset: Dataset, depth: int) -> Results:
    with MtebSearch("hashing") as search:
        rows = [{"id": e.id, "title": e.title, "text": e.text} for e in dataset.corpus]
        search.index(rows, task_metadata=TASK, hf_split="test", num_proc=None)
        rows = [{"id": query, "text": text} for query, text in dataset.queries.items()]
        return search.search(rows, task_metadata=TASK, top_k=depth, top_ranked=None)


def by_beir(dataset: Dataset, depth: int) -> Results:
    with BeirSearch("hashing") as search:
        corpus = {e.id: {"title": e.title, "text": e.text} for e in dataset.corpus}
        return search.search(corpus, dataset.queries, depth, "cos_sim")


@pytest.mark.parametrize("ranked_by", [by_mteb, by_beir])
def test_the_run_is_that_of_quoth_evaluate(
    folder: Path, tmp_path: Path, ranked_by: Callable[[Dataset, int], Results]
) -> None:
    file = tmp_path / "run"
    arguments = ["evaluate", str(folder), "--system", "quoth", "--model", "hashing"]
    assert run([*arguments, "--run", str(file)]) == 0
    dataset = read_dataset(folder)
    _, expected = read_run(file, dataset)
    results = ranked_by(dataset, 1000)
    by_score = {q: sorted(scores, key=lambda e: -scores[e]) for q, scores in results.items()}
    assert {query: by_score[query] for query in expected} == expected
    assert any(len(entries) > 1 for entries in expected.values())


def test_in_reranking_only_what_was_ranked_before_is() -> None:
    with MtebSearch("hashing") as search:
        rows = [{"id": name, "text": f"{name} lives in Basra."} for name in ("Ali", "Bo", "Cy")]
        search.index(rows, task_metadata=TASK)
        rows = [{"id": "q", "text": "Who lives in Basra?", "instruction": "Names only."}]
        everyone = search.search(rows, top_k=10)
        some = search.search(rows, top_k=10, top_ranked={"q": ["Cy", "Ali", "unknown"]})
        assert search.search(rows, top_k=1)["q"].keys() == {next(iter(everyone["q"]))}
        last = list(everyone["q"])[-1]
        assert search.search(rows, top_k=1, top_ranked={"q": [last]})["q"].keys() == {last}
    assert everyone["q"].keys() == {"Ali", "Bo", "Cy"}
    assert list(some["q"]) == [name for name in everyone["q"] if name != "Bo"]


def test_what_benchmarks_hold_is_taken() -> None:
    with BeirSearch("hashing") as search:
        corpus = {"a": {"text": "Basra lies on a river."}, "empty": {"title": "x", "text": " "}}
        queries = {"long": "Basra " * 1_000, "none": "  ", "quotes": '"Basra'}
        results = search.search(corpus, queries, 10)
    assert results == {"long": {"a": 1.0}, "none": {}, "quotes": {"a": 1.0}}


def test_what_is_no_text_is_refused() -> None:
    search = MtebSearch("hashing")
    with pytest.raises(DatasetError, match="Call index before search"):
        search.search([{"id": "q", "text": "Who?"}], top_k=10)
    with pytest.raises(DatasetError, match="corpus entry i is not text"):
        search.index([{"id": "i", "image": b""}], task_metadata=TASK)
    with search:
        search.index([{"id": "i", "text": "Basra"}], task_metadata=TASK)
        with pytest.raises(DatasetError, match="query q is not text"):
            search.search([{"id": "q", "text": ["a", "turn"]}], top_k=10)
