"""A library that grows to a million passages, measured at every size on the way."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import chain, cycle, islice
from pathlib import Path

import numpy as np

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
from rag import Library
from rag.factories import DEFAULT_MODEL, embedder_for, local_store
from rag.indexing.batch_embedder import Indexer
from rag.query.syntax import plain
from rag.retrieval.candidates import CANDIDATES
from vector_store.base import StoreView
from vector_store.indexes.faiss_segments import Segment
from vector_store.records import Vectors

_LEARNT_FROM = 8_000
_RECALL_AT = 10


@dataclass(frozen=True, slots=True)
class Point:
    """What was measured at one size."""

    passages: int
    kept_a_second: float
    """Passages split, kept and indexed a second since the size before, without embedding."""
    saving_seconds: float
    """To bring the indexes up to date and save them."""
    cold_seconds: float
    """From the start of a process to its first answer: what `quoth ask` takes."""
    search: str
    recall: float
    """Of the ten nearest passages of real questions, against comparing all vectors."""
    milliseconds: dict[str, Spread]
    resident_mib: float
    """Of a fresh process that has answered the questions."""
    disk_mib: dict[str, float]


def grow(
    folder: Path, paths: Sequence[Path], questions: Sequence[str], sizes: Sequence[int]
) -> list[Point]:
    """Grow a library in `folder` through `sizes`, ascending, and measure it at each."""
    real = embedder_for(DEFAULT_MODEL)
    sample = spread_over(paths, min(_LEARNT_FROM, 4 * sizes[0]))
    embedder = SimulatedEmbedder(real, sample)
    endless = chain.from_iterable(texts(paths) for _ in cycle((None,)))
    points = []
    kept = 0
    for size in sizes:
        store = local_store(folder)
        start = time.perf_counter()
        with (
            store.writer() as writer,
            Indexer(writer, lambda: embedder, lambda _: None) as indexer,
        ):
            for reading in as_readings(islice(endless, size - kept), kept):
                indexer.add(reading)
            indexer.flush()
            adding = time.perf_counter() - start
        saving = time.perf_counter() - start - adding
        store.close()
        points.append(_measured(folder, questions, size, (size - kept) / adding, saving))
        kept = size
        print(points[-1], file=sys.stderr)
    return points


_COLD = """
import sys
import rag.cli.main
from rag import Library
from rag.query.syntax import plain
with Library.open(sys.argv[1]) as library:
    library.ask(plain(sys.argv[2]))
"""


def _measured(
    folder: Path, questions: Sequence[str], size: int, rate: float, saving: float
) -> Point:
    cold = [sys.executable, "-c", _COLD, str(folder), questions[0]]
    first = min(timed(lambda: subprocess.run(cold, check=True)) for _ in range(3))
    done = subprocess.run(
        [sys.executable, "-m", "evaluation.speed.growth", str(folder)],
        input=json.dumps(list(questions)), stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    found = json.loads(done.stdout)
    return Point(
        size,
        round(rate, 1),
        round(saving, 2),
        round(first, 3),
        found["search"],
        found["recall"],
        {name: Spread(**one) for name, one in found["milliseconds"].items()},
        found["resident_mib"],
        disk_mib(folder),
    )


def _asked(folder: Path, questions: Sequence[str]) -> dict[str, object]:
    """Ask a library, in a process that does nothing else."""
    library = Library.open(folder)
    for question in questions[:5]:
        library.ask(plain(question))
    seconds: dict[str, list[float]] = {}
    for question in questions:
        for name, one in stage_seconds(library, question).items():
            seconds.setdefault(name, []).append(one)
    resident = resident_mib()  # before all vectors are compared
    vectors = np.stack([library.embedder.embed_query(q) for q in questions[:100]])
    with library.store.view() as view:
        search, recall = view.dense_search(), _recall(view, folder, vectors)
    return {
        "search": search.kind,
        "recall": recall,
        "milliseconds": {name: asdict(spread(took)) for name, took in seconds.items()},
        "resident_mib": round(resident, 1),
    }


def _recall(view: StoreView, folder: Path, vectors: Vectors) -> float:
    """Return the share of the ten nearest that are found; of rows that are alike, either is."""
    [saved] = (folder / "snapshots").glob("*/vectors")
    segment = Segment.read(saved, vectors.shape[1])
    found = []
    for vector in vectors:
        ours = view.search_dense(vector, CANDIDATES)
        _, exact = segment.compare_all(vector, _RECALL_AT)
        best = np.array([match.score for match in ours[:_RECALL_AT]])
        found.append((best >= exact[-1] - 1e-6).mean())
    return round(float(np.mean(found)), 4)


if __name__ == "__main__":
    print(json.dumps(_asked(Path(sys.argv[1]), json.load(sys.stdin))))
