"""Many people asking at once: python -m evaluation.serving.load [--people 50] [--seconds 60].

Starts `quoth chat` over the seed documents and asks their questions through its own route, each
person one after another without a pause; then the same questions in process. Told are the times,
their ratio, every refusal, and the server's memory meanwhile.
"""

import argparse
import asyncio
import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import httpx
import numpy as np

from evaluation.datasets.labels import seed_questions
from evaluation.serving.server import serving
from rag.default_library import open_to_ask


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured."""

    people: int
    seconds: float
    questions: int
    busy: int
    """Questions turned away since too many waited."""
    errors: int
    per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    in_process_per_second: float
    in_process_p50_ms: float
    ratio: float
    """Questions a second through the page's route, over those in process."""
    memory_mb: tuple[float, ...]
    """The server's, at the beginning and after each tenth."""


def measure(people: int, seconds: float, most: int | None = None) -> Figures:
    """Ask in a crowd for so long, or `most` questions, and then alone."""
    questions = seed_questions()
    alone = _in_process(questions, min(seconds, 20) / 2)
    with serving() as (address, process):
        asyncio.run(
            crowd(address, questions, 4, Until(5).is_reached)
        )  # the model and the threads warm
        until = Until(seconds, most, process.pid)
        began = time.perf_counter()
        found = asyncio.run(crowd(address, questions, people, until.is_reached))
        took_seconds = time.perf_counter() - began
    # Before and after, so that what else the machine does weighs on both alike.
    alone += _in_process(questions, min(seconds, 20) / 2)
    p50, p95, p99 = (float(np.percentile(found.took, p)) for p in (50, 95, 99))
    per_second = len(found.took) / took_seconds
    alone_per_second = 1_000 / float(np.mean(alone))
    return Figures(
        people,
        took_seconds,
        len(found.took),
        found.busy,
        found.errors,
        per_second,
        p50,
        p95,
        p99,
        alone_per_second,
        float(np.percentile(alone, 50)),
        per_second / alone_per_second,
        tuple(until.memory),
    )


@dataclass(slots=True)
class ResponseTimes:
    """What a crowd saw: milliseconds of each answer, and refusals."""

    took: list[float] = field(default_factory=list)
    busy: int = 0
    errors: int = 0


class Until:
    """When a crowd is done; meanwhile it notes the server's memory."""

    def __init__(self, seconds: float, most: int | None = None, process: int | None = None) -> None:
        """Stop after so many seconds or, if given, after `most` questions."""
        self._seconds, self._most, self._process = seconds, most, process
        self._began = time.perf_counter()
        self.memory: list[float] = []
        """Megabytes at the beginning and after each tenth."""

    def is_reached(self, questions: int) -> bool:
        """Tell whether it is, after so many questions."""
        if self._most is None:
            share = (time.perf_counter() - self._began) / self._seconds
        else:
            share = questions / self._most
        if self._process is not None and int(share * 10) >= len(self.memory):
            self.memory.append(memory_of(self._process))
        return share >= 1


async def crowd(
    address: str, questions: Sequence[str], people: int, until: Callable[[int], bool]
) -> ResponseTimes:
    """Ask through the page's route, each person one question after another without a pause.

    `until` is told how many were answered, and tells whether that is enough.
    """
    found = ResponseTimes()

    async def person(client: httpx.AsyncClient, number: int) -> None:
        at = number
        while not until(len(found.took)):
            began = time.perf_counter()
            asked = {"question": questions[at % len(questions)]}
            answer = await client.post(f"{address}/page/ask", json=asked)
            if answer.status_code == 200:
                found.took.append((time.perf_counter() - began) * 1_000)
            elif answer.status_code == 503:
                found.busy += 1
            else:
                found.errors += 1
            at += 1

    limits = httpx.Limits(max_connections=people, max_keepalive_connections=people)
    async with httpx.AsyncClient(limits=limits, timeout=60) as client:
        await asyncio.gather(*(person(client, number) for number in range(people)))
    return found


def _in_process(questions: Sequence[str], seconds: float) -> list[float]:
    took: list[float] = []
    with open_to_ask(None, None).library as library:
        for question in questions:
            library.ask(question)
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            for question in questions:
                began = time.perf_counter()
                library.ask(question)
                took.append((time.perf_counter() - began) * 1_000)
    return took


def memory_of(process: int) -> float:
    """Return a process's resident memory in megabytes, where the system tells it."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return float("nan")
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--people", type=int, default=50)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--questions", type=int, help="ask so many, however long it takes")
    options.add_argument("--json", type=Path, metavar="FILE")
    chosen = options.parse_args()
    figures = asdict(measure(chosen.people, chosen.seconds, chosen.questions))
    for name, figure in figures.items():
        if isinstance(figure, tuple):
            print(f"{name:24}", *(f"{value:.0f}" for value in figure))
        else:
            print(f"{name:24} {figure:,.2f}")
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
