"""What compiling a model costs in quality: `python -m evaluation.speed.fidelity SET...`.

Each set is ranked twice, with the compiled model and by sentence-transformers itself, by vectors
alone and as users get it; prints the differences as JSON, and their means.
"""

import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from evaluation.datasets.beir import Dataset, read_dataset
from evaluation.datasets.corpus import Corpus, readings
from evaluation.quality.evaluate import DEPTH, MAIN, measured
from evaluation.quality.systems import SYSTEMS
from evaluation.speed.timing import write_json
from rag import Library
from rag.errors import QuothError
from rag.factories import DEFAULT_MODEL
from rag.models.registry import named
from rag.models.sentence_transformers import SentenceTransformerEmbedder

_RANKINGS = ("dense", "quoth")


def ranked(dataset: Dataset, model: str, *, reference: bool) -> tuple[str, dict[str, float]]:
    """Return the runtime that indexed a set, and each ranking's mean nDCG@10."""
    with (
        tempfile.TemporaryDirectory(prefix="quoth-fidelity-") as folder,
        Library.open(folder, model=model) as library,
    ):
        if reference:  # a library goes on with the runtime that it began with
            with library.store.writer() as writer:
                writer.bind(SentenceTransformerEmbedder(model).source)
        library.add_readings(readings(dataset.corpus))
        corpus = Corpus(dataset, library, own=False)
        found = {}
        for name in _RANKINGS:
            rank = SYSTEMS[name](corpus)
            rankings = {query: rank(dataset.queries[query], DEPTH) for query in dataset.qrels}
            found[name] = measured(name, dataset, rankings).means[MAIN].mean
        return library.embedder.source.runtime, found


@click.command()
@click.argument("sets", nargs=-1, required=True, metavar="SET...",
                type=click.Path(exists=True, file_okay=False, path_type=Path))  # fmt: skip
@click.option("--questions", type=click.IntRange(min=1), metavar="N")
@click.option("--model", default=DEFAULT_MODEL, callback=lambda *given: named(given[2]))
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path))
def fidelity(
    sets: Sequence[Path], questions: int | None, model: str, json_file: Path | None
) -> None:
    """Compare a compiled model with sentence-transformers on SETs in the BEIR layout."""
    found: dict[str, dict[str, object]] = {}
    differences: dict[str, list[float]] = {name: [] for name in _RANKINGS}
    for path in sets:
        whole = read_dataset(path)
        dataset = whole if questions is None else whole.sample(questions)
        (_, plain), (runtime, compiled) = (
            ranked(dataset, model, reference=reference) for reference in (True, False)
        )
        for name in _RANKINGS:
            differences[name].append(compiled[name] - plain[name])
        found[dataset.name] = {
            "questions": len(dataset.qrels),
            "sentence-transformers": plain,
            runtime: compiled,
            "difference": {n: round(compiled[n] - plain[n], 5) for n in _RANKINGS},
        }
        click.echo(f"{dataset.name}: {found[dataset.name]['difference']}", err=True)
    means = {name: round(statistics.mean(those), 5) for name, those in differences.items()}
    write_json(json_file, {"sets": found, "mean_difference": means})


if __name__ == "__main__":
    try:
        fidelity()
    except QuothError as error:
        sys.exit(f"quoth: {error}")
