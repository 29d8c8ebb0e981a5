"""Fuzz the file readers: real files, mutated at random, read by the worker process.

    python -m evaluation.readers.fuzzing FOLDER [--mutants 300] [--seed 1]

Each mutant is a real file with bits flipped, bytes cut out or repeated, or a piece of another file
inserted. Plain text is left out, since any bytes are valid text. Expected of every mutant: it is
read or refused with a message, the worker does not hang, and a crash affects that file only.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from evaluation.cli import FOLDER, run
from rag.errors import UnreadableFileError
from rag.formats.registry import KINDS
from rag.formats.worker import Limits, Worker

_MAX_BYTES = 2 << 20  # larger mutants take long and show nothing new
_READ_SECONDS = 20.0


def mutants(folder: Path, count: int, rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the names and bytes of mutated files: kinds take turns, the rest is random."""
    by_kind: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix.lower() in KINDS and path.stat().st_size <= _MAX_BYTES:
            by_kind.setdefault(path.suffix.lower(), []).append(path)
    kinds = sorted(by_kind)
    for number in range(count if kinds else 0):
        paths = by_kind[kinds[number % len(kinds)]]
        path = rng.choice(paths)
        other = rng.choice(paths).read_bytes()
        data = bytearray(path.read_bytes())
        for _ in range(rng.choice((1, 2, 8))):
            rng.choice(_MUTATIONS)(data, other, rng)
        yield path.name, bytes(data)


def _flip(data: bytearray, other: bytes, rng: random.Random) -> None:
    for _ in range(min(len(data), rng.choice((1, 16, 256)))):
        at = rng.randrange(len(data))
        data[at] ^= 1 << rng.randrange(8)


def _cut(data: bytearray, other: bytes, rng: random.Random) -> None:
    start = rng.randrange(len(data) + 1)
    del data[start : start + rng.choice((1, 64, len(data)))]


def _splice(data: bytearray, other: bytes, rng: random.Random) -> None:
    start, at = rng.randrange(len(other) + 1), rng.randrange(len(data) + 1)
    data[at:at] = other[start : start + rng.choice((16, 1024, 65536))]


def _repeat(data: bytearray, other: bytes, rng: random.Random) -> None:
    start = rng.randrange(len(data) + 1)
    piece = data[start : start + rng.choice((4, 256))]
    data[start:start] = piece * rng.choice((2, 100))


_MUTATIONS: tuple[Callable[[bytearray, bytes, random.Random], None], ...] = (
    _flip, _cut, _splice, _repeat,
)  # fmt: skip


def read_mutants(folder: Path, count: int, seed: int) -> tuple[Counter[str], int, int]:
    """Read `count` mutants; return the outcomes, the processes started and the peak MiB."""
    outcomes: Counter[str] = Counter()
    rng = random.Random(seed)
    with Worker(Limits(seconds=_READ_SECONDS)) as worker:
        for name, data in mutants(folder, count, rng):
            try:
                worker.read(name, data)
                outcomes["read"] += 1
            except UnreadableFileError as error:
                outcomes[_outcome(str(error))] += 1
        return outcomes, worker.started, worker.peak


def _outcome(reason: str) -> str:
    for words, outcome in (
        ("crashed", "crashed, and nothing else with it"),
        ("longer than", "timed out"),
        ("more memory", "took too much memory"),
        ("in a variant that is not supported", "refused: the reader raised an error"),
    ):
        if words in reason:
            return outcome
    return "refused: " + reason.partition(" (")[0].partition(": ")[0]


@click.command()
@click.argument("folder", type=FOLDER)
@click.option("--mutants", "count", default=300, show_default=True, help="How many to read.")
@click.option("--seed", default=1, show_default=True, help="Seed of the random numbers.")
def main(folder: Path, count: int, seed: int) -> None:
    """Read random mutants of the files in FOLDER and print the outcomes."""
    start = time.perf_counter()
    outcomes, processes, peak_mib = read_mutants(folder, count, seed)
    for outcome, number in outcomes.most_common():
        print(f"{number:6}  {outcome}")
    print(
        f"{outcomes.total()} mutants in {time.perf_counter() - start:.1f} s; {processes} "
        f"processes; at most {peak_mib} MiB"
    )


if __name__ == "__main__":
    run(main)
