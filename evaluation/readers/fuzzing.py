"""What the readers make of broken files: real ones, mutated at random, through the worker.

    python -m evaluation.readers.fuzzing FOLDER [--mutants 300] [--seed 1]

Each mutant is a real file with bits flipped, bytes cut out, or a piece of another file put in.
Plain text is left out, for any bytes are a text of sorts. What must hold: every mutant is read or
refused with a sentence, no worker hangs, and one that crashes costs its own file only.
"""

import argparse
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from rag.errors import UnreadableFileError
from rag.formats.registry import KINDS
from rag.formats.worker import Limits, Worker

_LARGEST = 2 << 20  # bytes; beyond this a mutant shows nothing new and takes long
_SECONDS = 20.0


def mutants(folder: Path, count: int, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Give mutated files, their names first: kinds take turns, files and mutations by chance."""
    by_kind: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix.lower() in KINDS and path.stat().st_size <= _LARGEST:
            by_kind.setdefault(path.suffix.lower(), []).append(path)
    kinds = sorted(by_kind)
    for number in range(count if kinds else 0):
        paths = by_kind[kinds[number % len(kinds)]]
        path = chance.choice(paths)
        other = chance.choice(paths).read_bytes()
        data = bytearray(path.read_bytes())
        for _ in range(chance.choice((1, 2, 8))):
            chance.choice(_MUTATIONS)(data, other, chance)
        yield path.name, bytes(data)


def _flip(data: bytearray, other: bytes, chance: random.Random) -> None:
    for _ in range(min(len(data), chance.choice((1, 16, 256)))):
        at = chance.randrange(len(data))
        data[at] ^= 1 << chance.randrange(8)


def _cut(data: bytearray, other: bytes, chance: random.Random) -> None:
    start = chance.randrange(len(data) + 1)
    del data[start : start + chance.choice((1, 64, len(data)))]


def _splice(data: bytearray, other: bytes, chance: random.Random) -> None:
    start, at = chance.randrange(len(other) + 1), chance.randrange(len(data) + 1)
    data[at:at] = other[start : start + chance.choice((16, 1024, 65536))]


def _repeat(data: bytearray, other: bytes, chance: random.Random) -> None:
    start = chance.randrange(len(data) + 1)
    piece = data[start : start + chance.choice((4, 256))]
    data[start:start] = piece * chance.choice((2, 100))


_MUTATIONS: tuple[Callable[[bytearray, bytes, random.Random], None], ...] = (
    _flip, _cut, _splice, _repeat,
)  # fmt: skip


def run(folder: Path, count: int, seed: int) -> tuple[Counter[str], int, int]:
    """Read `count` mutants; return how many came to what, processes started and peak MiB."""
    outcomes: Counter[str] = Counter()
    chance = random.Random(seed)
    with Worker(Limits(seconds=_SECONDS)) as worker:
        for name, data in mutants(folder, count, chance):
            try:
                worker.read(name, data)
                outcomes["read"] += 1
            except UnreadableFileError as error:
                outcomes[_kind_of_refusal(str(error))] += 1
        return outcomes, worker.started, worker.peak


def _kind_of_refusal(reason: str) -> str:
    for sign, outcome in (
        ("crashed", "crashed, and nothing else with it"),
        ("longer than", "timed out"),
        ("more memory", "took too much memory"),
        ("in a variant that is not supported", "refused: the reader raised an error"),
    ):
        if sign in reason:
            return outcome
    return "refused: " + reason.partition(" (")[0].partition(": ")[0]


def main() -> None:
    """Read mutants and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mutants", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    started = time.perf_counter()
    outcomes, processes, peak = run(given.folder, given.mutants, given.seed)
    for outcome, count in outcomes.most_common():
        print(f"{count:6}  {outcome}")
    print(
        f"{outcomes.total()} mutants in {time.perf_counter() - started:.1f} s; {processes} "
        f"processes; at most {peak} MiB"
    )


if __name__ == "__main__":
    main()
