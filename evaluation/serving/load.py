"""Measure the page under load: many people asking at once.

    python -m evaluation.serving.load [--people 50] [--seconds 60]

Starts `quoth chat` over the seed documents and asks the seed questions through the page's own
route, each person asking one after another without a pause; then asks the same questions in
process. Prints the times, their ratio, the refusals, and the server's memory throughout.
"""

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import click
import httpx
import numpy as np

from evaluation.cli import JSON_OPTION, run, write_json
from evaluation.serving.server import serving
from rag.default_library import open_to_ask, seed_questions

_IN_PROCESS_SECONDS = 20
"""At most; half of it before the load and half after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The results of one run."""

    people: int
    seconds: float
    questions: int
    """How many were answered."""
    busy: int
    """Questions refused because too many were waiting."""
    errors: int
    per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    in_process_per_second: float
    in_process_p50_ms: float
    ratio: float
    """Questions per second through the page's route, divided by those in process."""
    memory_mb: tuple[float, ...]
    """The server's memory at the start and after each tenth."""


def measure(people: int, seconds: float, max_questions: int | None = None) -> Figures:
    """Ask as a crowd, for some seconds or until `max_questions` are answered, and in process."""
    questions = seed_questions()
    in_process = _ask_in_process(questions, min(seconds, _IN_PROCESS_SECONDS) / 2)
    with serving() as (address, process):
        warm_up = Stop(5)  # loads the model and starts the threads
        asyncio.run(crowd(address, questions, 4, warm_up.is_reached))
        stop = Stop(seconds, max_questions, process.pid)
        start = time.perf_counter()
        responses = asyncio.run(crowd(address, questions, people, stop.is_reached))
        elapsed = time.perf_counter() - start
    # Before and after, so that other load on the machine affects both figures alike.
    in_process += _ask_in_process(questions, min(seconds, _IN_PROCESS_SECONDS) / 2)
    p50, p95, p99 = (float(np.percentile(responses.milliseconds, p)) for p in (50, 95, 99))
    per_second = len(responses.milliseconds) / elapsed
    in_process_per_second = 1_000 / float(np.mean(in_process))
    return Figures(
        people=people,
        seconds=elapsed,
        questions=len(responses.milliseconds),
        busy=responses.busy,
        errors=responses.errors,
        per_second=per_second,
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        in_process_per_second=in_process_per_second,
        in_process_p50_ms=float(np.percentile(in_process, 50)),
        ratio=per_second / in_process_per_second,
        memory_mb=tuple(stop.memory),
    )


@dataclass(slots=True)
class Responses:
    """The responses a crowd got: the time of each answer, and the number of refusals."""

    milliseconds: list[float] = field(default_factory=list)
    busy: int = 0
    errors: int = 0


class Stop:
    """When a crowd stops asking; samples the server's memory on the way."""

    def __init__(
        self, seconds: float, max_questions: int | None = None, process: int | None = None
    ) -> None:
        """Stop after `max_questions` answers if given, else after some seconds.

        With the id of a process, sample its memory.
        """
        self._seconds, self._max_questions, self._process = seconds, max_questions, process
        self._start = time.perf_counter()
        self.memory: list[float] = []
        """Megabytes at the start and after each tenth."""

    def is_reached(self, answered: int) -> bool:
        """Return whether to stop, after so many answers."""
        if self._max_questions is None:
            progress = (time.perf_counter() - self._start) / self._seconds
        else:
            progress = answered / self._max_questions
        if self._process is not None and int(progress * 10) >= len(self.memory):
            self.memory.append(resident_megabytes(self._process))
        return progress >= 1


async def crowd(
    address: str, questions: Sequence[str], people: int, is_done: Callable[[int], bool]
) -> Responses:
    """Ask through the page's route, each person one question after another without a pause.

    `is_done` takes the number of answers so far and returns whether that is enough.
    """
    responses = Responses()

    async def person(client: httpx.AsyncClient, number: int) -> None:
        while not is_done(len(responses.milliseconds)):
            start = time.perf_counter()
            body = {"question": questions[number % len(questions)]}
            response = await client.post(f"{address}/page/ask", json=body)
            if response.status_code == 200:
                responses.milliseconds.append((time.perf_counter() - start) * 1_000)
            elif response.status_code == 503:
                responses.busy += 1
            else:
                responses.errors += 1
            number += 1

    limits = httpx.Limits(max_connections=people, max_keepalive_connections=people)
    async with httpx.AsyncClient(limits=limits, timeout=60) as client:
        await asyncio.gather(*(person(client, number) for number in range(people)))
    return responses


def _ask_in_process(questions: Sequence[str], seconds: float) -> list[float]:
    """Return the milliseconds of each answer, after one round to warm up."""
    milliseconds: list[float] = []
    with open_to_ask(None, None).library as library:
        for question in questions:
            library.ask(question)
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            for question in questions:
                start = time.perf_counter()
                library.ask(question)
                milliseconds.append((time.perf_counter() - start) * 1_000)
    return milliseconds


def resident_megabytes(process: int) -> float:
    """Return a process's resident memory in megabytes; NaN where there is no /proc."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return float("nan")
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


@click.command()
@click.option("--people", default=50, show_default=True, help="How many ask at once.")
@click.option("--seconds", default=60.0, show_default=True, help="How long they ask.")
@click.option("--questions", type=int, help="Ask this many instead, however long it takes.")
@JSON_OPTION
def main(people: int, seconds: float, questions: int | None, json_file: Path | None) -> None:
    """Measure many people asking at once and print the figures."""
    figures = measure(people, seconds, questions)
    for name, figure in asdict(figures).items():
        if isinstance(figure, tuple):
            print(f"{name:24}", *(f"{value:.0f}" for value in figure))
        else:
            print(f"{name:24} {figure:,.2f}")
    write_json(json_file, figures)


if __name__ == "__main__":
    run(main)
