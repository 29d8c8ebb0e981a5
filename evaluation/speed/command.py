"""Measure how fast Quoth is: `python -m evaluation.speed COMMAND TEXTS...`; see `--help`.

TEXTS are JSONL files, gzipped or not, with a "text" in each line. Compared programs take turns.
"""

import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click
import numpy as np

from evaluation.cli import FILE, JSON_OPTION, print_json, run
from evaluation.report.charts import bars, curves
from evaluation.speed import growth as growth_measurement
from evaluation.speed.competitors import Indexing, Plain, Worker
from evaluation.speed.stages import stage_seconds_of
from evaluation.speed.timing import in_turns, ratios, spread, timed
from evaluation.speed.workloads import SimulatedEmbedder, as_files, as_readings, spread_over, texts
from rag import Library
from rag.factories import DEFAULT_MODEL, embedder_for
from rag.models.base import Embedder
from rag.models.registry import named
from rag.query.syntax import plain as as_plain_search
from rag.retrieval import candidates
from vector_store.records import Match, Vectors

_PATHS = click.argument(
    "paths", nargs=-1, required=True, metavar="TEXTS...",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)  # fmt: skip
_PLOT = click.option("--plot", type=FILE, metavar="FILE", help="Write a plot as SVG.")
_MODEL = click.option("--model", default=DEFAULT_MODEL, show_default=True, metavar="NAME",
                      callback=lambda context, option, name: named(name),
                      help="The embedding model of all programs.")  # fmt: skip
_QUESTIONS = click.option(
    "--questions", "question_file", required=True, type=FILE, metavar="FILE",
    help='JSONL of questions, each with a "text".',
)  # fmt: skip
_PASSIVE = {"OMP_WAIT_POLICY": "PASSIVE"}


@click.group()
def speed() -> None:
    """Measure how fast Quoth indexes and answers."""


@speed.command()
@_PATHS
@click.option("--passages", type=click.IntRange(min=40), default=2_000, show_default=True)
@click.option("--rounds", type=click.IntRange(min=1), default=5, show_default=True)
@_MODEL
@JSON_OPTION
@_PLOT
def indexing(
    paths: tuple[Path, ...],
    passages: int,
    rounds: int,
    model: str,
    json_file: Path | None,
    plot: Path | None,
) -> None:
    """Index the same passages with Quoth, from files, and with sentence-transformers and FAISS."""
    sample = spread_over(paths, passages)
    with (
        tempfile.TemporaryDirectory(prefix="quoth-speed-") as scratch,
        Worker(partial(Indexing, model), {}) as quoth,
        Worker(partial(Plain, model), {}) as plain,
        Worker(partial(Plain, model), _PASSIVE) as passive,
    ):
        as_files(sample, Path(scratch) / "texts")
        seconds = in_turns(
            {
                "quoth": lambda: quoth("index", Path(scratch) / "texts"),
                "plain": lambda: plain("index", sample),
                "plain, OMP_WAIT_POLICY=PASSIVE": lambda: passive("index", sample),
            },
            rounds,
        )
    rates = {name: round(passages / statistics.median(times), 1) for name, times in seconds.items()}
    others = [name for name in seconds if name != "quoth"]
    print_json(
        json_file,
        {
            "model": model,
            "passages": passages,
            "rounds": rounds,
            "passages_a_second": rates,
            "times_as_fast_as": {name: ratios(seconds[name], seconds["quoth"]) for name in others},
        },
    )
    _write(plot, lambda: bars(rates, "passages a second"))


@speed.command()
@_PATHS
@_QUESTIONS
@click.option("--passages", type=click.IntRange(min=40), default=20_000, show_default=True)
@click.option(
    "--asked", "question_count", type=click.IntRange(min=1), default=300, show_default=True
)
@_MODEL
@JSON_OPTION
@_PLOT
def query(
    paths: tuple[Path, ...],
    question_file: Path,
    passages: int,
    question_count: int,
    model: str,
    json_file: Path | None,
    plot: Path | None,
) -> None:
    """Time each step of an answer, against embedding and an exact search alone."""
    sample = spread_over(paths, passages)
    questions = _read_questions(question_file, question_count)
    with _library(sample, model) as library, Worker(partial(Plain, model), _PASSIVE) as plain:
        vectors = library.embedder.embed_documents(sample)
        plain("fill", vectors)
        exact = _exact_search(library.embedder, vectors)
        library.ask(as_plain_search(questions[0]))
        seconds: dict[str, list[float]] = {}
        for question in questions:
            turns = {
                "embed and exact FAISS search": lambda q=question: timed(lambda: exact(q)),
                "the same by sentence-transformers": lambda q=question: plain("search", q),
            }
            baselines = in_turns(turns, 1, seed=len(question))
            for name, [baseline_seconds] in baselines.items():
                seconds.setdefault(name, []).append(baseline_seconds)
            for name, step_seconds in stage_seconds_of(library, question).items():
                seconds.setdefault(name, []).append(step_seconds)
    spreads = {name: spread(times) for name, times in seconds.items()}
    baseline = spreads["embed and exact FAISS search"].p50
    print_json(
        json_file,
        {
            "model": model,
            "passages": passages,
            "questions": len(questions),
            "milliseconds": spreads,
            "retrieval_over_embed_and_exact_search": round(spreads["retrieval"].p50 / baseline, 2),
            "whole_p99_over_p50": round(spreads["whole"].p99 / spreads["whole"].p50, 2),
        },
    )
    _write(plot, lambda: bars({name: s.p50 for name, s in spreads.items()}, "milliseconds, p50"))


@speed.command()
@click.option("--library", type=click.Path(exists=True, path_type=Path),
              help="Ask this library (default: the seed documents).")  # fmt: skip
@click.option("--question", default="Which subjects can students from Gaza study in Basra?")
@click.option("--rounds", type=click.IntRange(min=1), default=7, show_default=True)
@JSON_OPTION
def cold(library: Path | None, question: str, rounds: int, json_file: Path | None) -> None:
    """Ask from a fresh process, against the import of sentence-transformers alone."""
    options = [] if library is None else ["--library", str(library)]
    ask = [sys.executable, "-m", "rag", "ask", question, *options]
    import_other = [sys.executable, "-c", "import sentence_transformers"]
    subprocess.run(ask, capture_output=True, check=False)  # makes the library and fills disk caches
    seconds = in_turns(
        {
            "quoth ask": lambda: timed(lambda: _run_checked(ask, (0, 1))),
            "import sentence_transformers": lambda: timed(lambda: _run_checked(import_other, (0,))),
        },
        rounds,
    )
    print_json(
        json_file,
        {
            "rounds": rounds,
            "milliseconds": {name: spread(times) for name, times in seconds.items()},
            "times_as_fast": ratios(seconds["import sentence_transformers"], seconds["quoth ask"]),
        },
    )


@speed.command()
@_PATHS
@_QUESTIONS
@click.option("--up-to", type=click.IntRange(min=1_000), default=100_000, show_default=True)
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path),
              help="Keep the library here (default: a temporary folder).")  # fmt: skip
@JSON_OPTION
@_PLOT
def growth(
    paths: tuple[Path, ...],
    question_file: Path,
    up_to: int,
    folder: Path | None,
    json_file: Path | None,
    plot: Path | None,
) -> None:
    """Grow a library of real texts with simulated vectors, and ask it at every size.

    The texts are repeated when they run out. The sizes are 1,000, 3,000, 10,000 and so on.
    """
    powers = (1_000, 10_000, 100_000, 1_000_000)
    sizes = [factor * power for power in powers for factor in (1, 3) if factor * power < up_to]
    questions = _read_questions(question_file, 200)
    with tempfile.TemporaryDirectory(prefix="quoth-speed-") as scratch:
        library = folder or Path(scratch) / "library"
        points = growth_measurement.grow(library, paths, questions, [*sizes, up_to])
    print_json(json_file, {"vectors": "simulated from real ones", "sizes": points})
    steps = points[0].milliseconds
    _write(
        plot,
        lambda: curves(
            {
                step: [(point.passages, point.milliseconds[step].p50) for point in points]
                for step in steps
            },
            "passages",
            "milliseconds, p50",
        ),
    )


@speed.command()
@_PATHS
@_QUESTIONS
@click.option("--passages", type=click.IntRange(min=40), default=2_000, show_default=True)
@click.option(
    "--asked", "question_count", type=click.IntRange(min=1), default=200, show_default=True
)
@JSON_OPTION
def users(
    paths: tuple[Path, ...],
    question_file: Path,
    passages: int,
    question_count: int,
    json_file: Path | None,
) -> None:
    """Ask from 1, 2, 4, 8 and 16 threads at once."""
    questions = _read_questions(question_file, question_count)
    with _library(spread_over(paths, passages), DEFAULT_MODEL) as library:
        by_threads = {n: _ask_at_once(library, questions, n) for n in (1, 2, 4, 8, 16)}
    print_json(json_file, {"passages": passages, "threads": by_threads})


@speed.command()
@_PATHS
@_QUESTIONS
@click.option("--vectors", type=click.IntRange(min=10_000), default=200_000, show_default=True)
@JSON_OPTION
def indexes(
    paths: tuple[Path, ...], question_file: Path, vectors: int, json_file: Path | None
) -> None:
    """Compare FAISS index types on simulated vectors, with real questions."""
    from evaluation.speed import index_types

    real = embedder_for(DEFAULT_MODEL)
    simulated = SimulatedEmbedder(real, spread_over(paths, 8_000))
    cells = 1 << round(math.log2(4 * math.sqrt(vectors)))
    half = real.source.dimensions // 2
    types = index_types.compare(
        simulated.embed_documents([""] * vectors).astype(np.float16),
        real.embed_documents(_read_questions(question_file, 100)),
        {
            f"PQ{half}x4fs": {},
            "RaBitQfs": {},
            f"IVF{cells},PQ{half}x4fs": {"nprobe": cells // 16},
            f"IVF{cells},RaBitQfs": {"nprobe": cells // 16},
            "HNSW32,SQfp16": {"efSearch": index_types.PICKED},
        },
    )
    print_json(json_file, {"vectors": vectors, "picked": index_types.PICKED, "types": types})


def _ask_at_once(library: Library, questions: Sequence[str], threads: int) -> dict[str, Any]:
    start = time.perf_counter()
    with ThreadPoolExecutor(threads) as people:
        seconds = list(people.map(lambda question: timed(lambda: library.ask(question)), questions))
    rate = len(questions) / (time.perf_counter() - start)
    return {"questions_a_second": round(rate, 1), "milliseconds": spread(seconds)}


@contextmanager
def _library(sample: Sequence[str], model: str) -> Iterator[Library]:
    with tempfile.TemporaryDirectory(prefix="quoth-speed-") as folder:
        with Library.open(folder, model=model) as library:
            library.add_readings(as_readings(sample, 0))
        with Library.open(folder) as library:  # from the saved indexes, as a person would
            library.warm_up()
            yield library


def _exact_search(embedder: Embedder, vectors: Vectors) -> Callable[[str], list[Match]]:
    """Return the baseline of any dense retrieval: embed, and compare with all vectors."""
    import faiss

    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)

    def search(question: str) -> list[Match]:
        scores, rows = index.search(embedder.embed_query(question)[None], candidates.CANDIDATES)
        return [Match(int(i), float(s)) for i, s in zip(rows[0], scores[0], strict=True)]

    return search


def _read_questions(path: Path, count: int) -> list[str]:
    """Return at most `count` questions, spread over the file."""
    questions = list(texts([path]))
    return questions[:: max(1, len(questions) // count)][:count]


def _run_checked(command: Sequence[str], expected_statuses: tuple[int, ...]) -> None:
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    if process.returncode not in expected_statuses:
        raise click.ClickException(process.stderr)


def _write(path: Path | None, draw: Callable[[], str]) -> None:
    if path is not None:
        path.write_text(draw(), encoding="utf-8")


def main() -> None:
    """Run the command line of this module."""
    run(speed)
