"""Measure a library at every size as it grows, up to a million passages.

    python -m evaluation.speed growth TEXTS... --questions FILE
    python -m evaluation.speed.growth FOLDER < questions.json

The second measures one library, asking a JSON list of questions, in a process that does nothing
else; the first starts it at every size.
"""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import chain, cycle, islice
from pathlib import Path

import click
import numpy as np

from evaluation.cli import FOLDER, run
from evaluation.speed.stages import stage_seconds
from evaluation.speed.timing import Spread, spread, timed
from evaluation.speed.workloads import (
    SimulatedEmbedder,
    as_readings,
    disk_mib,
    resident_mib,
    spread_over,
    texts,
)
from rag.answers import Answer
from rag.factories import DEFAULT_MODEL, embedder_for, local_store
from rag.indexing.batch_embedder import Indexer
from rag.library_models import models_named
from rag.query.scope import scope
from rag.query.syntax import plain
from rag.retrieval.candidates import CANDIDATES
from rag.retrieval.pipeline import compose, retrieve_with
from vector_store.base import StoreView
from vector_store.indexes.faiss_segments import Segment
from vector_store.indexes.threads import products_on_one_core
from vector_store.records import Vectors

_SIMULATED_FROM = 8_000
"""Real vectors that the simulated ones are made of, at most."""
_RECALL_AT = 10


@dataclass(frozen=True, slots=True)
class Point:
    """The measurements of one size."""

    passages: int
    kept_a_second: float
    """Passages split, stored and indexed per second since the size before, without embedding."""
    saving_seconds: float
    """To update the indexes and save them."""
    cold_seconds: float
    """From the start of a process to its first answer, as with `quoth ask`."""
    search: str
    recall: float
    """Of the ten nearest passages to real questions, against comparing all vectors."""
    milliseconds: dict[str, Spread]
    resident_mib: float
    """Peak of a fresh process that has answered the questions."""
    disk_mib: dict[str, float]


def grow(
    folder: Path, paths: Sequence[Path], questions: Sequence[str], sizes: Sequence[int]
) -> list[Point]:
    """Grow a library in `folder` through `sizes`, ascending, and measure it at each."""
    real = embedder_for(DEFAULT_MODEL)
    sample = spread_over(paths, min(_SIMULATED_FROM, 4 * sizes[0]))
    embedder = SimulatedEmbedder(real, sample)
    endless = chain.from_iterable(texts(paths) for _ in cycle((None,)))
    points = []
    previous_size = 0
    for size in sizes:
        store = local_store(folder)
        start = time.perf_counter()
        with (
            store.writer() as writer,
            Indexer(writer, lambda: embedder, lambda _: None) as indexer,
        ):
            for reading in as_readings(islice(endless, size - previous_size), previous_size):
                indexer.add(reading)
            indexer.flush()
            adding_seconds = time.perf_counter() - start
        saving_seconds = time.perf_counter() - start - adding_seconds
        store.close()
        rate = (size - previous_size) / adding_seconds
        points.append(_measure(folder, questions, size, rate, saving_seconds))
        previous_size = size
        print(points[-1], file=sys.stderr)
    return points


_SHOWN = 5
"""Passages of an answer."""
_COLD = """
import sys
from pathlib import Path
import rag.cli.main
from evaluation.speed.growth import SimulatedLibrary
SimulatedLibrary(Path(sys.argv[1])).ask(sys.argv[2])
"""


class SimulatedLibrary:
    """A library of simulated vectors, which the real model's questions are asked of.

    `Library` refuses these vectors, for no real model made them.
    """

    def __init__(self, folder: Path) -> None:
        """Open the library in a folder."""
        self.store = local_store(folder)
        self.models = models_named(DEFAULT_MODEL)

    def ask(self, question: str) -> Answer:
        """Answer a question as `Library.ask` does."""
        with self.store.view() as view, products_on_one_core():
            retrieval = retrieve_with(view, self.models, plain(question), _SHOWN, scope(view))
            return compose(retrieval)


def _measure(
    folder: Path, questions: Sequence[str], size: int, rate: float, saving_seconds: float
) -> Point:
    cold = [sys.executable, "-c", _COLD, str(folder), questions[0]]
    cold_seconds = min(timed(lambda: subprocess.run(cold, check=True)) for _ in range(3))
    process = subprocess.run(
        [sys.executable, "-m", "evaluation.speed.growth", str(folder)],
        input=json.dumps(list(questions)), stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    figures = json.loads(process.stdout)
    return Point(
        size,
        round(rate, 1),
        round(saving_seconds, 2),
        round(cold_seconds, 3),
        figures["search"],
        figures["recall"],
        {name: Spread(**values) for name, values in figures["milliseconds"].items()},
        figures["resident_mib"],
        disk_mib(folder),
    )


def _ask(folder: Path, questions: Sequence[str]) -> dict[str, object]:
    """Ask a library questions; return its kind of search, recall, times and memory."""
    library = SimulatedLibrary(folder)
    embed = library.models.embedder.embed_query
    for question in questions[:5]:
        library.ask(question)
    seconds: dict[str, list[float]] = {}
    for question in questions:
        times_of = stage_seconds(partial(library.ask, question), partial(embed, question))
        for name, step_seconds in times_of.items():
            seconds.setdefault(name, []).append(step_seconds)
    resident = resident_mib()  # before all vectors are compared
    vectors = np.stack([embed(question) for question in questions[:100]])
    with library.store.view() as view:
        search, recall = view.dense_search(), _recall(view, folder, vectors)
    return {
        "search": search.kind,
        "recall": recall,
        "milliseconds": {name: asdict(spread(times)) for name, times in seconds.items()},
        "resident_mib": round(resident, 1),
    }


def _recall(view: StoreView, folder: Path, vectors: Vectors) -> float:
    """Return the share of the ten nearest passages that the library finds, averaged over questions.

    Compares scores, so that of identical passages either counts.
    """
    [saved] = (folder / "snapshots").glob("*/vectors")
    segment = Segment.read(saved, vectors.shape[1])
    recalls = []
    for vector in vectors:
        matches = view.search_dense(vector, CANDIDATES)
        _, exact_scores = segment.compare_all(vector, _RECALL_AT)
        scores = np.array([match.score for match in matches[:_RECALL_AT]])
        recalls.append((scores >= exact_scores[-1] - 1e-6).mean())
    return round(float(np.mean(recalls)), 4)


@click.command()
@click.argument("folder", type=FOLDER)
def main(folder: Path) -> None:
    """Measure the library in FOLDER with questions from stdin, a JSON list."""
    print(json.dumps(_ask(folder, json.load(sys.stdin))))


if __name__ == "__main__":
    run(main)
