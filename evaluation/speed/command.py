"""How fast Quoth is: `python -m evaluation.speed COMMAND TEXTS...`; `--help` tells the commands.

TEXTS are JSONL files, plain or gzipped, each line with a "text": real paragraphs. What is compared
takes turns in one run; every command prints JSON, and writes it, and a plot, where asked to.
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

from evaluation.report.charts import bars, curves
from evaluation.speed import growth as growing
from evaluation.speed.competitors import Indexing, Plain, Worker
from evaluation.speed.stages import stage_seconds
from evaluation.speed.timing import in_turns, ratios, spread, timed, write_json
from evaluation.speed.workloads import SimulatedEmbedder, as_files, as_readings, spread_over, texts
from rag import Library
from rag.errors import QuothError
from rag.factories import DEFAULT_MODEL, embedder_for
from rag.models.base import Embedder
from rag.models.registry import named
from rag.retrieval import candidates
from vector_store.records import Match, Vectors

_PATHS = click.argument(
    "paths", nargs=-1, required=True, metavar="TEXTS...",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)  # fmt: skip
_FILE = click.Path(dir_okay=False, path_type=Path)
_JSON = click.option("--json", "json_file", type=_FILE, metavar="FILE", help="Write the figures.")
_PLOT = click.option("--plot", type=_FILE, metavar="FILE", help="Write a plot, as SVG.")
_MODEL = click.option("--model", default=DEFAULT_MODEL, show_default=True, metavar="NAME",
                      callback=lambda context, option, name: named(name),
                      help="The model that all run.")  # fmt: skip
_QUESTIONS = click.option(
    "--questions", "question_file", required=True, type=_FILE, metavar="FILE",
    help='JSONL of questions, each with a "text".',
)  # fmt: skip
_PASSIVE = {"OMP_WAIT_POLICY": "PASSIVE"}


@click.group()
def speed() -> None:
    """Measure how fast Quoth is."""


@speed.command()
@_PATHS
@click.option("--passages", type=click.IntRange(min=40), default=2_000, show_default=True)
@click.option("--rounds", type=click.IntRange(min=1), default=5, show_default=True)
@_MODEL
@_JSON
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
    found = spread_over(paths, passages)
    with (
        tempfile.TemporaryDirectory(prefix="quoth-speed-") as made,
        Worker(partial(Indexing, model), {}) as quoth,
        Worker(partial(Plain, model), {}) as plain,
        Worker(partial(Plain, model), _PASSIVE) as passive,
    ):
        as_files(found, Path(made) / "texts")
        seconds = in_turns(
            {
                "quoth": lambda: quoth("index", Path(made) / "texts"),
                "plain": lambda: plain("index", found),
                "plain, OMP_WAIT_POLICY=PASSIVE": lambda: passive("index", found),
            },
            rounds,
        )
    rates = {name: round(passages / statistics.median(s), 1) for name, s in seconds.items()}
    others = [name for name in seconds if name != "quoth"]
    write_json(
        json_file,
        {
            "model": model,
            "passages": passages,
            "rounds": rounds,
            "passages_a_second": rates,
            "times_as_fast_as": {n: ratios(seconds[n], seconds["quoth"]) for n in others},
        },
    )
    _write(plot, lambda: bars(rates, "passages a second"))


@speed.command()
@_PATHS
@_QUESTIONS
@click.option("--passages", type=click.IntRange(min=40), default=20_000, show_default=True)
@click.option("--asked", type=click.IntRange(min=1), default=300, show_default=True)
@_MODEL
@_JSON
@_PLOT
def query(
    paths: tuple[Path, ...],
    question_file: Path,
    passages: int,
    asked: int,
    model: str,
    json_file: Path | None,
    plot: Path | None,
) -> None:
    """Time each step of an answer, against embedding and an exact search alone."""
    found, questions = spread_over(paths, passages), _questions(question_file, asked)
    with _library(found, model) as library, Worker(partial(Plain, model), _PASSIVE) as plain:
        vectors = library.embedder.embed_documents(found)
        plain("fill", vectors)
        exact = _exact_search(library.embedder, vectors)
        library.ask(questions[0])
        seconds: dict[str, list[float]] = {}
        for question in questions:
            turns = {
                "embed and exact FAISS search": lambda q=question: timed(lambda: exact(q)),
                "the same by sentence-transformers": lambda q=question: plain("search", q),
            }
            alone = {name: one for name, [one] in in_turns(turns, 1, seed=len(question)).items()}
            for name, one in {**alone, **stage_seconds(library, question)}.items():
                seconds.setdefault(name, []).append(one)
    spreads = {name: spread(took) for name, took in seconds.items()}
    least = spreads["embed and exact FAISS search"].p50
    write_json(
        json_file,
        {
            "model": model,
            "passages": passages,
            "questions": len(questions),
            "milliseconds": spreads,
            "retrieval_over_embed_and_exact_search": round(spreads["retrieval"].p50 / least, 2),
            "whole_p99_over_p50": round(spreads["whole"].p99 / spreads["whole"].p50, 2),
        },
    )
    _write(plot, lambda: bars({n: s.p50 for n, s in spreads.items()}, "milliseconds, p50"))


@speed.command()
@click.option("--library", type=click.Path(exists=True, path_type=Path),
              help="Ask this library (default: the seed documents).")  # fmt: skip
@click.option("--question", default="Which subjects can students from Gaza study in Basra?")
@click.option("--rounds", type=click.IntRange(min=1), default=7, show_default=True)
@_JSON
def cold(library: Path | None, question: str, rounds: int, json_file: Path | None) -> None:
    """Ask from a fresh process, against the import of sentence-transformers alone."""
    own = [] if library is None else ["--library", str(library)]
    ask = [sys.executable, "-m", "rag", "ask", question, *own]
    load = [sys.executable, "-c", "import sentence_transformers"]
    subprocess.run(ask, capture_output=True, check=False)  # makes the library, fills disk caches
    seconds = in_turns(
        {
            "quoth ask": lambda: timed(lambda: _run(ask, (0, 1))),
            "import sentence_transformers": lambda: timed(lambda: _run(load, (0,))),
        },
        rounds,
    )
    write_json(
        json_file,
        {
            "rounds": rounds,
            "milliseconds": {name: spread(took) for name, took in seconds.items()},
            "times_as_fast": ratios(seconds["import sentence_transformers"], seconds["quoth ask"]),
        },
    )


@speed.command()
@_PATHS
@_QUESTIONS
@click.option("--up-to", type=click.IntRange(min=1_000), default=100_000, show_default=True)
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path),
              help="Keep the library here (default: a temporary folder).")  # fmt: skip
@_JSON
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

    A text that runs out is taken again. Sizes go by 1, 3, 10 and so on, from 1,000.
    """
    sizes = [s * t for t in (1_000, 10_000, 100_000, 1_000_000) for s in (1, 3) if s * t < up_to]
    with tempfile.TemporaryDirectory(prefix="quoth-speed-") as made:
        points = growing.grow(
            folder or Path(made) / "library", paths, _questions(question_file, 200), [*sizes, up_to]
        )
    write_json(json_file, {"vectors": "simulated from real ones", "sizes": points})
    steps = points[0].milliseconds
    _write(
        plot,
        lambda: curves(
            {n: [(p.passages, p.milliseconds[n].p50) for p in points] for n in steps},
            "passages",
            "milliseconds, p50",
        ),
    )


@speed.command()
@_PATHS
@_QUESTIONS
@click.option("--passages", type=click.IntRange(min=40), default=2_000, show_default=True)
@click.option("--asked", type=click.IntRange(min=1), default=200, show_default=True)
@_JSON
def users(
    paths: tuple[Path, ...], question_file: Path, passages: int, asked: int, json_file: Path | None
) -> None:
    """Ask from 1, 2, 4, 8 and 16 threads at once."""
    questions = _questions(question_file, asked)
    with _library(spread_over(paths, passages), DEFAULT_MODEL) as library:
        found = {n: _at_once(library, questions, n) for n in (1, 2, 4, 8, 16)}
    write_json(json_file, {"passages": passages, "threads": found})


@speed.command()
@_PATHS
@_QUESTIONS
@click.option("--vectors", type=click.IntRange(min=10_000), default=200_000, show_default=True)
@_JSON
def indexes(
    paths: tuple[Path, ...], question_file: Path, vectors: int, json_file: Path | None
) -> None:
    """Compare FAISS index types on simulated vectors, with real questions."""
    from evaluation.speed import index_types

    real = embedder_for(DEFAULT_MODEL)
    simulated = SimulatedEmbedder(real, spread_over(paths, 8_000))
    cells = 1 << round(math.log2(4 * math.sqrt(vectors)))
    half = real.source.dimensions // 2
    found = index_types.compare(
        simulated.embed_documents([""] * vectors).astype(np.float16),
        real.embed_documents(_questions(question_file, 100)),
        {
            f"PQ{half}x4fs": {},
            "RaBitQfs": {},
            f"IVF{cells},PQ{half}x4fs": {"nprobe": cells // 16},
            f"IVF{cells},RaBitQfs": {"nprobe": cells // 16},
            "HNSW32,SQfp16": {"efSearch": index_types.PICKED},
        },
    )
    write_json(json_file, {"vectors": vectors, "picked": index_types.PICKED, "types": found})


def _at_once(library: Library, questions: Sequence[str], threads: int) -> dict[str, Any]:
    start = time.perf_counter()
    with ThreadPoolExecutor(threads) as people:
        took = list(people.map(lambda question: timed(lambda: library.ask(question)), questions))
    rate = len(questions) / (time.perf_counter() - start)
    return {"questions_a_second": round(rate, 1), "milliseconds": spread(took)}


@contextmanager
def _library(found: Sequence[str], model: str) -> Iterator[Library]:
    with tempfile.TemporaryDirectory(prefix="quoth-speed-") as made:
        with Library.open(made, model=model) as library:
            library.add_readings(as_readings(found, 0))
        with Library.open(made) as library:  # from the saved indexes, as a person would
            library.warm_up()
            yield library


def _exact_search(embedder: Embedder, vectors: Vectors) -> Callable[[str], list[Match]]:
    """Return the least that any dense retrieval does: embed, and compare all vectors."""
    import faiss

    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)

    def search(question: str) -> list[Match]:
        scores, rows = index.search(embedder.embed_query(question)[None], candidates.CANDIDATES)
        return [Match(int(i), float(s)) for i, s in zip(rows[0], scores[0], strict=True)]

    return search


def _questions(path: Path, most: int) -> list[str]:
    found = list(texts([path]))
    return found[:: max(1, len(found) // most)][:most]


def _run(command: Sequence[str], expected: tuple[int, ...]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in expected:
        raise click.ClickException(done.stderr)


def _write(path: Path | None, draw: Callable[[], str]) -> None:
    if path is not None:
        path.write_text(draw(), encoding="utf-8")


def main() -> None:
    """Run the command; end with a message where it is refused."""
    try:
        speed()
    except QuothError as error:
        sys.exit(f"quoth: {error}")
