"""Measure what compiling a model costs in quality: `python -m evaluation.speed.fidelity SET...`.

Each set is ranked with the compiled model and with sentence-transformers itself, by vectors alone
and as users get it. Prints the differences as JSON, and their means.
"""

import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from evaluation.cli import FOLDER, JSON_OPTION, print_json, run
from evaluation.datasets.beir import Dataset, read_dataset
from evaluation.datasets.corpus import Corpus, readings
from evaluation.quality.evaluate import DEPTH, measure
from evaluation.quality.results import MAIN
from evaluation.quality.systems import SYSTEMS
from rag import Library
from rag.factories import DEFAULT_MODEL
from rag.models.registry import named
from rag.models.sentence_transformers import SentenceTransformerEmbedder

_RANKINGS = ("dense", "quoth")


def ranked(dataset: Dataset, model: str, *, reference: bool) -> tuple[str, dict[str, float]]:
    """Return the runtime that indexed a set, and the mean nDCG@10 of each ranking."""
    with (
        tempfile.TemporaryDirectory(prefix="quoth-fidelity-") as folder,
        Library.open(folder, model=model) as library,
    ):
        if reference:  # a library keeps the runtime it started with
            with library.store.writer() as writer:
                writer.bind(SentenceTransformerEmbedder(model).source)
        library.add_readings(readings(dataset.corpus))
        corpus = Corpus(dataset, library, own=False)
        means = {}
        for name in _RANKINGS:
            rank = SYSTEMS[name](corpus)
            rankings = {query: rank(dataset.queries[query], DEPTH) for query in dataset.qrels}
            means[name] = measure(name, dataset, rankings).means[MAIN].mean
        return library.embedder.source.runtime, means


@click.command()
@click.argument("sets", nargs=-1, required=True, metavar="SET...", type=FOLDER)
@click.option("--questions", "question_count", type=click.IntRange(min=1), metavar="N",
              help="Ask at most N questions of each set.")  # fmt: skip
@click.option("--model", default=DEFAULT_MODEL, show_default=True, metavar="NAME",
              callback=lambda context, option, name: named(name),
              help="The model to compare.")  # fmt: skip
@JSON_OPTION
def fidelity(
    sets: Sequence[Path], question_count: int | None, model: str, json_file: Path | None
) -> None:
    """Compare a compiled model with sentence-transformers on SETs in the BEIR layout."""
    by_set: dict[str, dict[str, object]] = {}
    differences: dict[str, list[float]] = {name: [] for name in _RANKINGS}
    for path in sets:
        dataset = read_dataset(path)
        if question_count is not None:
            dataset = dataset.sample(question_count)
        _, reference = ranked(dataset, model, reference=True)
        runtime, compiled = ranked(dataset, model, reference=False)
        for name in _RANKINGS:
            differences[name].append(compiled[name] - reference[name])
        by_set[dataset.name] = {
            "questions": len(dataset.qrels),
            "sentence-transformers": reference,
            runtime: compiled,
            "difference": {name: round(compiled[name] - reference[name], 5) for name in _RANKINGS},
        }
        click.echo(f"{dataset.name}: {by_set[dataset.name]['difference']}", err=True)
    means = {name: round(statistics.mean(values), 5) for name, values in differences.items()}
    print_json(json_file, {"sets": by_set, "mean_difference": means})


if __name__ == "__main__":
    run(fidelity)
